"""The log of a job: our own lines in it, and how it is read in pieces while it grows."""

import os
from codecs import getincrementaldecoder
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from .folder import opened

MOST: Final = 64 * 1024
"""Bytes that are read at once, unless another number is given."""

_LONGEST_CHARACTER: Final = 4
_MOST_CONTINUED: Final = 3
_CONTINUED: Final = bytes(range(0x80, 0xC0))
"""Bytes that go on with a character of UTF-8."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a log.

    Attributes:
        text: what was read; bytes that are no UTF-8 are shown as U+FFFD.
        next: where the next piece begins, in bytes.
        start: where this one begins.
        size: how long the log is.

    """

    text: str
    next: int
    start: int
    size: int


def read(path: Path, offset: int = 0, most: int = MOST, *, final: bool = False) -> Piece:
    """Read a piece of a log.

    A character whose last bytes are not written yet is left for the next piece, unless there will
    be none.

    Args:
        path: the log; one that does not exist, or is no file, is empty.
        offset: where the piece begins, in bytes; a negative one counts from the end.
        most: the most bytes that are read, at least 4.
        final: whether nothing is written any more.

    """
    descriptor = opened(path)
    if descriptor is None:
        return Piece("", max(offset, 0), max(offset, 0), 0)
    with os.fdopen(descriptor, "rb") as file:
        size = file.seek(0, 2)
        begin = offset if offset >= 0 else max(size + offset, 0)
        if begin >= size:  # a file system refuses places beyond its largest file
            return Piece("", begin, begin, size)
        file.seek(begin)
        data = file.read(max(most, _LONGEST_CHARACTER))
    if offset < 0 and begin:  # perhaps in the middle of a character
        inside = len(data[:_MOST_CONTINUED]) - len(data[:_MOST_CONTINUED].lstrip(_CONTINUED))
        data, begin = data[inside:], begin + inside
    decoder = getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data, final and begin + len(data) >= size)
    return Piece(text, begin + len(data) - len(decoder.getstate()[0]), begin, size)


def say(words: str) -> None:
    """Put a line of ours into the log, which is our standard output."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    print(f"sftc: {now} {words}", flush=True)  # noqa: T201 - to a file, by way of the engine
