"""The rows of a file by line, whatever they hold: each as bytes, or as what stands for them."""

import hashlib
from collections.abc import Callable, Generator, Iterable
from typing import NamedTuple

from ...diagnostics import Finding, codes
from ..reading.blocks import BLANK, LargeLine, Stream
from ..reading.opening import Unreadable, opened
from ..reading.sniffing import sniff
from .content import content


class Row(NamedTuple):
    """One row of a file.

    Attributes:
        line: the line that it stands in, from 1.
        raw: its bytes, without white space around them; of a row too large for memory, its
            digest behind a line end, which no other row can hold.

    """

    line: int
    raw: bytes

    def content(self) -> tuple[bytes, bool]:
        """Return its content, and whether that is of its values and not of its bytes."""
        text = content(self.raw)
        return (self.raw, False) if text is None else (text, True)


def rows(
    name: str, *, head: int | None = None, progress: Callable[[int], None] | None = None
) -> Generator[Row]:
    """Yield the rows of a file, in order.

    Args:
        name: the file.
        head: end after this many rows.
        progress: called now and then with how many bytes were read.

    Raises:
        Unreadable: the file cannot be read, changed meanwhile, or is of another format.

    """
    with opened(name) as reader:
        stream = Stream(reader, head=head)
        if what := sniff(stream.start):
            raise Unreadable(Finding(codes.NOT_JSONL, (), {"what": what[0]}, hint=what[1]))
        line = 0
        for block in stream.blocks():
            if isinstance(block, LargeLine):
                line += 1
                if raw := _digest(block.pieces):
                    yield Row(line, raw)
                continue
            lines = block.text.split(b"\n")
            for at, text in enumerate(lines, line + 1):
                if raw := text.strip(BLANK):
                    yield Row(at, raw)
            line += len(lines) - 1
            if progress:
                progress(stream.bytes)


def _digest(pieces: Iterable[bytes]) -> bytes:
    """Return what stands for a row that is not held; nothing for white space."""
    digest = kept = hashlib.sha256()
    begun = False
    for piece in pieces:
        text = piece if begun else piece.lstrip(BLANK)
        row = text.rstrip(BLANK)
        if row:
            begun = True
            digest.update(row)
            kept = digest.copy()  # white space that follows may be the last
        digest.update(text[len(row) :])
    return b"\n" + kept.digest() if begun else b""
