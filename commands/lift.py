"""``sftc lift``."""

from pathlib import Path
from typing import Annotated

import typer

from .. import schemas
from ..diagnostics import Diagnostic
from ..disk import files
from ..disk.writing import is_stream
from ..report import Format
from .kinds import Kind, refuse_others
from .options import FindingsAs, Source, Strict
from .streams import exit_code, fails, put, usage, write


def lift(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PAYLOAD",
            help="A payload, another system's config, or REV:PATH in git; `-` reads standard "
            "input.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the config to FILE. Default: standard output.",
        ),
    ] = None,
    comments: Annotated[
        bool, typer.Option("--comments", help="Describe each key in a comment.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
    source: Source = None,
    gpu_type: Annotated[
        str | None,
        typer.Option(metavar="GPU", help="The GPU, if another system's config does not name it."),
    ] = None,
    findings: FindingsAs = Format.TEXT,
    strict: Strict = False,
) -> None:
    """Turn a payload back into a config.

    The config compiles to the same payload, byte for byte. Fields that no config can express
    are reported, and the rest is written.

    Configs of other systems are lifted too; `sftc targets` lists the systems. Each key is
    carried over or reported at its line.

    Exit codes: 0 nothing was lost, or of another system's config, no errors; 1 fields could not
    be expressed, or nothing could be lifted; 2 wrong usage or unreadable input.
    """
    refuse_others([name], Kind.PAYLOAD, Kind.CONFIG, folders=False)
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
        usage("--gpu-type is for configs of other systems; a payload names its GPU")
    payload = (data,) if isinstance(data, Diagnostic) else read_payload(data, shown)
    if isinstance(payload, tuple):
        say_found(payload, {}, findings)
        raise typer.Exit(exit_code(payload, [name], failed=True))
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
