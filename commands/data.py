"""``sftc data``."""

import sys
from typing import Annotated

import typer

from .. import report
from ..report import DataFormat, Format
from .streams import colour, put, show


def data(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE", help="JSONL datasets, also *.gz and *.zst; `-` is standard input."
        ),
    ],
    form: Annotated[
        DataFormat, typer.Option("--format", help="For people, or one JSON object a file.")
    ] = DataFormat.TEXT,
    max_errors: Annotated[
        int, typer.Option(metavar="N", min=0, help="Show at most N findings of each file.")
    ] = 20,
    examples: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Look at the first N rows only.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Threads that share the work; by default all cores."),
    ] = None,
) -> None:
    """Check, measure and pin datasets.

    The exit code is 0 when all are valid, 1 when one is not; warnings are allowed.
    """
    from ..datasets import measure, size
    from .progress import progress

    valid = True
    for name in names:
        with progress(name, size(name)) as bar:
            measured = measure(name, head=examples, most=max_errors, jobs=jobs, progress=bar)
        valid &= measured.valid
        found, facts = measured.diagnostics, measured.facts()
        if form is DataFormat.TEXT:
            shown = report.render(Format.TEXT, found, {}, colour=colour(sys.stderr))
            show(shown + report.unseen(measured.unseen), sys.stderr)
        text = report.dataset(form, facts, found, histogram=sys.stdout.isatty())
        if form is DataFormat.TEXT:
            show(text, sys.stdout)
        else:
            put(text)
    raise typer.Exit(0 if valid else 1)
