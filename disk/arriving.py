"""A file that comes in pieces, maybe over several runs, and has its name when it is whole.

Until then it stands in the folder under a name made of its digest. A stranger may have chosen
its name, and filled the folder: no link is followed, and nothing outside is touched.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Final

from .descriptors import write_all
from .gate import RefusedError

_PIECE: Final = 1024 * 1024
_FLAGS: Final = (
    getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe put there is not waited for
)


class Arriving:
    """A file on its way, open and locked.

    Attributes:
        size: the bytes of it that are there.

    """

    def __init__(self, path: Path, file: FileIO) -> None:
        self._path = path
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0
        while piece := file.read(_PIECE):
            self._digest.update(piece)
            self.size += len(piece)

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes that are there, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, piece: bytes) -> None:
        """Add bytes at the end."""
        write_all(self._file, piece)
        self._digest.update(piece)
        self.size += len(piece)

    def restart(self) -> None:
        """Let go of the bytes that are there."""
        self._file.seek(0)
        self._file.truncate()
        self._digest = hashlib.sha256()
        self.size = 0

    def finish(self, target: Path) -> None:
        """Give the file its name; what had it before is replaced."""
        os.fsync(self._file.fileno())
        self._path.replace(target)

    def drop(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)


@contextmanager
def arriving(folder: Path, sha256: str) -> Iterator[Arriving]:
    """Open the file with a digest that is to come into a folder.

    Raises:
        RefusedError: something else has its name, or another process is at it.
        OSError: it cannot be opened.

    """
    path = folder / f".sftc-{sha256}.part"
    if path.is_symlink():
        raise RefusedError("is a link")
    with open(os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o666), "rb+", buffering=0) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise RefusedError("was not created by sftc")
        if not _is_ours(file, path):
            raise RefusedError("is being downloaded by another process")
        yield Arriving(path, file)


def _is_ours(file: FileIO, path: Path) -> bool:
    """Whether no other process is at a file; it has it no more when this one ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The other process may have given it its name since it was opened.
        return path.lstat().st_ino == os.fstat(file.fileno()).st_ino
    except (BlockingIOError, FileNotFoundError):
        return False


def place(folder: Path, parts: Sequence[str]) -> Path:
    """Return where a file would be in a folder, by the names of folders and its own.

    Raises:
        RefusedError: there is a link on the way, or something that is no regular file.

    """
    path = folder
    for part in parts[:-1]:
        path /= part
        mode = _mode(path)
        if mode is not None and not stat.S_ISDIR(mode):
            kind = "a link" if stat.S_ISLNK(mode) else "not a folder"
            raise RefusedError(f"`{part}` is {kind}")
    mode = _mode(path / parts[-1])
    if mode is not None and not stat.S_ISREG(mode):
        raise RefusedError("it is a link" if stat.S_ISLNK(mode) else "it is not a regular file")
    return path / parts[-1]


def digest(path: Path) -> tuple[str, int] | None:
    """Return the SHA-256 and the size of a regular file; None if there is nothing.

    Raises:
        OSError: it cannot be read, or is a link.

    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with open(descriptor, "rb", buffering=0) as file:
        there = Arriving(path, file)
    return there.digest, there.size


def _mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
