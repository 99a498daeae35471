"""``sftc check``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .. import __version__, report
from ..diagnostics import Diagnostic, printable
from ..disk import files
from ..report import Format
from .options import Findings, OutDir, Strict
from .streams import colour, emit, fails, say, settings, usage, write


def check(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="[PATH]...",
            help="Configs, artifacts, or folders of them. None: those of the repository.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    out_dir: OutDir = None,
    write_: Annotated[
        bool, typer.Option("--write", help="Write the artifacts that are not current.")
    ] = False,
    form: Findings = Format.TEXT,
    strict: Strict = False,
) -> None:
    """Say which artifacts are not what their configs compile to now, byte for byte.

    Pins are held to the data where it is there. The exit code is 1 if an artifact was not
    current, whether it was then written or not.
    """
    from ..workspace.checking import check as check_all
    from ..workspace.contents import find

    settled = settings()
    rule = settled.rule(out_dir)
    found = find(paths, settled, rule)
    if paths and not (found.configs or found.artifacts):
        usage(f"there are no configs or artifacts in {', '.join(paths)}")
    try:
        checked = check_all(found, rule, pin=settled.pin)
    except ValueError as error:
        usage(str(error))
    diagnostics = [diagnostic for one in checked for diagnostic in one.diagnostics]
    stale = [one for one in checked if one.expected is not None]
    sources = _sources(diagnostics)
    if write_:
        for one in stale:
            write(Path(one.pair.artifact), one.expected or b"")
    stream = sys.stderr if form is Format.TEXT else sys.stdout
    strict = strict or settled.strict
    emit(
        report.render(
            form, diagnostics, sources, colour=colour(stream), version=__version__, strict=strict
        ),
        stream,
    )
    if write_ and stale:
        say(f"Wrote {', '.join(printable(one.pair.artifact) for one in stale)}.")
    raise typer.Exit(1 if fails(diagnostics, strict=strict) else 0)


def _sources(diagnostics: list[Diagnostic]) -> dict[str, str]:
    """Return the texts of the files that findings are about."""
    data = {name: files.read_artifact(name) for name in {d.file for d in diagnostics}}
    return {k: v.decode("utf-8", "replace") for k, v in data.items() if isinstance(v, bytes)}
