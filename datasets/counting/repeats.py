"""Finds duplicate rows of a file in bounded memory."""

from array import array
from collections.abc import Iterable
from typing import Final

from ...diagnostics import Finding, codes

SLOTS: Final = 1 << 21
"""Slots of the largest table, three in four of which are filled: a million and a half rows.

Later rows are compared with these only.
"""

_SMALLEST: Final = 1 << 16
_GROWTH: Final = 4
"""How many times as large a table gets when it is full: to fill it again takes its time."""


def _remembered(slots: int) -> int:
    return slots // 4 * 3


def not_compared() -> Finding:
    """Return what is to be said of a file with more different rows than are remembered."""
    words = {
        "rows": f"{_remembered(SLOTS):,} distinct rows",
        "done": "were checked for duplicates",
    }
    return Finding(codes.ROWS_NOT_COMPARED, words=words)


class Repeats:
    """A table of 64-bit hashes with the line that each was first seen in.

    Twelve bytes a slot, where a dictionary takes a hundred: 24 MiB at most. That two different
    rows have one hash is as likely as one in ten million for a file of a million rows.
    """

    def __init__(self) -> None:
        self._make(min(_SMALLEST, SLOTS))

    def _make(self, slots: int) -> None:
        self._mask = slots - 1
        self._room = _remembered(slots)
        self._hashes = array("Q", [0]) * slots
        self._lines = array("I", [0]) * slots

    @property
    def is_full(self) -> bool:
        """Whether later rows are compared with those before only, and not with each other."""
        return not self._room

    def add(self, rows: Iterable[int], places: Iterable[int], start: int) -> list[tuple[int, int]]:
        """Add rows, and return the places of those seen before, each with the first such line.

        Args:
            rows: their hashes.
            places: in which line each of them is, counted from the first.
            start: the first line.

        """
        found = []
        hashes, first, mask, room = self._hashes, self._lines, self._mask, self._room
        for row, place in zip(rows, places, strict=True):
            known = row or 1  # a slot with 0 is free
            slot = known & mask
            while (there := hashes[slot]) and there != known:
                slot = (slot + 1) & mask
            if there:
                found.append((place, first[slot]))
            elif room:
                hashes[slot] = known
                first[slot] = start + place
                room -= 1
                if not room:
                    self._room = 0
                    self._grow()
                    hashes, first, mask, room = self._hashes, self._lines, self._mask, self._room
        self._room = room
        return found

    def _grow(self) -> None:
        """Make the table larger, unless it is as large as it may be."""
        hashes, lines = self._hashes, self._lines
        if len(hashes) == SLOTS:
            return
        self._make(min(_GROWTH * len(hashes), SLOTS))
        for known, line in zip(hashes, lines, strict=True):
            if known:
                slot = known & self._mask
                while self._hashes[slot]:
                    slot = (slot + 1) & self._mask
                self._hashes[slot] = known
                self._lines[slot] = line
        self._room -= _remembered(len(hashes))
