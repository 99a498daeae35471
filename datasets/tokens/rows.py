"""The rows of a file, for callers that parse them."""

import json
from array import array
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import orjson

from ..reading.blocks import BLANK, LargeLine, Stream
from ..reading.integers import may_have_long
from ..reading.sniffing import sniff
from ..rows.kind import RowKind
from ..rows.validating import validate_row

LARGEST: Final = 10_000_000
"""Bytes of the largest row that is taken apart: beyond, a row is too large for any model."""


class Lines(NamedTuple):
    """Whole lines of a file.

    Attributes:
        text: the lines; None for one line that is too large.
        first: the number of the first of them, from 1.

    """

    text: bytes | None
    first: int


def lines(stream: Stream) -> Iterator[Lines]:
    """Yield the lines of a stream, in order; of a file that is no JSONL, none."""
    if sniff(stream.start):
        return
    first = 1
    for block in stream.blocks():
        if isinstance(block, LargeLine):
            yield Lines(_joined(block), first)
            first += 1
        else:
            yield Lines(block.text, first)
            first += block.text.count(b"\n")


def split(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the rows of lines: the 0-based line of each, and what stands in it."""
    for place, line in enumerate(text.split(b"\n")):
        row = line.strip(BLANK)
        if row:
            yield place, row


def good_rows(text: bytes, kind: RowKind) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Yield the rows of lines as values; None for one that is not what a trainer could take.

    One from which nothing is learned has tokens all the same, and that is what is counted.
    """
    surely_good = frozenset(array("I", kind.sift(text).places))
    for place, line in split(text):
        good = place in surely_good or validate_row(line, kind, allowed=kind.tolerated).contents
        yield place, _values(line) if good else None


def _values(line: bytes) -> dict[str, Any]:
    """Return a good row as values."""
    row: dict[str, Any]
    if not may_have_long(line):
        try:
            row = orjson.loads(line)  # several times as fast
        except orjson.JSONDecodeError:  # it knows no infinity, however that is written
            pass
        else:
            return row
    # It would round integers of more than 64 bits; a template writes them as they are.
    row = json.loads(line, parse_int=_integer)
    return row


def _integer(digits: str) -> int | str:
    """Return an integer; one that Python takes for an attack stays as it is written."""
    try:
        return int(digits)
    except ValueError:
        return digits


def _joined(block: LargeLine) -> bytes | None:
    """Return a large line if it is not too large; read it to its end in any case."""
    pieces: list[bytes] = []
    size = 0
    for piece in block.pieces:
        size += len(piece)
        if size <= LARGEST:
            pieces.append(piece)
    return b"".join(pieces) if size <= LARGEST else None
