"""``sftc data diff``."""

import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from .. import report
from ..report import Format, TextOrJson
from .kinds import Kind, refuse_others
from .streams import colour, put, show, usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..diagnostics import Finding


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A JSONL dataset, also .gz or .zst.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The dataset to compare it with.")],
    form: Annotated[
        TextOrJson,
        typer.Option(
            "--format", help="Text shows the first rows that differ; JSON has the lines of all."
        ),
    ] = Format.TEXT,
    max_rows: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="Show at most N added, N removed and N changed rows."
        ),
    ] = 10,
) -> None:
    """Compare two datasets row by row.

    Shows rows added, removed and changed. The order of rows and the formatting of their JSON
    are ignored.

    Exit codes: 0 no difference; 1 a difference; 2 wrong usage or unreadable input.
    """
    refuse_others([old, new], Kind.DATASET, Kind.PAYLOAD, folders=False)
    from ..datasets import STDIN, Unreadable, size, unreadable
    from ..datasets.comparing import compare
    from .progress import progress

    if STDIN in {old, new}:
        usage("a comparison reads each file more than once: name files instead of `-`")
    problems = [(name, finding) for name in (old, new) if (finding := unreadable(name))]
    if problems:
        _give_up(problems)
    try:
        with progress("both files", (size(old) or 0) + (size(new) or 0)) as bar:
            difference = compare(old, new, progress=bar)
        facts, shown = difference.facts(), difference.shown(max_rows)
    except Unreadable as error:
        _give_up([(old, error.finding)])
    text = report.dataset_difference(form, facts, shown, colour=colour(sys.stdout))
    if form is Format.TEXT:
        show(text, sys.stdout)
    else:
        put(text)
    raise typer.Exit(1 if difference else 0)


def _give_up(problems: "Sequence[tuple[str, Finding]]") -> NoReturn:
    """Say what is wrong with files, unless a finding knows its place better, and exit with 2."""
    from ..diagnostics.catalogue import diagnose

    found = [diagnose(finding, name) for name, finding in problems]
    show(report.render(Format.TEXT, found, {}, colour=colour(sys.stderr)), sys.stderr)
    raise typer.Exit(2)
