"""Write ``docs/reference`` from the code: ``python -m sftc.tools.docs``.

With ``--check`` it writes nothing, and fails if a page is missing, stale or left behind.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from .command_pages import commands
from .config_page import config
from .finding_page import findings
from .format_page import formats
from .http_page import http
from .python_page import python, python_types
from .settings_page import serve, settings

_FOLDER: Final = Path(__file__).parents[2] / "docs" / "reference"
_PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "commands.md": commands,
    "config.md": config,
    "findings.md": findings,
    "formats.md": formats,
    "http.md": http,
    "python.md": python,
    "python-types.md": python_types,
    "serve.md": serve,
    "settings.md": settings,
}


def main() -> None:
    """Write each page that is not current, and remove what is no page."""
    wanted = {_FOLDER / name: make() for name, make in _PAGES.items()}
    there = {path: path.read_text("utf-8") for path in _FOLDER.glob("*.md")}
    stale = sorted(path for path in {*wanted, *there} if wanted.get(path) != there.get(path))
    if "--check" in sys.argv:
        names = ", ".join(path.name for path in stale)
        sys.exit(f"not current in docs/reference: {names}; run: make docs" if stale else 0)
    for path in stale:
        if path in wanted:
            path.write_text(wanted[path], "utf-8")
        else:
            path.unlink()


main()
