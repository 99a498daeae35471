"""The files of a result: listed once, with their digests, and opened without following a link."""

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from ..records import Artifact

_PIECE: Final = 1024 * 1024
_LOOK: Final = 64 * 1024 * 1024
"""Bytes between two looks whether anybody still wants the digests."""
_FILE: Final = 1024 * 1024
"""What a file of any size costs besides, in bytes that are read meanwhile."""
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_MOST: Final = 10_000
"""Files of a result; a large model has some hundreds."""


def listed(root: Path, between: Callable[[], None]) -> list[Artifact]:
    """Return the files of a folder by their paths; what is no file, such as a link, is left out.

    Args:
        root: the folder.
        between: called again and again, and may end it by an exception: a large result takes
            minutes to read.

    Raises:
        OSError: one of them cannot be read, or there are too many.

    """
    found: list[Artifact] = []
    unseen = 0

    def passed(count: int) -> None:
        nonlocal unseen
        unseen += count
        if unseen >= _LOOK:
            between()
            unseen = 0

    for path in _files(root, ""):
        if len(found) == _MOST:
            raise OSError(errno.E2BIG, f"it has more than {_MOST:,} files")
        descriptor = opened(root, path)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            digest, size, modified = hashlib.sha256(), 0, os.fstat(descriptor).st_mtime_ns
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                passed(len(piece))
        passed(_FILE)
        found.append(Artifact(path, size, digest.hexdigest(), modified))
    return sorted(found, key=lambda artifact: artifact.path)


def opened(root: Path, path: str) -> int:
    """Return a descriptor of a file below a folder; the caller closes it.

    Raises:
        OSError: it is not there, is no file, or a link leads to it.

    """
    *folders, name = path.split("/")
    at = os.open(root, _FLAGS | os.O_DIRECTORY)
    try:
        for folder in folders:
            below = os.open(folder, _FLAGS | os.O_DIRECTORY, dir_fd=at)
            os.close(at)
            at = below
        descriptor = os.open(name, _FLAGS, dir_fd=at)
    finally:
        os.close(at)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, f"{path} is not a regular file")
    return descriptor


def _files(folder: Path, above: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                entry.name.encode()
            except UnicodeEncodeError:  # no URL could name it
                continue
            if entry.is_file(follow_symlinks=False):
                yield f"{above}{entry.name}"
            elif entry.is_dir(follow_symlinks=False):
                yield from _files(folder / entry.name, f"{above}{entry.name}/")
