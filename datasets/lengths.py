"""How long rows are: exact extremes, and all the rest in a few thousand counters."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

_EXACT_BITS: Final = 11
"""Leading bits of a length that are kept, so that it is known to one part in a thousand."""


class Lengths:
    """Counts rows by length."""

    def __init__(self) -> None:
        """Begin with no rows."""
        self._counts: Counter[int] = Counter()
        self.shortest = 0
        self.longest = 0

    def add(self, lengths: Mapping[int, int]) -> None:
        """Add rows, counted by their length."""
        if lengths:
            known = self._counts.total() > 0
            self.shortest = min(lengths) if not known else min(self.shortest, *lengths)
            self.longest = max(self.longest, *lengths)
        for length, count in lengths.items():
            self._counts[_rounded(length)] += count

    def median(self) -> int:
        """Return the length of the row in the middle, exact below 2,048; 0 if there are none."""
        middle = (self._counts.total() + 1) // 2
        for length, count in sorted(self._counts.items()):
            middle -= count
            if middle <= 0:
                return min(max(length, self.shortest), self.longest)
        return 0

    def histogram(self) -> tuple[tuple[int, int], ...]:
        """Return rows by the power of two that their length is below, without gaps."""
        bins: Counter[int] = Counter()
        for length, count in self._counts.items():
            bins[length.bit_length()] += count
        if not bins:
            return ()
        return tuple((1 << bits, bins[bits]) for bits in range(min(bins), max(bins) + 1))


def _rounded(length: int) -> int:
    dropped = max(length.bit_length() - _EXACT_BITS, 0)
    return length >> dropped << dropped
