"""``sftc diff``."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from .. import report
from ..diagnostics import Diagnostic
from ..report import ComparisonFormat, Format
from .streams import colour, put, settings, usage

if TYPE_CHECKING:
    from ..review import Comparison, Side


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD",
            help="A payload, a config, or REV:path; or a revision alone, for all that has "
            "changed since HEAD and it went apart.",
        ),
    ],
    new: Annotated[
        str | None, typer.Argument(metavar="[NEW]", help="A payload, a config, or REV:path.")
    ] = None,
    form: Annotated[
        ComparisonFormat, typer.Option("--format", help="For people, programs, or a pull request.")
    ] = Format.TEXT,
) -> None:
    """Say what differs between two payloads, which lines cause it, and what it means.

    Order and layout never show up. The exit code is 0 when nothing differs, 1 when something
    does, and 2 when a side cannot be read or compiled.
    """
    from .. import review

    comparisons = _since(old) if new is None else [_between(old, new)]
    text = review.render(form, comparisons, colour=colour(sys.stdout))
    if form is Format.TEXT:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        put(text)
    broken = [diagnostic for comparison in comparisons for diagnostic in comparison.broken]
    if broken:
        _give_up(broken)
    raise typer.Exit(1 if any(comparison.changes for comparison in comparisons) else 0)


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


def _since(revision: str) -> "list[Comparison]":
    from ..workspace.branches import compare_since
    from ..workspace.git import RevisionError, is_revision

    if not is_revision(revision):
        usage(f"`{revision}` is no revision; two sides are compared, or all since a revision")
    try:
        return compare_since(revision, settings().rule())
    except RevisionError as error:
        usage(str(error))


def _give_up(problems: Sequence[Diagnostic]) -> NoReturn:
    sys.stderr.write(report.render(Format.TEXT, problems, {}, colour=colour(sys.stderr)))
    raise typer.Exit(2)
