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
from .options import Configs, Findings, Strict
from .streams import (
    colour,
    configs_at,
    emit,
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

Codes = Annotated[
    list[str],
    typer.Option(metavar="CODE", help="Only these codes, or prefixes such as SFT2; repeatable."),
]


def lint(
    configs: Configs = [],  # noqa: B006 - typer copies it
    form: Findings = Format.TEXT,
    fix: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option(help="With --fix or --diff: fixes that change the meaning, too.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")
    ] = False,
    select: Codes = [],  # noqa: B006 - typer copies it
    ignore: Annotated[
        list[str], typer.Option(metavar="CODE", help="All but these codes or prefixes; repeatable.")
    ] = [],  # noqa: B006 - typer copies it
    strict: Strict = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 whatever is found.")
    ] = False,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count the findings by code instead.")
    ] = False,
) -> None:
    """Report problems in configs, with their places and what to write instead.

    The exit code is 1 if there is an error, or with --strict a warning. Other TOML files are
    skipped with a note.
    """
    _check_codes([*select, *ignore])
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
    raise typer.Exit(1 if failed and not exit_zero else 0)


def _task(
    config: str,
    at: Found,
    scopes: Scopes,
    select: Sequence[str],
    ignore: Sequence[str],
    strict: bool,  # noqa: FBT001 - an option
) -> Task:
    scope = scopes.of(config)
    return Task(
        config,
        None if config in at.named else scope.gate,
        select or scope.settings.select,
        ignore or scope.settings.ignore,
        strict or scope.settings.strict,
        None if config == files.STDIN else scope.data,
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
            usage(f"{config} is not a file that --fix can rewrite; `-` prints the fixed text")


def _check_codes(chosen: Sequence[str]) -> None:
    if not chosen:
        return
    from ..diagnostics.catalogue import begins_a_code

    for prefix in chosen:
        if not begins_a_code(prefix):
            usage(f"no code begins with {prefix}")
