"""``sftc lint``."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import __version__, report
from ..diagnostics import printable
from ..diagnostics.words import printable_lines
from ..disk import files
from ..report import Format
from ..workspace.linting import Linted, lint_file
from ..workspace.workers import each
from .options import Configs, Findings, Strict
from .streams import colour, configs_at, emit, fails, put, say, settings, usage, write

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
    """Say what is wrong with configs, where, and what to write instead.

    The exit code is 1 if there is an error, or with --strict a warning. TOML files that are
    no fine-tuning configs are passed over with a note.
    """
    settled = settings()
    select, ignore = select or list(settled.select), ignore or list(settled.ignore)
    if select or ignore:
        _check_codes([*select, *ignore])
    sources: dict[str, str] = {}
    found: list[Diagnostic] = []
    changed = False
    job = partial(lint_file, mend=fix or diff, unsafe=unsafe_fixes, select=select, ignore=ignore)
    for linted in each(job, configs_at(configs, settled).configs):
        changed |= bool(linted.applied)
        if diff:
            _show_patch(linted)
        elif fix:
            _write_fixed(linted)
        found += linted.diagnostics
        sources[linted.name] = linted.after
    if diff:
        found = [diagnostic for diagnostic in found if diagnostic.unreadable]
    # What goes to standard output is the patch, or the text of standard input, and that alone.
    taken = diff or (fix and files.STDIN in configs)
    text = (form is Format.TEXT or diff) and not statistics
    stream = sys.stderr if text or taken else sys.stdout
    strict = strict or settled.strict
    emit(
        report.statistics(found)
        if statistics
        else report.render(
            Format.TEXT if diff else form,
            found,
            sources,
            colour=colour(stream),
            version=__version__,
            strict=strict,
        ),
        stream,
    )
    failed = changed if diff else False
    failed |= fails(found, strict=strict)
    raise typer.Exit(1 if failed and not exit_zero else 0)


def _show_patch(linted: Linted) -> None:
    """Write a patch as programs take it, to the byte; at a terminal, escaped."""
    patch = report.unified_diff(linted.before, linted.after, linted.name)
    if sys.stdout.isatty():
        typer.echo(printable_lines(patch), nl=False)
    else:
        put(patch)


def _write_fixed(linted: Linted) -> None:
    if linted.config == files.STDIN:
        put(linted.after)
    elif linted.applied:
        write(Path(linted.config), linted.after.encode())
    for diagnostic in linted.applied:
        title = diagnostic.fix.title if diagnostic.fix else ""
        say(f"{printable(diagnostic.file)}: fixed {diagnostic.code}: {title}")


def _check_codes(chosen: Sequence[str]) -> None:
    from ..diagnostics.catalogue import CODES

    for prefix in chosen:
        if not any(code.startswith(prefix.upper()) for code in CODES):
            usage(f"no code begins with {prefix}")
