"""``sftc data convert``."""

from enum import StrEnum
from typing import Annotated

import typer

from ..report import Format
from .rewriting import Abandon, MostErrors, SourceFile, Summary, target, tell, writer


class From(StrEnum):
    """The formats that can be converted."""

    SHAREGPT = "sharegpt"
    ALPACA = "alpaca"
    PROMPT_COMPLETION = "prompt-completion"
    OPENAI_LEGACY = "openai-legacy"


def convert(
    name: SourceFile,
    source: Annotated[From, typer.Option("--from", help="The format of the file.")],
    out: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="OUT", help="The file to write; `-` is standard output."
        ),
    ] = "-",
    skip_errors: Annotated[
        bool,
        typer.Option("--skip-errors", help="Write OUT without the rows that have errors."),
    ] = False,
    max_errors: MostErrors = 20,
    form: Summary = Format.TEXT,
) -> None:
    """Convert a dataset of another format to rows of ours.

    Every key of a row is kept: what is no part of the conversation goes to its `metadata`, and is
    reported. Rows that cannot be converted, or would not pass `sftc data`, are errors: the exit
    code is 1, and OUT is not written. With --skip-errors it is written, and the exit code is 0
    if any row is left.
    """
    from ..datasets import size
    from ..datasets.converting import convert as convert_file
    from ..report import conversion
    from .progress import progress

    path = target(name, out)
    written = False
    with writer(path) as write:
        with progress(name, size(name)) as bar:
            result = convert_file(name, source.value, write, most=max_errors, progress=bar)
        written = result.valid or (skip_errors and result.complete)
        if not written:
            raise Abandon
    facts = result.facts()
    text = conversion.converted(facts)
    tell(form, path, facts, text, result.diagnostics, result.unseen, written=written)
    wanted = skip_errors and result.complete and result.written > 0
    raise typer.Exit(0 if result.valid or wanted else 1)
