"""The folder that a trainer works in, made from a job and its stored files."""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from ...jobfolder import JobFolder
from ...payloads import canonical
from ..runner import Task

_PIECE: Final = 1024 * 1024
_MOST: Final = 1024 * 1024 * 1024


def prepare(task: Task) -> JobFolder:
    """Return the folder of a job, with its payload and its rows.

    The payload comes last: where it is, the rest is.

    Raises:
        OSError: it cannot be made.
        RunFailedError: a stored file is gone.

    """
    folder = JobFolder(task.folder)
    if folder.payload.is_file():
        return folder
    task.check_files()
    folder.root.mkdir(mode=0o700, exist_ok=True)
    _put(folder.training, [task.training])
    if task.validation:
        _put(folder.validation, task.validation)
    unfinished = _beside(folder.payload)
    with unfinished.open("wb") as file:
        file.write(canonical.encode(task.job.payload))
        _sync(file.fileno())
    unfinished.replace(folder.payload)
    descriptor = os.open(folder.root, os.O_RDONLY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)
    return folder


def _put(path: Path, sources: Sequence[Path]) -> None:
    """Put the rows of files into one.

    They are copied, not linked: a user who edits them must not change the store.
    """
    unfinished = _beside(path)
    unfinished.unlink(missing_ok=True)
    with unfinished.open("wb") as joined:
        if len(sources) == 1:
            _copy(sources[0], joined)
        else:
            for source in sources:
                _append(source, joined.fileno())
        _sync(joined.fileno())
    unfinished.replace(path)


def _copy(source: Path, joined: BinaryIO) -> None:
    """Copy a file in the kernel where that is possible; some file systems share the blocks."""
    with source.open("rb") as file:
        size, copied = os.fstat(file.fileno()).st_size, 0
        with suppress(AttributeError, OSError):  # this system cannot, or not between these two
            while count := os.copy_file_range(file.fileno(), joined.fileno(), _MOST):
                copied += count
        if copied < size:  # some systems say that there is nothing to copy
            file.seek(0)
            joined.seek(0)
            shutil.copyfileobj(file, joined, _PIECE)
            joined.flush()


def _append(source: Path, descriptor: int) -> None:
    last = b"\n"
    with source.open("rb") as file:
        while piece := file.read(_PIECE):
            last = piece[-1:]
            with memoryview(piece) as left:
                done = 0
                while done < len(left):
                    done += os.write(descriptor, left[done:])
    if last != b"\n":  # the next file begins with a row of its own
        os.write(descriptor, b"\n")


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.unfinished")


def _sync(descriptor: int) -> None:
    os.fsync(descriptor)
