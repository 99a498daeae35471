"""The reference of the command line: what each command prints with ``--help``."""

import os
from collections.abc import Iterator
from typing import Any, Final

import typer
from typer.core import TyperGroup

from sftc.cli import app

from .markdown import fenced, page

_ABOUT: Final = """\
What each command prints with `--help`. All of them share their exit codes: 0 fine; \
1 findings or, for `diff`, a difference; 2 wrong usage, or an input that cannot be read; 3 the \
backend or the network failed; 70 a bug of sftc."""
_WIDTH: Final = 80


def commands() -> str:
    """Return the page."""
    os.environ["COLUMNS"] = str(_WIDTH)
    group: Any = typer.main.get_command(app)
    return page("Commands", _ABOUT, _sections(group, "sftc", None))


def _sections(command: Any, name: str, above: Any) -> Iterator[str]:
    context = command.make_context(
        name.rsplit(maxsplit=1)[-1], [], parent=above, resilient_parsing=True, terminal_width=_WIDTH
    )
    yield f"## {name}"
    yield ""
    yield from fenced("text", command.get_help(context))
    if isinstance(command, TyperGroup):
        for below in command.list_commands(context):
            inner = command.get_command(context, below)
            yield from _sections(inner, f"{name} {below}", context)
