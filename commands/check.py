"""``sftc check``."""

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import __version__, report
from ..diagnostics import codes
from ..report import Format
from ..workspace.scopes import Scopes
from .kinds import Kind, refuse_others
from .options import DataRoot, Findings, OutDir, Strict
from .streams import (
    Written,
    colour,
    configs_at,
    emit,
    exit_code,
    fails,
    roots,
    say_skipped,
    say_written,
    usage,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from ..workspace.pairs import Checked


def check(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="[PATH]...",
            help="Configs, artifacts or folders. Default: those that the nearest settings name, "
            "otherwise all in the repository.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    out_dir: OutDir = None,
    write_: Annotated[
        bool, typer.Option("--write", help="Bring outdated artifacts up to date.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="With --write: delete artifacts that have no config.")
    ] = False,
    data_root: DataRoot = None,
    form: Findings = Format.TEXT,
    strict: Strict = False,
) -> None:
    """Check that artifacts are up to date.

    An artifact is up to date if it is byte for byte what its config compiles to. Pins are
    verified against any dataset present.

    Exit codes: 0 all up to date; 1 some were not, even if --write updated them; 2 wrong usage
    or unreadable input.
    """
    refuse_others(paths, Kind.CONFIG, Kind.PAYLOAD)
    from ..workspace.checking import check as check_all  # it loads the compiler and the datasets

    if prune and not write_:
        usage("--prune needs --write")
    scopes = Scopes(out_dir, data_root)
    found = configs_at(paths, scopes)
    try:
        checked = check_all(found, scopes)
    except ValueError as error:
        usage(str(error))
    strictly = {
        name
        for one in checked
        for name in (one.config, one.artifact)
        if strict or scopes.of(one.artifact or one.config).settings.strict
    }
    if write_:
        checked = [_with_losses(one, scopes) for one in checked]
    written = Written(scopes)
    for files in _to_write(checked, strictly) if write_ else ():
        written.put(files)
    deleted = _delete(checked, scopes) if prune else []
    problems = [*scopes.problems, *found.problems, *written.problems]
    failed = bool(problems) or any(
        fails(one.diagnostics, strict=one.artifact in strictly) for one in checked
    )
    stream = sys.stderr if form is Format.TEXT else sys.stdout
    shown = report.render(
        form,
        [*problems, *(found for one in checked for found in one.diagnostics)],
        _sources(checked),
        colour=colour(stream),
        version=__version__,
        strict=strictly,
        roots=roots(),
    )
    emit(shown, stream)
    say_skipped([one.config for one in checked if one.foreign and not one.diagnostics])
    say_written(written.names)
    say_written(deleted, "Deleted")
    every = [*problems, *(found for one in checked for found in one.diagnostics)]
    raise typer.Exit(exit_code(every, found.named, failed=failed))


def _with_losses(one: "Checked", scopes: Scopes) -> "Checked":
    """Return what came of an artifact, with what its text will not express once it is written."""
    if not one.losses:
        return one
    from ..workspace.porting import losses_chosen  # few settings name targets

    losses = losses_chosen(one.losses, scopes.of(one.config).settings)
    return replace(one, diagnostics=(*one.diagnostics, *losses))


def _to_write(
    checked: "Iterable[Checked]", strictly: "Container[str]"
) -> "Iterator[dict[str, bytes]]":
    """Yield the artifacts to be written, by config: its payload and its texts for other systems.

    A config has none if a target has no such job or, taken strictly, loses something of it; or
    if one of its artifacts cannot be read, so that not all could be written.
    """
    files: dict[str, dict[str, bytes]] = {}
    refused = set()
    for one in checked:
        of_targets = [found for found in one.diagnostics if found.code.startswith(codes.OF_TARGETS)]
        closed = one.expected is None and any(found.unreadable for found in one.diagnostics)
        if closed or fails(of_targets, strict=one.artifact in strictly):
            refused.add(one.config)
        if one.expected is not None:
            files.setdefault(one.config, {})[one.artifact] = one.expected
    return (found for config, found in files.items() if config not in refused)


def _delete(checked: "Iterable[Checked]", scopes: Scopes) -> list[str]:
    """Delete the artifacts that have no config, and return their names."""
    orphans = [one.artifact for one in checked if one.orphan]
    for artifact in orphans:
        with suppress(FileNotFoundError):
            Path(scopes.of(artifact).gate.entry(artifact)).unlink()
    return orphans


def _sources(checked: "Iterable[Checked]") -> dict[str, str]:
    """Return the files that were looked at, with the texts of those that findings are about."""
    texts = {
        name: text if one.diagnostics else b""
        for one in checked
        for name, text in ((one.config, one.source), (one.artifact, one.text or b""))
        if not one.foreign or one.diagnostics
    }
    return {name: text.decode("utf-8", "replace") for name, text in texts.items()}
