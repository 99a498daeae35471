"""Write the tables of docs/training.md from the mapping: ``make docs``.

With ``--check`` it writes nothing, and fails if they are not current.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sftc.diagnostics import KeyPath
from sftc.payloads import fields
from sftc.training.recipe.forwarded import expected, takes
from sftc.training.recipe.keys import KEYS

PAGE: Final = Path(__file__).parent.parent / "docs" / "training.md"


def keys() -> Iterator[str]:
    """Yield the table of the payload's fields."""
    yield "| field | becomes | how, or why not |"
    yield "|---|---|---|"
    for path, key in KEYS.items():
        becomes = ", ".join(f"`{name}`" for name in key.becomes) or "–"
        yield f"| `{shown(path)}` | {becomes} | {key.words} |"


def shown(path: KeyPath) -> str:
    """Return a field without the tables that all of its neighbours are in."""
    for table in (fields.HYPERPARAMETERS, fields.EFFECTIVE_CONFIG):
        if path[: len(table)] == table:
            path = path[len(table) :]
    return ".".join(map(str, path))


def forwarded() -> Iterator[str]:
    """Yield the table of what a payload may set beyond its schema."""
    yield "| hyperparameter | takes | not set | |"
    yield "|---|---|---|---|"
    for name, said in takes().items():
        default = f"`{json.dumps(said['default'])}`" if "default" in said else "–"
        yield f"| `{name}` | {expected(said)} | {default} | {said['description']} |"


def main() -> None:
    """Put each table between its marks."""
    before = page = PAGE.read_text("utf-8")
    for name, lines in (("keys", keys()), ("forwarded", forwarded())):
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        above, rest = page.split(start)
        page = "".join((above, start, *(f"{line}\n" for line in lines), end, rest.split(end)[1]))
    if "--check" in sys.argv:
        sys.exit(0 if page == before else "docs/training.md is not current: run: make docs")
    PAGE.write_text(page, "utf-8")


main()
