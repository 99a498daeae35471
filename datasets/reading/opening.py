"""Dataset files as streams of bytes: plain, compressed, or standard input.

What leaves this module is the bytes that are uploaded: of a compressed file the decompressed
ones, because the backend takes ``application/jsonl``. Nothing is written anywhere.
"""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from ...diagnostics import Finding, codes
from ...disk.descriptors import Readable, read_some

STDIN: Final = "-"
"""The name of a dataset that stands for standard input."""

_LARGEST_WINDOW: Final = 25
"""Two to this power is how many bytes a ``.zst`` file may ask to be kept: 32 MiB."""

_EXPANDED: Final = 16 * 1024 * 1024
"""Bytes that any compressed file may hold."""
_RATIO: Final = 200
"""How many times as large as its compressed size a file may be beyond that: conversations shrink
to a third or a tenth, and rows that stand in a file a hundred times to a hundredth of that."""

_Identity = tuple[int, int, int, int]


class Reader(Protocol):
    """A source of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""


class Unreadable(Exception):  # noqa: N818 - what it carries is a finding
    """A dataset cannot be read, or not any further, for the reason that its finding gives."""

    def __init__(self, finding: Finding) -> None:
        """Keep the finding."""
        super().__init__(finding)
        self.finding = finding


@contextmanager
def opened(name: str) -> Iterator[Reader]:
    """Open a dataset; at the end, make sure that it is still the file that was opened.

    Raises:
        Unreadable: it cannot be opened, is damaged, or has changed meanwhile.

    """
    if name == STDIN:
        if sys.stdin is None:  # closed, as `<&-` does
            raise _unreadable(name, OSError("standard input is closed"))
        yield _Checked(sys.stdin.buffer)
        return
    try:
        file: BinaryIO = Path(name).open("rb", buffering=0)  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _unreadable(name, error) from error
    with file:
        status = os.fstat(file.fileno())
        before = _identity(status)
        reader = _decompressed(name, file)
        # Of a pipe nobody knows the size; no stranger can name one.
        bounded = reader.compressed and stat.S_ISREG(status.st_mode)
        yield _Bounded(reader, status.st_size) if bounded else reader
        if not stat.S_ISREG(status.st_mode):  # a pipe changes as it is read
            return
        try:
            same = before == _identity(os.fstat(file.fileno())) == _identity(Path(name).stat())
        except OSError:  # it was removed
            same = False
    if not same:
        raise Unreadable(Finding(codes.CHANGED_WHILE_READ))


def _identity(status: os.stat_result) -> _Identity:
    """Return what changes when a file is written to, or another one takes its place."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def size(name: str) -> int | None:
    """Return the bytes of a file as it is on disk, or None if nobody can know them."""
    try:
        status = Path(name).stat() if name != STDIN else None
    except (OSError, ValueError):
        return None
    return status.st_size if status and stat.S_ISREG(status.st_mode) else None


class _Checked:
    """Turns what can go wrong while reading into findings."""

    def __init__(self, reader: Readable, damage: tuple[type[Exception], ...] = ()) -> None:
        self._reader = reader
        self._damage: tuple[type[Exception], ...] = (*damage, EOFError)
        self.compressed = bool(damage)

    def read(self, size: int, /) -> bytes:
        try:
            return read_some(self._reader, size)
        except self._damage as error:
            raise _damaged(error) from error
        except OSError as error:
            raise _unreadable("", error) from error


class _Bounded:
    """Stops where a compressed file holds more than any dataset would."""

    def __init__(self, reader: _Checked, compressed: int) -> None:
        self._reader = reader
        self._most = max(_EXPANDED, _RATIO * compressed)
        self._read = 0

    def read(self, size: int, /) -> bytes:
        piece = self._reader.read(size)
        self._read += len(piece)
        if self._read > self._most:
            words = {"ratio": f"{_RATIO}", "megabytes": f"{self._most / 1_000_000:,.0f}"}
            raise Unreadable(Finding(codes.EXPANDS_TOO_MUCH, (), words))
        return piece


def unreadable(name: str) -> Finding | None:
    """Return why a file cannot be opened, or None if it can."""
    with suppress(OSError, ValueError):
        if stat.S_ISFIFO(os.stat(name).st_mode):  # noqa: PTH116 - a text
            return None  # its writer would not outlive a reader that leaves
    try:
        with opened(name):
            return None
    except Unreadable as error:
        return error.finding


def _unreadable(name: str, error: Exception) -> Unreadable:
    reason = getattr(error, "strerror", None) or str(error)
    words = {"what": "the file", "reason": reason[0].lower() + reason[1:]}
    missing = isinstance(error, FileNotFoundError)
    return Unreadable(
        Finding(
            codes.UNREADABLE_DATASET, (), words, hint=_neighbour(Path(name)) if missing else None
        )
    )


def _neighbour(path: Path) -> str:
    """Say where a file was looked for, and which one was meant."""
    from ...diagnostics.suggest import nearest  # only a wrong name needs it

    folder = path.parent
    while not folder.is_dir():
        path, folder = folder, folder.parent
    meant = nearest(path.name, [entry.name for entry in folder.iterdir()])
    looked = f"there is no `{path.name}` in {folder.absolute()}"
    return f"{looked}; did you mean `{path.with_name(meant)}`?" if meant else looked


def _damaged(error: Exception) -> Unreadable:
    ends = isinstance(error, EOFError)
    reason = "it is truncated" if ends else "its data is corrupt, or in another format"
    return Unreadable(Finding(codes.DAMAGED_COMPRESSION, (), {"reason": reason}))


def _decompressed(name: str, file: BinaryIO) -> "_Checked":
    # Imported here because most datasets are not compressed.
    if name.endswith(".gz"):
        import gzip
        import zlib

        return _Checked(gzip.GzipFile(fileobj=file, mode="rb"), (zlib.error, gzip.BadGzipFile))
    if name.endswith(".zst"):
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd

        limit: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _LARGEST_WINDOW}
        return _Checked(zstd.ZstdFile(file, options=limit), (zstd.ZstdError,))
    return _Checked(file)
