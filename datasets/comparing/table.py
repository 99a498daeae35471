"""Rows found by key in a few bytes each, where a dictionary takes a hundred and fifty."""

from array import array
from collections.abc import Iterator


class Table:
    """Finds rows, which are counted from 0, by keys that are all of one width.

    Slots are found by Python's own hash, which differs from run to run, so that nobody can
    write rows that all collide.
    """

    def __init__(self, keys: bytes | bytearray, width: int) -> None:
        """Begin with all rows.

        Args:
            keys: the key of each row, one behind the other.
            width: bytes of a key.

        """
        self._keys, self._width = bytes(keys), width
        count = len(keys) // width
        slots = 1 << (2 * count).bit_length()
        self._mask = slots - 1
        self._slots = array("I", bytes(4 * slots))
        self._after = array("I", bytes(4 * count))  # the next row of the same key, from 1
        self._taken = bytearray(count)
        for row in reversed(range(count)):
            slot = self._slot(self._key(row))
            self._after[row] = self._slots[slot]
            self._slots[slot] = row + 1

    def find(self, key: bytes) -> int | None:
        """Return the first row with a key."""
        row = self._slots[self._slot(key)]
        return row - 1 if row else None

    def take(self, key: bytes) -> int | None:
        """Return the first row with a key that was not taken yet, and take it."""
        slot = self._slot(key)
        row = self._slots[slot] - 1
        if row < 0 or self._taken[row]:
            return None
        self._taken[row] = 1
        if following := self._after[row]:
            self._slots[slot] = following
        return row

    def left(self) -> Iterator[int]:
        """Yield the rows that were not taken, in order."""
        return (row for row, taken in enumerate(self._taken) if not taken)

    def _key(self, row: int) -> bytes:
        return self._keys[row * self._width : (row + 1) * self._width]

    def _slot(self, key: bytes) -> int:
        """Return the slot of a key, or the free one in which it would be."""
        slot = hash(key) & self._mask
        while (row := self._slots[slot]) and self._key(row - 1) != key:
            slot = (slot + 1) & self._mask
        return slot
