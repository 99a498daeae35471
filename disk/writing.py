"""Files that a user asked for, written: a regular file as a whole, anything else as it comes."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import FileIO
from pathlib import Path

from .descriptors import named_by, write_all


def write(path: Path, data: bytes) -> None:
    """Write data to what a path names.

    A regular file afterwards holds all of the data, or what it held before: a temporary file
    beside it takes its place. It keeps its mode. Missing folders are made. A symbolic link stays,
    and its target is written; of several hard links only the named one has the new data.

    A device, a pipe or an open file such as ``/dev/stdout`` is written to, never replaced.

    Raises:
        OSError: it cannot be written. Of a regular file and the folders above it, nothing is
            left that was not there before.

    """
    descriptor = named_by(str(path))
    if descriptor is not None:
        with open(descriptor, "wb", buffering=0, closefd=False) as file:
            write_all(file, data)
        return
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is None or stat.S_ISREG(mode):
        # realpath: the file that a link names, not the link.
        _replace(Path(os.path.realpath(path)), data, mode)
        return
    with open(os.open(path, os.O_WRONLY), "wb", buffering=0) as file:
        write_all(file, data)


def is_stream(path: Path) -> bool:
    """Whether a path names a device, a pipe or an open file, which cannot be replaced."""
    if named_by(str(path)) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


@contextmanager
def replacing(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Give a function that writes the next bytes of a file, which is replaced at the end.

    A regular file afterwards holds all that was written; if an exception leaves the block, what
    it held before. A device, a pipe or an open file is written to as the bytes come.

    Raises:
        OSError: it cannot be written.

    """
    descriptor = named_by(str(path))
    if descriptor is not None or is_stream(path):
        closes = descriptor is None
        number = os.open(path, os.O_WRONLY) if descriptor is None else descriptor
        with open(number, "wb", buffering=0, closefd=closes) as file:
            yield partial(write_all, file)
        return
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    with _replaced(Path(os.path.realpath(path)), mode) as file:
        yield partial(write_all, file)


def _replace(path: Path, data: bytes, mode: int | None) -> None:
    with _replaced(path, mode) as file:
        write_all(file, data)


@contextmanager
def _replaced(path: Path, mode: int | None) -> Iterator[FileIO]:
    # Not named after the file, whose name may be as long as names can be.
    temporary = path.with_name(f".sftc-{os.urandom(8).hex()}.tmp")
    with _folder(path.parent), FileIO(temporary, "x") as file:
        try:
            if mode is not None and mode != os.fstat(file.fileno()).st_mode:
                temporary.chmod(stat.S_IMODE(mode))
            yield file
            os.fsync(file.fileno())
            file.close()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def _folder(path: Path) -> Iterator[None]:
    """Make the folders that are missing; if nothing comes of it, remove them again."""
    missing = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    made = []
    try:
        for folder in reversed(missing):
            with suppress(FileExistsError):  # another process was quicker
                folder.mkdir()
                made.append(folder)
        yield
    except BaseException:
        for folder in reversed(made):
            with suppress(OSError):  # it has been put to use meanwhile
                folder.rmdir()
        raise
