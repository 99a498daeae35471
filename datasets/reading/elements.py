"""The rows of a file, each as its text: a line of JSONL, or an element of a JSON array.

It knows JSON and nothing of rows: what an element means is for others to say.
"""

from collections.abc import Iterator
from typing import NamedTuple

from .blocks import BLANK, LargeLine, Stream


class Element(NamedTuple):
    """A row of a file.

    Attributes:
        text: its JSON, or what stands in its place; None if it is too large to be kept.
        line: the 0-based line in which it begins.
        column: the 1-based column.
        number: which element of the array it is, from 1; None in JSONL.
        offset: of a line, where in the file it begins.
        ended: of a line, whether a line end follows.

    """

    text: bytes | None
    line: int
    column: int = 1
    number: int | None = None
    offset: int = 0
    ended: bool = True


def line_elements(stream: Stream) -> Iterator[Element]:
    """Yield the rows of JSONL: the lines that are not blank, without white space behind them."""
    line = 0
    for block in stream.blocks():
        if isinstance(block, LargeLine):
            for _ in block.pieces:
                pass
            yield Element(None, line, offset=block.offset)
            line += 1
            continue
        offset = block.offset
        for text in _lines(block.text):
            row = text.rstrip(BLANK)
            if row:
                yield Element(row, line, offset=offset, ended=text.endswith(b"\n"))
            offset += len(text)
            line += 1


def _lines(text: bytes) -> list[bytes]:
    """Return lines with their ends; only a line feed ends one."""
    *whole, rest = text.split(b"\n")
    lines = [line + b"\n" for line in whole]
    return [*lines, rest] if rest else lines
