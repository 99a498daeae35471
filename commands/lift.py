"""``sftc lift``."""

from pathlib import Path
from typing import Annotated

import typer

from .. import schemas
from ..diagnostics import Diagnostic
from ..disk import files
from ..disk.writing import is_stream
from ..report import Format
from .options import FindingsAs, Source, Strict
from .streams import fails, put, usage, write


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
    source: Source = None,
    gpu_type: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The GPU, which few configs of other systems say."),
    ] = None,
    findings: FindingsAs = Format.TEXT,
    strict: Strict = False,
) -> None:
    """Write the config that compiles to a payload, to bring it under review.

    The exit code is 0 if it compiles to the payload byte for byte, and 1 if there are fields
    that no config can express; each is named, and the rest is written.

    The config of another system is lifted, too: with --from, or where its keys say whose it is.
    Each of its keys is carried over or named, at its line. The exit code is then 1 if it is no
    job of ours or cannot be read, or if --strict meets a warning; nothing is written then.
    """
    from ..review import read_payload
    from ..review.lifting import lift_payload
    from ..workspace.sides import read
    from .porting import is_foreign, lifted, say_found

    if output is not None and output.exists() and not (force or is_stream(output)):
        usage(f"{output} exists; --force overwrites it")
    data = read(name)
    shown = files.shown_name(name)
    if isinstance(data, bytes) and (source or is_foreign(data, shown)):
        ported = lifted(data, source, name=shown, gpu_type=gpu_type, described=comments)
        failed = ported.text is None or fails(ported.diagnostics, strict=strict)
        if ported.text is not None and not failed:
            _put(output, ported.text)
        say_found(ported.diagnostics, {shown: data.decode("utf-8", "replace")}, findings)
        raise typer.Exit(1 if failed else 0)
    if gpu_type is not None:
        usage("--gpu-type is for the config of another system; a payload says its GPU")
    payload = (data,) if isinstance(data, Diagnostic) else read_payload(data, shown)
    if isinstance(payload, tuple):
        say_found(payload, {}, findings)
        raise typer.Exit(1)
    job = lift_payload(payload, shown, described=comments)
    failed = strict and fails(job.diagnostics, strict=True)
    if not failed:
        _put(output, job.text)
    say_found(job.diagnostics, {}, findings)
    raise typer.Exit(0 if job.exact and not failed else 1)


def _put(output: Path | None, text: str) -> None:
    if output is None:
        put(text)
    else:
        _write(output, text)


def _write(output: Path, text: str) -> None:
    """Write a config, and beside a file the schema that its first line names, if it is missing."""
    from ..writer import SCHEMA_FILE

    write(output, text.encode())
    schema = output.with_name(SCHEMA_FILE)
    if not is_stream(output) and not schema.exists():
        write(schema, schemas.text("config"))
