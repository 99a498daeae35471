"""Which rows stand in a file more than once, in bounded memory."""

from array import array
from collections.abc import Iterable
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

    def add(self, rows: Iterable[int], lines: Iterable[int]) -> list[tuple[int, int]]:
        """Add rows, and return the lines of those seen before, each with the first such line.

        Args:
            rows: their hashes.
            lines: the line of each of them.

        """
        found = []
        hashes, mask = self._hashes, self._mask
        for row, line in zip(rows, lines, strict=True):
            known = row or 1  # a slot with 0 is free
            slot = known & mask
            while (there := hashes[slot]) and there != known:
                slot = (slot + 1) & mask
            if there:
                found.append((line, self._lines[slot]))
            elif self._seen < MOST:
                hashes[slot] = known
                self._lines[slot] = line
                self._seen += 1
                if self._seen > _FULL * mask:
                    self._grow()
                    hashes, mask = self._hashes, self._mask
        return found

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
