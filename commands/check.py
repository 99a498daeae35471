"""``sftc check``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import __version__, report
from ..report import Format
from ..workspace.scopes import Scopes
from .options import DataRoot, Findings, OutDir, Strict
from .streams import colour, configs_at, emit, fails, place, say_written, usage, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..workspace.pairs import Checked


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
    prune: Annotated[
        bool, typer.Option("--prune", help="With --write: delete artifacts that have no config.")
    ] = False,
    data_root: DataRoot = None,
    form: Findings = Format.TEXT,
    strict: Strict = False,
) -> None:
    """Check that each artifact is what its config compiles to, byte for byte.

    Pins are verified against any dataset present. The exit code is 1 if an artifact was not
    current, whether it was then written or not.
    """
    from ..workspace.checking import check as check_all  # it loads the compiler and the datasets

    if prune and not write_:
        usage("--prune deletes artifacts: it goes with --write")
    scopes = Scopes(out_dir, data_root)
    found = configs_at(paths, scopes)
    try:
        checked = check_all(found, scopes)
    except ValueError as error:
        usage(str(error))
    problems = [*scopes.problems, *found.problems]
    diagnostics = [*problems, *(d for one in checked for d in one.diagnostics)]
    failed = bool(problems) or any(
        fails(one.diagnostics, strict=strict or scopes.of(one.artifact).settings.strict)
        for one in checked
    )
    written = _write(checked, scopes) if write_ else []
    deleted = _delete(checked, scopes) if prune else []
    stream = sys.stderr if form is Format.TEXT else sys.stdout
    emit(
        report.render(
            form,
            diagnostics,
            _sources(checked),
            colour=colour(stream),
            version=__version__,
            strict=strict or all(scope.settings.strict for scope in scopes.known),
        ),
        stream,
    )
    say_written(written)
    say_written(deleted, "Deleted")
    raise typer.Exit(1 if failed else 0)


def _write(checked: "Iterable[Checked]", scopes: Scopes) -> list[str]:
    """Write the artifacts that are not current, and return their names."""
    stale = [(one.artifact, one.expected) for one in checked if one.expected is not None]
    for artifact, expected in stale:
        write(place(artifact, scopes.of(artifact).gate), expected)
    return [artifact for artifact, _ in stale]


def _delete(checked: "Iterable[Checked]", scopes: Scopes) -> list[str]:
    """Delete the artifacts that have no config, and return their names."""
    orphans = [one.artifact for one in checked if one.orphan]
    for artifact in orphans:
        place(artifact, scopes.of(artifact).gate)
        Path(artifact).unlink(missing_ok=True)  # of a link, the link alone
    return orphans


def _sources(checked: "Iterable[Checked]") -> dict[str, str]:
    """Return the files that were looked at, with the texts of those that findings are about."""
    texts = {
        name: text if one.diagnostics else b""
        for one in checked
        for name, text in ((one.config, one.source), (one.artifact, one.text or b""))
    }
    return {name: text.decode("utf-8", "replace") for name, text in texts.items()}
