"""A journal that is being written, read from its start in pieces of bounded size.

What a trainer's folder holds may be anything: what is no journal is an error, never a wait.
"""

import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ...jobfolder import Entry, JournalError, Kind

_PIECE: Final = 256 * 1024
_LONGEST: Final = 1024 * 1024
"""Bytes of a line; a trainer's have some hundreds."""

_MOST_VALUES: Final = 64
_LONGEST_NAME: Final = 100
_LARGEST: Final = 2**53 - 1
_STEPS: Final = {Kind.STEP, Kind.EVALUATION, Kind.SAVED}


class Tail:
    """Reads on in a journal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0  # up to the end of a line
        self._identity: int | None = None
        self._total: int | None = None

    def read(self) -> list[tuple[bytes, Entry]]:
        """Return the next whole lines, with what they say; none if there are none yet.

        Raises:
            JournalError: a line is none of a journal, or the file is not the one that was read.
            OSError: it cannot be read.

        """
        with self._opened() as descriptor:
            if descriptor is None:
                return []
            data = os.pread(descriptor, _PIECE, self._read)
            while b"\n" not in data and len(data) < _LONGEST:
                more = os.pread(descriptor, _PIECE, self._read + len(data))
                if not more:
                    return []  # the last line is not whole
                data += more
        end = data.rfind(b"\n") + 1
        if not end:
            raise JournalError(f"a line of the journal is longer than {_LONGEST:,} bytes")
        lines: list[tuple[bytes, Entry]] = []
        for line in data[: end - 1].split(b"\n"):
            try:
                lines.append((line, self._entry(line)))
            except JournalError:
                if not lines:
                    raise
                break  # what comes before it is not lost; it is read again
            self._read += len(line) + 1
        return lines

    def _entry(self, line: bytes) -> Entry:
        entry = _entry(line)
        if entry.kind is Kind.START:
            total = entry.facts.get("total_steps")
            self._total = max(self._total or 0, total) if type(total) is int else self._total
        elif self._total is not None and entry.kind in _STEPS and (entry.step or 0) > self._total:
            raise JournalError(
                f"step {entry.step:,} of the journal is beyond the last, {self._total:,}"
            )
        return entry

    @contextmanager
    def _opened(self) -> Iterator[int | None]:
        """Open it, each time anew: so a network file system shows what other nodes have written."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            if self._identity:
                raise JournalError("the journal was deleted") from None
            yield None
            return
        except OSError as error:
            if self._path.is_symlink():
                raise JournalError("the journal is a link") from error
            raise
        try:
            self._check(os.fstat(descriptor))
            yield descriptor
        finally:
            os.close(descriptor)

    def _check(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise JournalError("the journal is not a regular file")
        identity = found.st_ino  # the device of a network file system may get another number
        self._identity = self._identity or identity
        if identity != self._identity or found.st_size < self._read:
            raise JournalError("the journal was replaced while it was read")


def _entry(line: bytes) -> Entry:
    """Return what a line says, if numbers and names are such as can be stored.

    Raises:
        JournalError: they are not.

    """
    entry = Entry.from_line(line)
    if entry.step is not None and entry.step > _LARGEST:
        raise JournalError("a step of the journal is too large")
    if len(entry.values) > _MOST_VALUES:
        raise JournalError(f"a line of the journal has more than {_MOST_VALUES} values")
    for name, value in entry.values.items():
        if not _is_number(value) or len(name) > _LONGEST_NAME:
            raise JournalError("a value of the journal has no name, or is not a number")
    return entry


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False
