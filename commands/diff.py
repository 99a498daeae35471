"""``sftc diff``."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from .. import report
from ..diagnostics import Diagnostic
from ..disk.files import STDIN
from ..report import ComparisonFormat, Format
from ..workspace.scopes import Scopes
from .kinds import Kind, refuse_others
from .streams import colour, put, show, usage

if TYPE_CHECKING:
    from ..review import Comparison, Side


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD",
            help="A config, a payload, or REV:PATH in git. A revision alone: everything changed "
            "since its merge base with HEAD. A..B and A...B work as in git.",
        ),
    ],
    new: Annotated[
        str | None,
        typer.Argument(metavar="[NEW]", help="A config, a payload, REV:PATH or a revision."),
    ] = None,
    form: Annotated[
        ComparisonFormat,
        typer.Option("--format", help="Text, JSON, or Markdown for a pull request."),
    ] = Format.TEXT,
    max_length: Annotated[
        int,
        typer.Option(
            min=1000,
            metavar="N",
            help="Longest Markdown, in characters; what is left out is counted.",
        ),
    ] = 60_000,  # GitHub takes 65,536 in a comment
) -> None:
    """Compare payloads, configs or branches.

    Shows what changed in the payloads, which lines of the configs caused it, and what it means
    for the run. Key order and formatting are ignored.

    Exit codes: 0 no difference; 1 a difference; 2 a side cannot be read or compiled.
    """
    refuse_others([name for name in (old, new or "") if _is_file(name)], Kind.CONFIG, Kind.PAYLOAD)
    from .. import review

    if new is not None and (_is_file(old) or _is_file(new)):
        comparisons = [_between(old, new)]
    elif new is None and _is_file(old):
        usage(f"name a second file to compare {old} with")
    else:
        comparisons = _states(old, new, Scopes())
    text = review.render(form, comparisons, colour=colour(sys.stdout), max_length=max_length)
    if form is Format.TEXT:
        show(text, sys.stdout)
    else:
        put(text)
    broken = [diagnostic for comparison in comparisons for diagnostic in comparison.broken]
    if broken:
        _give_up(broken)
    raise typer.Exit(1 if any(comparison.is_change for comparison in comparisons) else 0)


def _between(old: str, new: str) -> "Comparison":
    from .. import review
    from ..workspace.sides import open_side

    sides: list[Side] = []
    problems: list[Diagnostic] = []
    for name in (old, new):
        side = open_side(name)
        if isinstance(side, review.Side):
            sides.append(side)
        else:
            problems += side
    if problems:
        _give_up(problems)
    return review.Comparison(sides[0], sides[1])


def _states(old: str, new: str | None, scopes: Scopes) -> "list[Comparison]":
    """Return what differs between two states of the repository."""
    from ..workspace.asking import GitError
    from ..workspace.branches import compare, read_range
    from ..workspace.git import Git

    try:
        repository = Git.here()
        found = compare(repository, read_range(repository, old, new), scopes)
    except GitError as error:
        usage(str(error))
    if scopes.problems:
        _give_up(scopes.problems)
    return found


def _is_file(name: str) -> bool:
    """Whether a name is meant as that of a file, here or in git, and not of a revision."""
    is_path = name == STDIN or ":" in name or name.endswith((".toml", ".json"))
    return is_path or (os.path.lexists(name) and not os.path.isdir(name))  # noqa: PTH112 - a text


def _give_up(problems: Sequence[Diagnostic]) -> NoReturn:
    show(report.render(Format.TEXT, problems, {}, colour=colour(sys.stderr)), sys.stderr)
    raise typer.Exit(2)
