"""Files of a mounted bucket, and the marks in it that say which files are whole.

What a mark says may be anything: it may be torn, or somebody else's.
"""

import errno
import json
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple

_CANNOT_RENAME: Final = frozenset(
    {errno.ENOSYS, errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EXDEV}
)


class Mark(NamedTuple):
    """What is whole, as a node has written it down.

    Attributes:
        nodes: how many there are.
        files: the size of each file, by its name below a folder.

    """

    nodes: int
    files: Mapping[str, int]


def write(path: Path, mark: Mark) -> None:
    """Write a mark when its files are there."""
    put(path, json.dumps(mark._asdict()).encode())


def read(path: Path) -> Mark | None:
    """Return a mark; None if there is none of ours, or it names files elsewhere."""
    value = read_json(path)
    if not isinstance(value, dict):
        return None
    nodes, files = value.get("nodes"), value.get("files")
    if type(nodes) is not int or nodes < 1 or not isinstance(files, dict):
        return None
    if not all(_is_below(name) and type(size) is int for name, size in files.items()):
        return None
    return Mark(nodes, files)


def is_whole(mark: Mark, folder: Path) -> bool:
    """Whether a folder has all files of a mark."""
    return all(_size(folder / name) == size for name, size in mark.files.items())


def _is_below(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        name not in {"", "."}
        and "\0" not in name
        and not path.is_absolute()
        and ".." not in path.parts
    )


def read_json(path: Path) -> Any:
    """Return the value of a file; None if it has none."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def put(path: Path, data: bytes) -> None:
    """Write a small file: as a whole, where the bucket can rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.unfinished")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.errno not in _CANNOT_RENAME:
            raise
        path.write_bytes(data)


def renew(data: bytes, target: Path) -> None:
    """Put a small file where another one may be."""
    if not (target.is_file() and target.read_bytes() == data):
        put(target, data)


def is_full(error: OSError) -> bool:
    """Whether there was no room for a file."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def copy(source: Path, target: Path) -> int:
    """Copy a file, and return its size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target.stat().st_size


def copy_all(source: Path, target: Path) -> dict[str, int]:
    """Copy the files of a folder, and return their sizes by their names below it."""
    files = {}
    for path in sorted(source.rglob("*")):
        if path.is_file():
            name = path.relative_to(source).as_posix()
            files[name] = copy(path, target / name)
    return files


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
