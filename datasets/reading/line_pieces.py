"""A large line on its way to those who read it: hashed and counted, and never held."""

import codecs
from collections.abc import Iterator

import xxhash

from .blocks import BLANK


class LinePieces:
    """The pieces of a line on their way: hashed and counted, without white space around them."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """Begin with the pieces.

        Attributes:
            bytes: how many came so far, the line end among them.
            characters: how many of them are of the row.
            ended: whether the line end has come.

        """
        self._pieces = pieces
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._hash = xxhash.xxh64()
        self._space = b""  # at the end of what came so far
        self.bytes = 0
        self.characters = 0
        self.ended = False

    def __iter__(self) -> Iterator[bytes]:
        """Let the pieces pass, the last without its line end."""
        for piece in self._pieces:
            self.bytes += len(piece)
            self.ended = piece.endswith(b"\n")
            text = self._space + piece
            text = text if self.characters else text.lstrip(BLANK)
            kept = text.rstrip(BLANK)
            self._space = text[len(kept) :]
            self._hash.update(kept)
            self.characters += len(self._decode(kept))
            yield piece.rstrip(BLANK) if self.ended else piece

    def drain(self) -> None:
        """Let the rest pass."""
        for _ in self:
            pass

    def digest(self) -> int:
        """Return the hash that ``judging`` has for the same row."""
        return self._hash.intdigest()
