"""``sftc lint``."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import __version__, report
from ..diagnostics import printable
from ..disk import files
from ..disk.writing import is_stream
from ..report import Format
from ..workspace.contents import Found
from ..workspace.linting import Linted, Task, lint_file
from ..workspace.scopes import Scopes
from ..workspace.workers import each
from . import codes
from .kinds import Kind, refuse_others
from .options import Configs, Findings, Strict
from .streams import (
    colour,
    configs_at,
    emit,
    exit_code,
    fails,
    put,
    roots,
    say,
    say_artifacts,
    say_skipped,
    usage,
    write,
)

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic
    from ..disk.gate import Gate

Codes = Annotated[
    list[str],
    typer.Option(
        metavar="CODE", help="Report only these codes, names or prefixes (SFT2); repeatable."
    ),
]


def lint(
    configs: Configs = [],  # noqa: B006 - typer copies it
    form: Findings = Format.TEXT,
    fix: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes to the files.")] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option(
            "--unsafe-fixes",
            help="With --fix or --diff: also apply fixes that may change what the job does.",
        ),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Print what --fix would change as a patch; change no file."),
    ] = False,
    select: Codes = [],  # noqa: B006 - typer copies it
    ignore: Annotated[
        list[str],
        typer.Option(metavar="CODE", help="Leave out these codes, names or prefixes; repeatable."),
    ] = [],  # noqa: B006 - typer copies it
    strict: Strict = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 even if there are errors.")
    ] = False,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Print how often each code was found instead.")
    ] = False,
) -> None:
    """Find and fix problems in configs.

    Each finding has a place and a code, which `sftc rule CODE` explains, and many have a fix.
    TOML files that are not fine-tuning configs are skipped with a note.

    Exit codes: 0 no errors; 1 errors, or warnings with --strict; 2 wrong usage or unreadable
    input.
    """
    select, ignore = codes.chosen(select), codes.chosen(ignore)
    refuse_others(configs, Kind.CONFIG)
    if fix and not diff:
        _check_files(configs)
    scopes = Scopes()
    at = configs_at(configs, scopes)
    tasks = [_task(config, at, scopes, select, ignore, strict) for config in at.configs]
    sources: dict[str, str] = {}
    found: list[Diagnostic] = [*scopes.problems, *at.problems]
    failed = bool(found)
    skipped: list[str] = []
    changed = False
    job = partial(lint_file, mend=fix or diff, unsafe=unsafe_fixes)
    for task, linted in zip(tasks, each(job, tasks), strict=True):
        changed |= bool(linted.applied)
        if diff:
            _show_patch(linted)
        elif fix:
            _write_fixed(linted)
        if linted.foreign:
            skipped.append(linted.name)
            continue
        found += linted.diagnostics
        failed |= fails(linted.diagnostics, strict=task.strict)
        sources[linted.name] = linted.after
    if diff:
        problems = {*scopes.problems, *at.problems}
        found = [one for one in found if one.unreadable or one in problems]
        failed = changed or fails(found, strict=False)
    # What goes to standard output is the patch, or the text of standard input, and that alone.
    taken = diff or (fix and files.STDIN in configs)
    text = (form is Format.TEXT or diff) and not statistics
    stream = sys.stderr if text or taken else sys.stdout
    emit(
        report.statistics(found)
        if statistics
        else report.render(
            Format.TEXT if diff else form,
            found,
            sources,
            colour=colour(stream),
            version=__version__,
            strict={files.shown_name(task.config) for task in tasks if task.strict},
            roots=roots(),
        ),
        stream,
    )
    say_artifacts(at)
    say_skipped(skipped)
    raise typer.Exit(exit_code(found, at.named, failed=failed and not exit_zero))


def _task(
    config: str,
    at: Found,
    scopes: Scopes,
    select: Sequence[str],
    ignore: Sequence[str],
    strict: bool,  # noqa: FBT001 - an option
) -> Task:
    scope, named = scopes.of(config), config in at.named
    if config == files.STDIN:
        data: tuple[Gate, ...] = ()
    else:  # `compile --pin CONFIG` starts from here, all else from the settings
        data = (scope.data, scope.data.from_here()) if named else (scope.data,)
    return Task(
        config,
        None if named else scope.gate,
        select or scope.settings.select,
        ignore or scope.settings.ignore,
        strict or scope.settings.strict,
        data,
    )


def _show_patch(linted: Linted) -> None:
    put(report.unified_diff(linted.before, linted.after, linted.name))


def _write_fixed(linted: Linted) -> None:
    if linted.config == files.STDIN:
        put(linted.after)
    elif linted.applied:
        write(Path(linted.config), linted.after.encode())
    for diagnostic in linted.applied:
        title = diagnostic.fix.title if diagnostic.fix else ""
        say(f"{printable(diagnostic.file)}: fixed {diagnostic.code}: {title}")


def _check_files(configs: Sequence[str]) -> None:
    """Refuse to fix what can be read once, and cannot be replaced."""
    for config in configs:
        if config != files.STDIN and is_stream(Path(config)):
            usage(
                f"--fix cannot rewrite {config}: it is no regular file; `-` prints the fixed text"
            )
