"""How Sphinx builds the documentation: ``make docs`` writes it into ``build/docs``.

Nothing is fetched while it is built or read: no fonts, scripts or inventories of others.
"""

import re
from pathlib import Path
from typing import Any

import sftc

project = "sftc"
author = "the sftc authors"
version = release = sftc.__version__

extensions = ["myst_parser"]

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_title = f"sftc {version}"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0f5ea8", "color-brand-content": "#0f5ea8"},
    "dark_css_variables": {"color-brand-primary": "#7cb8f2", "color-brand-content": "#7cb8f2"},
}
html_favicon = "../backend/page/icon.svg"
html_copy_source = False  # the sources are in the repository
html_show_sphinx = False
html_show_copyright = False
smartquotes = False  # `--models` in a table is no dash

myst_heading_anchors = 4  # as GitHub makes them, so that links work there and here
myst_links_external_new_tab = False
suppress_warnings = [
    "misc.highlighting_failure",  # a bad example of a finding may be no TOML, which is its point
    "toc.empty_glob",  # a group of pages may be empty
]
nitpicky = True


_LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)\)")


def without_folders(app: Any, name: str, source: list[str]) -> None:
    """Leave the text of links to the repository's folders, which only GitHub shows."""
    folder = Path(app.env.doc2path(name)).parent

    def left(link: re.Match[str]) -> str:
        return link[1] if (folder / link[2]).is_dir() else link[0]

    source[0] = _LINK.sub(left, source[0])


def setup(app: Any) -> None:
    """Have each page read that way."""
    app.connect("source-read", without_folders)
