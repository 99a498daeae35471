"""UTF-16, which some editors and shells write, read as UTF-8, and marks at the start left out."""

import codecs
from typing import Final

from ...diagnostics import Finding, codes
from ..reading.blocks import READ
from ..reading.opening import Reader, Unreadable

_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Utf8Reader:
    """The bytes of a file without marks at its start, in UTF-8 if one of UTF-16 is among them."""

    def __init__(self, reader: Reader) -> None:
        """Look at the first bytes.

        Attributes:
            recoded: whether the file is UTF-16.
            marks: how many byte-order marks in UTF-8 were left out.

        Raises:
            Unreadable: it is damaged UTF-16.

        """
        self._reader = reader
        self._start = reader.read(READ)
        while 0 < len(self._start) < len(codecs.BOM_UTF32_LE) and (more := reader.read(READ)):
            self._start += more
        is_utf32 = self._start.startswith(codecs.BOM_UTF32_LE)
        encoding = None if is_utf32 else _UTF16.get(self._start[:2])
        self.recoded = encoding is not None
        self._decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
        if encoding:
            self._start = self._start[2:]
        self.marks = 0
        self._rest = self._unmarked()

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none at the end.

        Raises:
            Unreadable: it is damaged UTF-16.

        """
        if not self._rest:
            self._rest = self._next()
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece

    def _unmarked(self) -> bytes:
        """Return the first bytes behind the marks; files that were joined may have several."""
        mark = codecs.BOM_UTF8
        start = self._next()
        while True:
            while len(start) < len(mark) and mark.startswith(start) and (more := self._next()):
                start += more
            if not start.startswith(mark):
                return start
            self.marks += 1
            start = start[len(mark) :]

    def _next(self) -> bytes:
        while True:
            piece, self._start = self._start or self._reader.read(READ), b""
            if self._decoder is None:
                return piece
            try:
                text = self._decoder.decode(piece, not piece)
            except UnicodeDecodeError:
                words = {"what": "damaged UTF-16 text"}
                raise Unreadable(Finding(codes.NOT_JSONL, (), words)) from None
            if text or not piece:
                return text.encode()
