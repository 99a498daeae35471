"""One row of a dataset as a model sees it: for people, and for programs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from ..diagnostics import encodable, printable
from ..diagnostics.words import printable_lines

_LEARNED = "\x1b[32m"
_FAINT = "\x1b[2m"
_PLAIN = "\x1b[0m"


class RowHead(NamedTuple):
    """What stands above a row.

    Attributes:
        file: the file.
        number: which row of it, from 1.
        line: the line that it stands in, from 1.
        tokens: how many tokens it has.
        learned: how many of them are learned; None where that is unknown.
        why_unknown: why not.
        cut: how many of its tokens are cut off, which are not among these.

    """

    file: str
    number: int
    line: int
    tokens: int
    learned: int | None
    why_unknown: str = ""
    cut: int = 0


def as_text(
    head: RowHead, parts: Sequence[tuple[str, bool | None]], *, colour: bool = False
) -> str:
    """Return a row as text: what is learned in colour, or else in double brackets."""
    learned = (
        f"what is learned cannot be told: {printable(head.why_unknown)}"
        if head.learned is None
        else f"{head.learned:,} learned"
    )
    title = f"{printable(head.file)}:{head.line}: row {head.number:,}: {head.tokens:,} tokens"
    title += f" ({head.cut:,} more are cut off)" if head.cut else ""
    text = "".join(_part(part, learned=is_learned, colour=colour) for part, is_learned in parts)
    end = "" if text.endswith("\n") else "\n"
    return f"{title}, {learned}\n{text}{end}"


def _part(text: str, *, learned: bool | None, colour: bool) -> str:
    shown = printable_lines(text)
    if learned is None:
        return shown
    if colour:
        # Line by line, since pagers forget colours at the end of one.
        style = _LEARNED if learned else _FAINT
        return "\n".join(f"{style}{line}{_PLAIN}" if line else "" for line in shown.split("\n"))
    return f"⟦{shown}⟧" if learned else shown


def as_json(
    line: int, ids: Sequence[int] | None, labels: Sequence[int] | None, text: str | None
) -> str:
    """Return a row as one JSON object on one line."""
    row: dict[str, Any] = {
        "line": line,
        "input_ids": ids,
        "labels": labels,
        "text": None if text is None else encodable(text),
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE).decode()
