"""Which rows stand in a file more than once, in bounded memory."""

from array import array
from typing import Final

MOST: Final = 1_500_000
"""Different rows that are remembered; later ones are compared with these only."""

_SMALLEST: Final = 1 << 12
_FULL: Final = 3 / 4


class Repeats:
    """A table of 64-bit hashes with the line that each was first seen in.

    Twelve bytes a slot, where a dictionary takes a hundred: 24 MiB at most. That two different
    rows have one hash is as likely as one in ten million for a file of a million rows.
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._seen = 0
        self._make(_SMALLEST)

    def _make(self, slots: int) -> None:
        self._mask = slots - 1
        self._hashes = array("Q", [0]) * slots
        self._lines = array("I", [0]) * slots

    def first(self, row: int, line: int) -> int | None:
        """Return the line that had the same hash before, or None and remember this one."""
        hashes = self._hashes
        row = row or 1  # a slot with 0 is free
        slot = row & self._mask
        while (known := hashes[slot]) != row:
            if not known:
                if self._seen < MOST:
                    self._remember(slot, row, line)
                return None
            slot = (slot + 1) & self._mask
        return self._lines[slot]

    def _remember(self, slot: int, row: int, line: int) -> None:
        self._hashes[slot] = row
        self._lines[slot] = line
        self._seen += 1
        if self._seen > _FULL * (self._mask + 1):
            self._grow()

    def _grow(self) -> None:
        hashes, lines = self._hashes, self._lines
        self._make(2 * len(hashes))
        for known, line in zip(hashes, lines, strict=True):
            if known:
                slot = known & self._mask
                while self._hashes[slot]:
                    slot = (slot + 1) & self._mask
                self._hashes[slot] = known
                self._lines[slot] = line
