"""What the engines keep in a job's folder: the launch, who supervises it, how it ended."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from . import INTERRUPTED, EngineError, Launch

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
    values = _read(folder / _LAUNCH)
    if values is None:
        raise EngineError(f"{folder / _LAUNCH} cannot be read")
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
    return _read(folder / _SUPERVISOR)


def write_exit(folder: Path, ended: Exit) -> None:
    """Store how a job ended, unless it was cancelled meanwhile."""
    try:
        _write(folder / _EXIT, asdict(ended), new=True)
    except FileExistsError:
        return


def write_cancelled(folder: Path, name: str, job: str = "") -> None:
    """Store that a job is cancelled: whoever supervises it will not start it again."""
    _write(folder / _EXIT, asdict(Exit(name, None, "cancelled", job)))


def read_exit(folder: Path, name: str) -> Exit | None:
    """Return how the job of a name ended, if it has."""
    values = _read(folder / _EXIT)
    return Exit(**values) if values and values["name"] == name else None


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
    try:
        values = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return values if isinstance(values, dict) else None
