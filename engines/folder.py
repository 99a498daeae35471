"""What the engines keep in a job's folder: the launch, who supervises it, how it ended.

The folder is the trainer's, too: a file of ours that is not as we write it counts as none.
"""

import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, get_type_hints

from . import INTERRUPTED, EngineError, Launch, UnreachableError

LOG: Final = "log"
"""What the processes print, and a line of ours for each attempt."""

BATCH: Final = "batch.sh"
"""The script that Slurm was given."""

_LAUNCH: Final = "launch.json"
_SUPERVISOR: Final = "supervisor.json"
_EXIT: Final = "exit.json"
_LOCK: Final = "supervisor.lock"
"""Not ``lock``, which a trainer takes in the same folder."""
_AGAIN: Final = 0.2
_LARGEST: Final = 1024 * 1024
"""Bytes of a file; a launch with all its variables has some thousands."""
_BEYOND_PIDS: Final = 2**31
_NO_FILE: Final = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}
"""What the system says of nothing, of links, and of sockets."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a job ended.

    Attributes:
        name: the job's name.
        code: the trainer's exit code; None if it was cancelled.
        reason: the same in words.
        job: the id that Slurm gave it; empty on this machine.

    """

    name: str
    code: int | None
    reason: str
    job: str = ""

    @property
    def final(self) -> bool:
        """Whether there is nothing left to do."""
        return self.code != INTERRUPTED


class BusyError(Exception):
    """Another supervisor holds the folder."""


def write_launch(launch: Launch) -> None:
    """Store a launch for those who start its processes; only its owner can read it."""
    values = asdict(replace(launch, environment=dict(launch.environment)))
    _write(launch.folder / _LAUNCH, values | {"folder": None})


def read_launch(folder: Path) -> Launch:
    """Return the launch of a folder.

    Raises:
        EngineError: there is none that can be read.

    """
    values = _read(folder / _LAUNCH) or {}
    if not _is_launch(values):
        raise EngineError(f"{folder / _LAUNCH} is not the launch file of a job")
    for name in ("argv", "final_codes"):
        values[name] = tuple(values[name])
    return Launch(**values | {"folder": folder})


def is_launched(folder: Path, name: str) -> bool:
    """Whether the launch of a job was stored, so that it may have been submitted."""
    values = _read(folder / _LAUNCH)
    return values is not None and values.get("name") == name


def write_supervisor(folder: Path, values: dict[str, Any]) -> None:
    """Store who supervises the job."""
    _write(folder / _SUPERVISOR, values)


def read_supervisor(folder: Path) -> dict[str, Any] | None:
    """Return who supervises the job, or did so last."""
    values = _read(folder / _SUPERVISOR)
    if not values or not _has(values, name=str, pid=int, start=int, boot=str):
        return None
    return values if 0 < values["pid"] < _BEYOND_PIDS else None


def write_exit(folder: Path, ended: Exit) -> None:
    """Store how a job ended, unless it was cancelled meanwhile."""
    try:
        _write(folder / _EXIT, asdict(ended), new=True)
    except FileExistsError:
        return


def write_cancelled(folder: Path, name: str, job: str = "") -> None:
    """Store that a job is cancelled: whoever supervises it will not start it again.

    Raises:
        OSError: it cannot be written.

    """
    _write(folder / _EXIT, asdict(Exit(name, None, "cancelled", job)))


def read_exit(folder: Path, name: str) -> Exit | None:
    """Return how the job of a name ended, if it has."""
    values = _read(folder / _EXIT)
    kinds = get_type_hints(Exit)
    if not values or values.keys() - kinds.keys() or values.get("name") != name:
        return None
    return Exit(**values) if _has({"job": "", **values}, **kinds) else None


def is_exit_damaged(folder: Path) -> bool:
    """Whether something stands where it is stored how a job ended, and is none of ours."""
    path = folder / _EXIT
    return os.path.lexists(path) and _read(path) is None


def forget_exit(folder: Path) -> None:
    """Remove how an earlier run ended."""
    (folder / _EXIT).unlink(missing_ok=True)


@contextmanager
def locked(folder: Path, patience: float) -> Iterator[None]:
    """Hold the folder, so that no two supervisors train one job.

    Args:
        folder: the job's folder.
        patience: seconds to wait for another supervisor; on a network file system the lock of a
            node that died is released only after a while.

    Raises:
        BusyError: another supervisor still holds it.

    """
    deadline = time.monotonic() + patience
    with (folder / _LOCK).open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise BusyError from None
                time.sleep(_AGAIN)
        yield


def opened(path: Path) -> int | None:
    """Return a descriptor of a file that a trainer could have replaced; the caller closes it.

    None stands for nothing, for a link, and for what is no file, such as a pipe without an end.

    Raises:
        OSError: it is there, and cannot be read.

    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _NO_FILE:
            return None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def _write(path: Path, values: dict[str, Any], *, new: bool = False) -> None:
    temporary = path.with_name(f"{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(values, file)
            file.flush()
            os.fsync(descriptor)
        if new:
            path.hardlink_to(temporary)
        else:
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any] | None:
    """Return what a file of ours holds; None if it is not there, or is none of ours.

    Raises:
        UnreachableError: it is there, and cannot be read.

    """
    try:
        descriptor = opened(path)
        if descriptor is None:
            return None
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(_LARGEST + 1)
        values = json.loads(data) if len(data) <= _LARGEST else None
    except OSError as error:
        raise UnreachableError(f"a file of the job cannot be read: {error}") from error
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _is_launch(values: dict[str, Any]) -> bool:
    texts, numbers = ("name", "gpu_type"), ("nodes", "processes", "gpus", "cpus", "retries")
    kinds = dict.fromkeys(texts, str) | dict.fromkeys(numbers, int)
    return (
        values.keys() == {each.name for each in fields(Launch)}
        and _has(values, **kinds, argv=list, final_codes=list, environment=dict)
        and all(
            isinstance(each, str) for each in (*values["argv"], *values["environment"].values())
        )
        and all(type(each) is int for each in values["final_codes"])
    )


def _has(values: dict[str, Any], **kinds: Any) -> bool:
    """Whether values have such names, and are of such types; true is no number."""
    return all(
        name in values and isinstance(values[name], kind) and not isinstance(values[name], bool)
        for name, kind in kinds.items()
    )
