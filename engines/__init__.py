"""Where a trainer's processes run: on this machine, or on Slurm. The seam has six verbs.

An engine knows neither what is trained nor who asks. All that it keeps is in the job's folder,
so a server that comes back finds its jobs as they are.
"""

import errno
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, Protocol

INTERRUPTED: Final = os.EX_TEMPFAIL
"""Exit code of a trainer that was asked to stop and can go on."""


class Place(NamedTuple):
    """An engine in words.

    Attributes:
        where: where it runs jobs.
        unit: what it runs them as, which has an id of its own.

    """

    where: str
    unit: str


ENGINES: Final[Mapping[str, Place]] = {
    "local": Place("this machine", "process group"),
    "slurm": Place("Slurm", "job"),
}
"""The engines by name."""

_PASSING: Final = frozenset({
    errno.EAGAIN, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC,
    errno.ESTALE,
})  # fmt: skip
"""Errors of a machine that is busy or full, or whose disk is away: the job may run later."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class EngineError(Exception):
    """The engine did not do what it was asked to; the message says why, on one line."""


class UnreachableError(EngineError):
    """The engine gave no answer. Nothing is known about the job; asking again may help."""


class AtLimitError(EngineError):
    """The engine admits no more jobs at the moment. Nothing was submitted; submit again later."""

    def __init__(self, message: str, again: float = 60.0) -> None:
        """Say why, and in how many seconds to submit again."""
        super().__init__(message)
        self.again = again


def failed(what: str, error: OSError) -> EngineError:
    """Return what an error of the system means for a job: one that passes is no refusal."""
    kind = UnreachableError if error.errno in _PASSING else EngineError
    return kind(f"{what}: {error}")


class Phase(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class State:
    """What an engine knows about a job.

    Attributes:
        phase: how far it is.
        reason: why, in words, without a full stop.
        code: the trainer's exit code, 128 + N if signal N killed it; None if it is not known.
        hopeless: it can never start; ``reason`` says what it lacks. It may be waiting all the same.
        resumable: it ended before its work was done, and nobody asked for that: submitting the
            same launch again goes on with it.
        unwritten: it ended, and what it wrote about its end cannot be read yet: a network file
            system may show it later, and then it counts instead of this state.

    """

    phase: Phase
    reason: str
    code: int | None = None
    hopeless: bool = False
    resumable: bool = False
    unwritten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What to run, and where.

    Attributes:
        folder: the job's folder, absolute; every node sees it under this path.
        argv: the program that each process runs, with its arguments.
        name: the job's name, unique among all jobs of the machine or the cluster.
        nodes: machines.
        processes: processes on each node. Each has the variables RANK, LOCAL_RANK, WORLD_SIZE,
            LOCAL_WORLD_SIZE, MASTER_ADDR and MASTER_PORT.
        gpus: GPUs of each node; on this machine, nobody else's as long as it runs.
        gpu_type: their type as people write it, e.g. ``H100``; empty for any.
        cpus: CPUs of each node; 0 leaves it to the engine.
        environment: variables for the processes. They are written into the folder.
        retries: how often the processes are started again after a crash.
        final_codes: exit codes of the trainer after which starting it again is no use.

    Raises:
        EngineError: no engine can run this.

    """

    folder: Path
    argv: tuple[str, ...]
    name: str
    nodes: int = 1
    processes: int = 1
    gpus: int = 0
    gpu_type: str = ""
    cpus: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    retries: int = 3
    final_codes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be started, or would be taken for something else."""
        texts = [os.fspath(self.folder), *self.argv, self.gpu_type, *self.environment.values()]
        if not _NAME.fullmatch(self.name):
            raise EngineError(
                f"{self.name!r} is not a valid job name: letters, digits, '.', '_', '-'"
            )
        if not self.folder.is_absolute():
            raise EngineError(f"the job's folder {str(self.folder)!r} is not an absolute path")
        if not self.argv:
            raise EngineError("there is no program to run")
        if any("\0" in text for text in texts):
            raise EngineError("paths, arguments and variables cannot contain NUL")
        for variable in self.environment:
            if not _VARIABLE.fullmatch(variable):
                raise EngineError(f"{variable!r} is not a valid name of an environment variable")
        if min(self.nodes, self.processes) < 1:
            raise EngineError("a job has at least one node with one process")
        if min(self.gpus, self.cpus, self.retries) < 0:
            raise EngineError("GPUs, CPUs and retries cannot be negative")


class Engine(Protocol):
    """Runs the processes of trainers.

    Handles are text. They stay valid when the server, or the machine, is started again.
    """

    name: str

    def submit(self, launch: Launch) -> str:
        """Make sure that a job runs, and return its handle.

        A job of this name that waits, runs, or has come to its end is not started again. So a
        server that died before it could store the handle submits once more. A job that ended
        resumable is started again.

        Raises:
            UnreachableError: it is not known whether the job was submitted; submit again.
            AtLimitError: it was not, for now.
            EngineError: this job cannot be run here.

        """

    def find(self, folder: Path, name: str) -> str | None:
        """Return the handle of a job that may have been submitted; None if it was not.

        Nothing is started or changed. For a server that died before it could store the handle.

        Args:
            folder: the job's folder, absolute.
            name: the job's name.

        Raises:
            UnreachableError: at the moment, nothing is known.
            EngineError: the engine cannot be asked.

        """

    def state(self, handle: str) -> State:
        """Return what is known about a job.

        Raises:
            UnreachableError: at the moment, nothing is.
            EngineError: this is no handle of this engine.

        """

    def cancel(self, handle: str) -> None:
        """Kill a job's processes, whatever they are doing; harmless if it has ended.

        Raises:
            UnreachableError: the job may still be running.
            EngineError: it may, too, and asking again is no use.

        """

    def job(self, handle: str) -> str:
        """Return what people know a job by outside of sftc: see ``Place.unit``; maybe empty."""

    def log(self, handle: str) -> Path:
        """Return the path of what the processes print, for ``log.read``. It may not exist yet."""
