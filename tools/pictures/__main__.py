"""Make the pictures of the documentation: ``make pictures``.

``python -m sftc.tools.pictures [--models DIR] [NAME…]`` makes those that are named, or all. A
picture of a training needs the extra ``train``, and a folder of models as ``make demo-train`` makes
it; it takes minutes, since the training is real.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from . import scenes
from .scenes import ROOT, Scene
from .svg import terminal
from .terminal import COLUMNS

_FOLDER: Final = ROOT / "docs" / "pictures"
_SCENES: Final[Mapping[str, Callable[[Path], Scene]]] = {
    "lint": scenes.lint,
    "plan": scenes.plan,
    "diff": scenes.diff,
    "compile": scenes.compile_,
}
_FOLLOW: Final = "follow"
_MOST: Final = 150_000
"""Bytes of a picture."""


def main() -> None:
    """Make pictures, each in a folder of its own."""
    parser = argparse.ArgumentParser(prog="pictures", description=__doc__)
    parser.add_argument("--models", type=Path, default=ROOT / ".venv" / "models")
    parser.add_argument("names", nargs="*", metavar="NAME", default=[*_SCENES, _FOLLOW])
    given = parser.parse_args()
    for name in given.names:
        with tempfile.TemporaryDirectory() as folder:
            if name == _FOLLOW:
                title, lines = _followed(Path(folder), given.models.absolute())
            else:
                title, lines = _SCENES[name](Path(folder))
        (_FOLDER / f"{name}.svg").write_text(terminal(title, lines, COLUMNS), "utf-8")
    for path in _FOLDER.iterdir():
        if path.stat().st_size > _MOST:
            sys.exit(f"{path.name} is larger than {_MOST:,} bytes")


def _followed(folder: Path, models: Path) -> Scene:
    """Return a training that is followed, and take pictures of its page."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))  # the tests drive the same browser
    from .training import followed

    pages = {"light": _FOLDER / "page.png", "dark": _FOLDER / "page-dark.png"}
    return followed(folder, models, pages)


main()
