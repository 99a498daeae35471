"""``sftc lift``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .. import report, schemas
from ..diagnostics import Diagnostic
from ..disk import files
from ..disk.writing import is_stream
from ..report import Format
from .streams import colour, put, show, usage, write


def lift(
    name: Annotated[
        str, typer.Argument(metavar="JOB.json", help="A payload, or REV:path; `-`: standard input.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the config to FILE."),
    ] = None,
    comments: Annotated[
        bool, typer.Option("--comments", help="Describe each key in a comment.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
) -> None:
    """Write the config that compiles to a payload, to bring it under review.

    The exit code is 0 if it compiles to the payload byte for byte, and 1 if there are fields
    that no config can express; each is named, and the rest is written.
    """
    from ..review import read_payload
    from ..review.lifting import lift_payload
    from ..workspace.sides import read

    if output is not None and output.exists() and not (force or is_stream(output)):
        usage(f"{output} exists; --force overwrites it")
    data = read(name)
    shown = files.shown_name(name)
    payload = (data,) if isinstance(data, Diagnostic) else read_payload(data, shown)
    if isinstance(payload, tuple):
        _report(payload)
        raise typer.Exit(1)
    lifted = lift_payload(payload, shown, described=comments)
    if output is None:
        put(lifted.text)
    else:
        _write(output, lifted.text)
    _report(lifted.diagnostics)
    raise typer.Exit(0 if lifted.exact else 1)


def _write(output: Path, text: str) -> None:
    """Write a config, and beside a file the schema that its first line names, if it is missing."""
    from ..writer import SCHEMA_FILE

    write(output, text.encode())
    schema = output.with_name(SCHEMA_FILE)
    if not is_stream(output) and not schema.exists():
        write(schema, schemas.text("config"))


def _report(found: "list[Diagnostic] | tuple[Diagnostic, ...]") -> None:
    show(report.render(Format.TEXT, found, {}, colour=colour(sys.stderr)), sys.stderr)
