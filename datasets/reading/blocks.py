"""A stream of bytes cut into blocks of whole lines, and rows too large for one.

Everything here is of bounded size, whatever the file holds. It hashes and counts what passes.
"""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from .opening import Reader

READ: Final = 512 * 1024
"""Bytes that are read at once: they fit in a processor's cache, and are worth handing over."""
BLANK: Final = b" \t\r\n"
"""What JSON calls white space; a line of nothing else is no row."""
LARGEST: Final = 10 * 1000 * 1000
"""Bytes of the largest line that is kept whole in memory."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines.

    Attributes:
        text: the lines; only the last one of a file may have no line end.
        offset: where in the file they begin.

    """

    text: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class LargeLine:
    """One line in pieces, which must be consumed before the next block is asked for.

    Attributes:
        pieces: its bytes; the last piece ends with the line end, if there is one.
        offset: where in the file it begins.

    """

    pieces: Iterator[bytes]
    offset: int


class Digest(Protocol):
    """What takes the SHA-256 of bytes that pass."""

    def update(self, piece: bytes, /) -> None:
        """Take the next bytes."""

    def hexdigest(self) -> str:
        """Return the digest of the bytes so far, in lowercase hex."""


class Stream:
    """Reads a file once, from its start to its end."""

    def __init__(
        self, reader: Reader, *, head: int | None = None, digest: Digest | None = None
    ) -> None:
        """Begin with a reader.

        Args:
            reader: the bytes.
            head: stop after this many rows.
            digest: what takes the digest of the bytes; None: this thread does.

        Attributes:
            bytes: how many were read so far.
            start: the first of them.
            marked: whether they begin with a byte-order mark, which is in no block.

        """
        self._reader = reader if head is None else Head(reader, head)
        self._digest = digest or hashlib.sha256()
        self.bytes = 0
        self.start = self._read()
        self.marked = self.start.startswith(codecs.BOM_UTF8)

    @property
    def sha256(self) -> str:
        """The digest of the bytes that were read so far."""
        return self._digest.hexdigest()

    def _read(self) -> bytes:
        piece = self._reader.read(READ)
        self._digest.update(piece)
        self.bytes += len(piece)
        return piece

    def blocks(self) -> Iterator[Block | LargeLine]:
        """Yield the lines of the file, in order."""
        offset = len(codecs.BOM_UTF8) if self.marked else 0
        rest: list[bytes] = []  # of a line that has not ended yet
        kept = 0
        piece = self.start[offset:]
        while piece:
            end = piece.rfind(b"\n") + 1
            if end:
                text = b"".join((*rest, memoryview(piece)[:end]))
                yield Block(text, offset)
                offset += len(text)
                rest = [piece[end:]]
                kept = len(piece) - end
            else:
                rest.append(piece)
                kept += len(piece)
            piece = self._read()
            if kept > LARGEST:
                after: list[bytes] = []  # what was read beyond the end of the line
                yield LargeLine(self._until_line_end(rest, piece, after), offset)
                piece = b"".join(after)
                offset = self.bytes - len(piece)
                rest, kept = [], 0
                piece = piece or self._read()
        if kept:
            yield Block(b"".join(rest), offset)

    def _until_line_end(
        self, rest: list[bytes], piece: bytes, after: list[bytes]
    ) -> Iterator[bytes]:
        while rest:
            yield rest.pop(0)
        while piece:
            end = piece.find(b"\n") + 1
            if end:
                after.append(piece[end:])
                yield piece[:end]
                return
            yield piece
            piece = self._read()


class Head:
    """The first rows of a stream: its bytes up to the end of the last of them."""

    def __init__(self, reader: Reader, rows: int) -> None:
        """Begin with a reader and how many rows are wanted; blank lines do not count."""
        self._reader = reader
        self._left = rows
        self._blank = True  # so far, the line that is being read

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none after the last row."""
        if not self._left:
            return b""
        piece = self._reader.read(size)
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            self._blank = self._blank and not piece[start:end].strip(BLANK)
            start = end + 1
            if not self._blank:
                self._left -= 1
                self._blank = True
                if not self._left:
                    return piece[:start]
        self._blank = self._blank and not piece[start:].strip(BLANK)
        return piece
