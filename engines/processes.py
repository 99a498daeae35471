"""Processes found again and killed for certain, by what Linux says about them in /proc.

A process id alone is never trusted: ids are used again. A process is known by its start time and
the boot it belongs to, or by a mark in its environment, which its children inherit.
"""

import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import EngineError

MARK: Final = "SFTC_PROCESS_OF"
"""The variable that marks each process of a job."""

_PROC: Final = Path("/proc")
_START_TIME: Final = 19
"""Index of ``starttime`` in /proc/PID/stat, counted after the name; see proc(5)."""

_PATIENCE: Final = 30.0
"""Seconds until a job's processes are all dead."""

_DYING: Final = 5.0
"""Seconds that a killed process is waited for before the others are looked at again."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One process, and no other that is given its id later.

    Attributes:
        pid: its process id.
        start: when it started, in clock ticks after the boot.
        boot: the id of the boot.

    """

    pid: int
    start: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """Return a process's identity; None if it has ended, even if nobody has reaped it."""
        try:
            after_name = (
                (_PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2]
            )
            boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = after_name.split()
        return None if fields[0] in "ZX" else cls(pid, int(fields[_START_TIME]), boot)

    def alive(self) -> bool:
        """Whether this very process runs."""
        return Identity.of(self.pid) == self


def mark(name: str, node: str) -> str:
    """Return the value of MARK for the processes of a job on one node."""
    return f"{name}@{node}"


def supervisor_mark(name: str) -> str:
    """Return the value of MARK for who supervises a job on this machine."""
    return f"{name}@/supervisor"  # no node has this name


def is_marked(value: str) -> bool:
    """Whether a process with a mark runs."""
    return any(_marked(pid, value) for pid in _everyone())


def kill_marked(value: str) -> None:
    """Kill every process with a mark, however it is related to us, until none is left.

    Raises:
        EngineError: one does not die: it hangs in the kernel, on a disk or a GPU.

    """
    deadline = time.monotonic() + _PATIENCE
    while found := [pid for pid in _everyone() if _marked(pid, value)]:
        for pid in found:
            with _process(pid) as descriptor:
                if descriptor is not None and _marked(pid, value):
                    _end(descriptor)
        if time.monotonic() > deadline:
            raise EngineError(f"process {found[0]} was killed, but has not exited")


def _everyone() -> Iterator[int]:
    for entry in _PROC.iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            yield int(entry.name)


def _marked(pid: int, value: str) -> bool:
    try:
        environment = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return False
    return f"{MARK}={value}".encode() in environment.split(b"\0")


@contextmanager
def _process(pid: int) -> Iterator[int | None]:
    """Open whatever process has an id now: the id may be used again, the descriptor not."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _end(descriptor: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    poll.poll(_DYING * 1000)
