"""``sftc data``."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .. import __version__, report
from ..report import FindingsFormat, Format
from .streams import colour, put, show

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic


def data(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE", help="JSONL datasets, also *.gz and *.zst; `-` is standard input."
        ),
    ],
    form: Annotated[
        FindingsFormat,
        typer.Option(
            "--format", help="text and json also say what each file holds; the others, findings."
        ),
    ] = Format.TEXT,
    max_errors: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="Show at most N errors of each file, and as many warnings and notes; equal "
            "findings of many rows are one.",
        ),
    ] = 20,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Show every finding of every row, equal ones too."),
    ] = False,
    like: Annotated[
        Literal["reference"] | None,
        typer.Option(help="Give the verdicts of the reference client, which are laxer."),
    ] = None,
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
    from ..datasets import ALLOWED_BY_REFERENCE, measure, size
    from .progress import progress

    valid = True
    findings: list[Diagnostic] = []
    most = None if everything else max_errors
    allowed = ALLOWED_BY_REFERENCE if like else frozenset()
    files: list[str] = []
    for name in names:
        with progress(name, size(name)) as bar:
            measured = measure(
                name, head=examples, most=most, allowed=allowed, jobs=jobs, progress=bar
            )
        valid &= measured.valid
        found, facts = measured.diagnostics, measured.facts()
        findings += found
        files.append(measured.file)
        shown = ""
        if form is Format.TEXT:
            shown = report.render(form, found, {}, colour=colour(sys.stderr))
        if form is not Format.JSON:
            show(shown + report.unseen(measured.unseen), sys.stderr)
        if form is Format.TEXT:
            show(report.dataset(form, facts, found, histogram=sys.stdout.isatty()), sys.stdout)
        elif form is Format.JSON:
            put(report.dataset(form, facts, found))
    if form is not Format.TEXT and form is not Format.JSON:
        # The texts of datasets are not kept, and no format that is left shows lines of them.
        put(report.render(form, findings, dict.fromkeys(files, ""), version=__version__))
    raise typer.Exit(0 if valid else 1)
