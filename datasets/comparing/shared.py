"""Rows of a validation dataset that are also in the training dataset."""

from array import array
from collections.abc import Callable
from typing import Final

import xxhash

from ...diagnostics import Diagnostic, Finding, codes
from ...diagnostics.catalogue import diagnose
from ..reading.opening import Unreadable
from .content import normalised, squeezed
from .diagnosing import Pairs
from .lines import Row, rows
from .table import Table

MOST: Final = 500_000
"""Rows of the validation dataset that are looked for, in about 60 MB of memory."""
_WIDTH: Final = 8
_hash = xxhash.xxh64_digest


def overlap(
    training: str,
    validation: str,
    *,
    head: int | None = None,
    shown: tuple[str, str] | None = None,
    each: bool = False,
    progress: Callable[[int], None] | None = None,
) -> tuple[Diagnostic, ...]:
    """Return what there is to say of the rows that are in both datasets; nothing if none is.

    Rows are compared by content, so that the order of keys, escapes and white space between
    values do not matter (SFT480). Of the other rows those are named that differ in nothing but the
    white space of texts (SFT481). A finding's place and lines are in the validation dataset, and
    it relates to the first such rows of the training dataset. A file that cannot be read gives
    the one finding that says why.

    Args:
        training: the path of the training dataset, ``*.gz`` and ``*.zst`` decompressed.
        validation: that of the validation dataset.
        head: only this many first rows of the training dataset are trained on.
        shown: the names of both in findings, where these are not the paths.
        each: give a finding for each row, not one for all.
        progress: called now and then with how many bytes of the training dataset were read.

    """
    names = shown or (training, validation)
    here = names[1]
    found: list[Diagnostic] = []
    try:
        wanted = _Wanted()
        for row in rows(validation):
            if len(wanted.lines) == MOST:
                words = {
                    "rows": f"{MOST:,} rows",
                    "done": "were compared with the training dataset",
                }
                found.append(diagnose(Finding(codes.ROWS_NOT_COMPARED, (), words), here))
                break
            wanted.add(row)
        here = names[0]
        search = _Search(wanted)
        for row in rows(training, head=head, progress=progress):
            search.look_at(row)
    except Unreadable as error:
        return (diagnose(error.finding, here),)
    files = (names[1], names[0])
    exact = Pairs(codes.VALIDATION_ROW_IN_TRAINING, files, each=each)
    near = Pairs(codes.VALIDATION_ROW_NEARLY_IN_TRAINING, files, each=each)
    search.tell(exact, near)
    return (*exact.diagnostics(), *near.diagnostics(), *found)


class _Wanted:
    """Rows to look for: their lines, and hashes of their contents in three degrees."""

    def __init__(self) -> None:
        self.lines = array("Q")
        self.exact, self.normalised, self.squeezed = bytearray(), bytearray(), bytearray()

    def add(self, row: Row) -> None:
        text, is_json = row.content()
        self.lines.append(row.line)
        self.exact += _hash(text)
        self.normalised += _hash(normalised(text) if is_json else text)
        self.squeezed += _hash(squeezed(text) if is_json else text)


class _Search:
    """Finds rows among those that are looked for, and keeps the first line of each."""

    def __init__(self, wanted: _Wanted) -> None:
        self._wanted = wanted
        self._squeezed = Table(wanted.squeezed, _WIDTH)
        self._exact = _Seen(wanted.exact)
        self._normalised = _Seen(wanted.normalised)

    def look_at(self, row: Row) -> None:
        """Note a row if it is wanted; most rows are not, and cost little."""
        text, is_json = row.content()
        if self._squeezed.find(_hash(squeezed(text) if is_json else text)) is not None:
            self._exact.see(_hash(text), row.line)
            self._normalised.see(_hash(normalised(text) if is_json else text), row.line)

    def tell(self, exact: Pairs, near: Pairs) -> None:
        """Add the rows that were found, and those that were found but for white space."""
        for number, line in enumerate(self._wanted.lines):
            if first := self._exact.line(number):
                exact.add(line, first)
            elif first := self._normalised.line(number):
                near.add(line, first)


class _Seen:
    """The first line in which each of some keys was seen."""

    def __init__(self, keys: bytearray) -> None:
        self._keys = keys
        self._table = Table(keys, _WIDTH)
        self._lines = array("Q", bytes(len(keys)))  # as many items of eight bytes

    def see(self, key: bytes, line: int) -> None:
        row = self._table.find(key)
        if row is not None and not self._lines[row]:
            self._lines[row] = line

    def line(self, row: int) -> int:
        """Return the first line of the key of a row; 0 if it was not seen."""
        first = self._table.find(bytes(self._keys[row * _WIDTH : (row + 1) * _WIDTH]))
        return 0 if first is None else self._lines[first]
