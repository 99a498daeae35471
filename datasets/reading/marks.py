"""Byte-order marks at the start of a file, left out as it is read.

It is for commands that write the rows anew; whoever judges a file tells its marks.
"""

import codecs

from .blocks import READ
from .opening import Reader


class WithoutMarks:
    """The bytes of a file behind its marks; files that were joined may have several."""

    def __init__(self, reader: Reader) -> None:
        """Look at the first bytes.

        Attributes:
            marks: how many byte-order marks in UTF-8 were left out.

        """
        self._reader = reader
        self.marks = 0
        self._start = self._unmarked()

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        if not self._start:
            return self._reader.read(size)
        piece, self._start = self._start[:size], self._start[size:]
        return piece

    def _unmarked(self) -> bytes:
        mark = codecs.BOM_UTF8
        start, place = self._reader.read(READ), 0
        while True:
            while len(start) - place < len(mark) and mark.startswith(start[place:]):
                more = self._reader.read(READ)
                if not more:
                    return start[place:]
                start, place = start[place:] + more, 0
            if not start.startswith(mark, place):
                return start[place:]
            self.marks += 1
            place += len(mark)
