"""``sftc data show``."""

import re
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from .. import report
from ..report import Format, RowsFormat
from .configured import model_and_length
from .kinds import Kind, refuse_others
from .options import ChatTemplate
from .streams import colour, exit_code, put, say, usage
from .streams import show as show_text

if TYPE_CHECKING:
    from ..datasets.tokens import ShownRow

_RANGE: Final = re.compile(r"([1-9]\d{0,17})(?:-([1-9]\d{0,17}))?")


def show(
    name: Annotated[
        str, typer.Argument(metavar="DATASET", help="A JSONL dataset, also .gz or .zst.")
    ],
    row: Annotated[
        int | None,
        typer.Argument(metavar="ROW", min=1, help="The number of the row, from 1. Default: 1."),
    ] = None,
    tokenizer: Annotated[
        str,
        typer.Option(
            metavar="MODEL", help="The tokenizer: a folder, or a model on the Hugging Face Hub."
        ),
    ] = "",
    chat_template: ChatTemplate = None,
    rows: Annotated[
        str | None, typer.Option(metavar="N-M", help="Show the rows from N to M.")
    ] = None,
    sequence_length: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Cut rows off after N tokens."),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(
            metavar="CONFIG", help="Take the tokenizer and the sequence length from this config."
        ),
    ] = None,
    form: Annotated[
        RowsFormat,
        typer.Option(
            "--format", help="Text, or JSON lines with the tokens and labels of each row."
        ),
    ] = Format.TEXT,
) -> None:
    """Show rows as a model sees them.

    Applies the chat template and marks the text that is trained on.

    Exit codes: 0 success; 1 a row has no tokens, because it is invalid or the chat template
    refuses it; 2 wrong usage or unreadable input.
    """
    refuse_others([name], Kind.DATASET, Kind.PAYLOAD, folders=False)
    from ..datasets import Unreadable
    from .tokenizers import loaded

    if name == "-":
        usage("`sftc data show` cannot read standard input: name a file")
    if config is not None:
        model, length = model_and_length(config)
        tokenizer, sequence_length = tokenizer or model, sequence_length or length
    if not tokenizer:
        usage("name the tokenizer with --tokenizer, or a config with --config")
    first, last = _range(row, rows)
    files = loaded(tokenizer, chat_template)
    from ..datasets.tokens import shown_rows  # needs the extra, which `loaded` looks for

    whole = True
    seen = 0
    try:
        for shown in shown_rows(name, files, first, last):
            whole &= shown.refused is None
            seen += 1
            _put(name, shown, sequence_length, form)
    except Unreadable as error:
        from ..diagnostics.catalogue import diagnose

        found = diagnose(error.finding, name)
        show_text(report.render(Format.TEXT, [found], {}, colour=colour(sys.stderr)), sys.stderr)
        raise typer.Exit(exit_code([found], [name], failed=True)) from None
    if not seen:
        usage(f"{name} has no row {first:,}")
    raise typer.Exit(0 if whole else 1)


def _range(row: int | None, rows: str | None) -> tuple[int, int]:
    """Return the first and the last row to show; exit with 2 if they are none."""
    if row is not None and rows is not None:
        usage("name a row or use --rows, not both")
    if rows is None:
        return row or 1, row or 1
    match = _RANGE.fullmatch(rows.strip())
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if last < first:
        usage(f"--rows takes the first and the last row, as in 1-20, not `{rows}`")
    return first, last


def _put(name: str, shown: "ShownRow", length: int | None, form: RowsFormat) -> None:
    from ..report.rows import RowHead

    whole = 0 if shown.tokens is None else shown.tokens.amount or 0
    shown = shown if length is None else shown.cut(length)

    if shown.refused is not None:
        say(f"{name}:{shown.line}: row {shown.number:,} has no tokens: {shown.refused}")
    row = shown.tokens
    if form is Format.JSONL:
        ids, text = (row.ids, row.text) if row else (None, None)
        put(report.row_as_json(shown.line, ids, shown.labels, text))
    elif row is not None and row.ids is not None:
        learned = None if row.learned is None else sum(stop - start for start, stop in row.learned)
        head = RowHead(
            name,
            shown.number,
            shown.line,
            len(row.ids),
            learned,
            row.why_unknown,
            whole - len(row.ids),
        )
        show_text(report.row_as_text(head, shown.parts(), colour=colour(sys.stdout)), sys.stdout)
