"""``sftc data convert``."""

from enum import StrEnum
from typing import Annotated

import typer

from ..report import Format
from .kinds import Kind, refuse_others
from .rewriting import Abandon, MostErrors, SourceFile, Summary, target, tell, writer
from .streams import exit_code


class From(StrEnum):
    """The formats that can be converted."""

    SHAREGPT = "sharegpt"
    ALPACA = "alpaca"
    PROMPT_COMPLETION = "prompt-completion"
    OPENAI_LEGACY = "openai-legacy"


def convert(
    name: SourceFile,
    source: Annotated[From, typer.Option("--from", help="The format of the dataset.")],
    out: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The file to write; `-` is standard output."
        ),
    ] = "-",
    skip_errors: Annotated[
        bool,
        typer.Option(
            "--skip-errors", help="Leave out rows that have errors instead of writing nothing."
        ),
    ] = False,
    max_errors: MostErrors = 20,
    form: Summary = Format.TEXT,
) -> None:
    """Convert rows of other formats.

    No key is lost: what is not part of the conversation moves to the row's `metadata` and is
    reported. If a row cannot be converted, or the result would not pass `sftc data`, nothing is
    written; with --skip-errors, such rows are left out.

    Exit codes: 0 converted; 1 rows have errors, or with --skip-errors none is left; 2 wrong
    usage or unreadable input.
    """
    refuse_others([name], Kind.DATASET, Kind.PAYLOAD, folders=False)
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
    failed = not (result.valid or wanted)
    raise typer.Exit(exit_code(result.diagnostics, [name], failed=failed))
