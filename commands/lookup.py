"""``sftc rule`` and ``sftc schema``: what there is to read about codes and formats."""

import sys
from typing import Annotated

import typer

from .. import report, schemas
from .streams import put, show, usage


def rule(
    code: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="A code, for example SFT211.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Explain every code.")] = False,
) -> None:
    """Explain a code: what it means, and how to write it instead."""
    if all_ == (code is not None):
        usage("name one code, or use --all")
    if all_:
        show(report.book(), sys.stdout)
        return
    from ..diagnostics.catalogue import CODES

    entry = CODES.get(str(code).upper())
    if entry is None:
        usage(f"there is no code {code}; `sftc rule --all` shows every one")
    show(report.page(entry), sys.stdout)


def schema(
    name: Annotated[
        schemas.Name,
        typer.Argument(metavar="NAME", help=f"The format: {', '.join(schemas.Name)}."),
    ],
) -> None:
    """Print the JSON Schema of a format, for editors and other tools."""
    put(schemas.text(name).decode())
