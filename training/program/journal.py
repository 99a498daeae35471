"""Writes the trainer's journal: whole lines, flushed to disk when it matters."""

import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ...jobfolder import Entry, JournalError, Kind, read_entries, whole_lines

_SYNCED: Final = frozenset(Kind) - {Kind.STEP, Kind.NOTE, Kind.DATA}
"""Kinds after which the file is synced: a lost step is trained again, a lost end is not told."""


class Journal:
    """Appends to a journal."""

    def __init__(self, path: Path, *, writes: bool) -> None:
        """Open it, and cut off a last line that was torn.

        Args:
            path: the file.
            writes: whether this process tells what happens; of several, one does.

        Raises:
            JournalError: a whole line is none of a journal.
            OSError: it cannot be read or written.

        """
        self._path = path
        self._file: int | None = None
        self.entries: list[Entry] = []
        if not writes:
            self.entries = read_entries(path.read_bytes()) if path.exists() else []
            return
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        data = path.read_bytes()
        self.entries = read_entries(data)
        whole = len(whole_lines(data))
        if whole < len(data):
            os.ftruncate(self._file, whole)

    def tell(self, kind: Kind, **what: Any) -> None:
        """Append an entry.

        Raises:
            OSError: it cannot be written; no part of it is left.

        """
        if self._file is None:
            return
        entry = Entry(kind, round(time.time(), 3), **what)
        line = entry.to_line()
        _append(self._file, line, synced=kind in _SYNCED)
        self.entries.append(entry)

    def tell_once(self, kind: Kind, **what: Any) -> None:
        """Append an entry unless the journal has it, from before a restart."""
        wanted = Entry(kind, 0, **what)
        if wanted not in self._without_time():
            self.tell(kind, **what)

    def add(self, kind: Kind, **what: Any) -> None:
        """Append an entry beside the process that writes the others: how this one failed.

        Raises:
            OSError: it cannot be written; no part of it is left.

        """
        line = Entry(kind, round(time.time(), 3), **what).to_line()
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            _append(file, line, synced=True)
        finally:
            os.close(file)

    def has_more(self) -> bool:
        """Whether another process has told how it failed."""
        return len(read_entries(self._path.read_bytes())) > len(self.entries)

    @property
    def is_done(self) -> bool:
        """Whether the job is done."""
        return any(entry.kind is Kind.DONE for entry in self.entries)

    def _without_time(self) -> Iterator[Entry]:
        for entry in self.entries:
            yield Entry(
                entry.kind, 0, entry.step, entry.values, entry.message, entry.code,
                entry.pointer, entry.facts,
            )  # fmt: skip


def _append(file: int, line: bytes, *, synced: bool) -> None:
    """Append a line as a whole, or nothing, while other processes of the job append theirs."""
    fcntl.flock(file, fcntl.LOCK_EX)  # so that what is cut off again is ours alone
    try:
        before, written = os.fstat(file).st_size, 0
        try:
            while written < len(line):
                written += os.write(file, line[written:])
            if synced:
                os.fsync(file)
        except OSError:
            os.ftruncate(file, before)
            raise
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


__all__ = ["Journal", "JournalError"]
