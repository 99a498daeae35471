"""How long rows are: exact extremes, and all the rest in bounded memory."""

from collections import Counter
from collections.abc import Collection
from typing import Final

_EXACT_BITS: Final = 11
"""Leading bits of a length that are kept when there are too many different ones."""
_MOST: Final = 20_000
"""Different lengths that are counted one by one."""


class Lengths:
    """Counts rows by length."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self.shortest = 0
        self.longest = 0

    def add(self, lengths: Collection[int]) -> None:
        """Add rows by their lengths."""
        if not lengths:
            return
        shortest = min(lengths)
        self.shortest = min(self.shortest, shortest) if self._counts else shortest
        self.longest = max(self.longest, max(lengths))  # noqa: PLW3301 - no copy of thousands
        self._counts.update(lengths)
        if len(self._counts) > _MOST:
            rounded: Counter[int] = Counter()
            for length, count in self._counts.items():
                rounded[_rounded(length)] += count
            self._counts = rounded

    def median(self) -> int:
        """Return the length of the row in the middle; 0 if there are none."""
        return self.percentile(50)

    def percentile(self, share: int) -> int:
        """Return the length that so many percent of the rows do not exceed; 0 if there are none."""
        rank = -(-self._counts.total() * share // 100)
        for length, count in sorted(self._counts.items()):
            rank -= count
            if rank <= 0:
                return max(length, self.shortest)
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
