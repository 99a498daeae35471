"""Converts offsets in a text to and from lines and columns."""

from bisect import bisect_right
from itertools import accumulate

from .model import Span


class Lines:
    r"""The lines of a text, which ``\n`` and ``\r\n`` end."""

    def __init__(self, text: str, document: str) -> None:
        self._document = document
        self._lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]

    def span(self, start: int, end: int) -> Span:
        """Return the place of ``text[start:end]``."""
        return Span(*self._place(start), *self._place(end), self._document)

    def _place(self, offset: int) -> tuple[int, int]:
        index = min(bisect_right(self._starts, offset), len(self._lines)) - 1
        return index + 1, offset - self._starts[index] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a 1-based line and column."""
        return self._starts[line - 1] + column - 1

    def line(self, number: int) -> str:
        """Return a line by its 1-based number, without its end; empty past the last one."""
        return self._lines[number - 1].rstrip("\r") if number <= len(self._lines) else ""

    def __len__(self) -> int:
        """Return how many lines there are; a text always has one."""
        return len(self._lines)
