"""``sftc data diff``."""

import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from .. import report
from ..report import Format, TextOrJson
from .streams import colour, put, show, usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..diagnostics import Finding


def diff(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="A JSONL dataset, also *.gz and *.zst.")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The one to compare it with.")],
    form: Annotated[
        TextOrJson,
        typer.Option("--format", help="json has the lines of all rows; text shows the first."),
    ] = Format.TEXT,
    max_rows: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="Show at most N added, N removed and N changed rows."
        ),
    ] = 10,
) -> None:
    """Compare datasets by content: rows added, removed and changed.

    Where a row stands does not matter, nor how its JSON is written. The exit code is 0 if the rows
    are the same, 1 if they are not, and 2 if a file cannot be read.
    """
    from ..datasets import STDIN, Unreadable, size, unreadable
    from ..datasets.comparing import compare
    from .progress import progress

    if STDIN in {old, new}:
        usage("rows are looked at more than once, but standard input comes once: name a file")
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
