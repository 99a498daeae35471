"""UTF-16, which some editors and shells write, read as UTF-8."""

import codecs
from typing import Final

from ...diagnostics import Finding, codes
from ..reading.blocks import READ
from ..reading.opening import Reader, Unreadable

_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Utf8Reader:
    """The bytes of a file, in UTF-8 if it begins with a mark of UTF-16."""

    def __init__(self, reader: Reader) -> None:
        """Look at the first bytes.

        Attributes:
            recoded: whether the file is UTF-16.

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
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none at the end.

        Raises:
            Unreadable: it is damaged UTF-16.

        """
        if not self._rest:
            self._rest = self._next()
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece

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
