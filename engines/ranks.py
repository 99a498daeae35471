"""The processes of a job on one node, started and stopped together."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import INTERRUPTED, Launch
from .log import say
from .processes import MARK, kill_marked

_GRACE: Final = 25.0
"""Seconds that a trainer has to store a checkpoint when it is asked to stop. Slurm gives it 30."""

_LOOK: Final = 1.0
"""Seconds until it is looked again whether anybody needs the processes."""

_STOP: Final = frozenset({signal.SIGTERM, signal.SIGINT})
_HEARD: Final = _STOP | {signal.SIGCHLD}
_PR_SET_PDEATHSIG: Final = 1
BY_SIGNAL: Final = 128
"""What a shell adds to the number of the signal that killed a process."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which node of a job this is, and where its processes meet.

    Attributes:
        node: its number, from 0.
        mark: what its processes are marked with.
        address: the address of node 0.
        port: a port on it.

    """

    node: int
    mark: str
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How processes ended.

    Attributes:
        code: 0 if all did well, else the exit code that says most; 128 + N for signal N.
        interrupted: they were asked to stop.

    """

    code: int
    interrupted: bool


def run(launch: Launch, place: Place, pointless: Callable[[], bool]) -> Outcome:
    """Run the processes of a node to their end, and leave none behind.

    SIGTERM is passed on to them. When one fails, the others are killed.

    Args:
        launch: what to run.
        place: where.
        pointless: says whether nobody needs them any more; asked about once a second.

    """
    ranks = range(launch.processes)
    commands = [(launch.argv, variables(launch, place, local)) for local in ranks]
    outcome = wait(commands, launch, pointless)
    kill_marked(place.mark)
    return outcome


def wait(
    commands: Sequence[tuple[Sequence[str], Mapping[str, str]]],
    launch: Launch,
    pointless: Callable[[], bool],
) -> Outcome:
    """Run commands, each with more variables, until all have ended well, or one has not.

    A program that cannot be started counts as one that ended with 127, as in a shell.
    """
    # Never unblocked: a SIGTERM that comes late must not end us before the ranks have ended.
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    running: list[subprocess.Popen[bytes]] = []
    try:
        for argv, more in commands:
            running.append(_start(argv, more, launch.folder))
        return _watch(running, launch.final_codes, pointless)
    except OSError as error:
        say(f"{commands[0][0][0]!r} cannot be started: {error.strerror}")
        return Outcome(127, interrupted=False)
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()


def _start(argv: Sequence[str], more: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a rank does not outlive its supervisor
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)

    return subprocess.Popen(  # noqa: S603 - the program that the launch names
        argv,
        stdin=subprocess.DEVNULL,
        env=os.environ | more,
        cwd=folder,
        preexec_fn=in_child,  # noqa: PLW1509 - there are no threads here
    )


def _watch(
    running: Sequence[subprocess.Popen[bytes]], final: Sequence[int], pointless: Callable[[], bool]
) -> Outcome:
    deadline: float | None = None
    heard = 0
    while True:
        codes = [_code(process.poll()) for process in running]
        if deadline is None and (heard in _STOP or INTERRUPTED in codes):
            deadline = time.monotonic() + _GRACE
            for process in running:
                process.send_signal(signal.SIGTERM)
        interrupted = deadline is not None
        failed = [code for code in codes if code]
        if None not in codes or (failed and not interrupted):
            return Outcome(_telling(failed, final) if failed else 0, interrupted)
        if pointless() or (deadline is not None and time.monotonic() >= deadline):
            return Outcome(INTERRUPTED, interrupted=True)
        information = signal.sigtimedwait(_HEARD, _LOOK)
        heard = information.si_signo if information else 0


def _code(returned: int | None) -> int | None:
    return returned if returned is None or returned >= 0 else BY_SIGNAL - returned


def _telling(codes: Sequence[int], final: Sequence[int]) -> int:
    """Return the exit code that says most: when a process gives up, others fail for want of it."""
    said = [code for code in codes if code in final or code == INTERRUPTED]
    return (said or codes)[0]


def variables(launch: Launch, place: Place, local: int) -> dict[str, str]:
    """Return the variables of a process, by its number on its node."""
    cores = min(len(os.sched_getaffinity(0)), launch.cpus or 1 << 20)
    threads = max(cores // launch.processes, 1)
    return {
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS") or str(threads),
        "PYTHONUNBUFFERED": "1",  # the log is read while it grows
        **launch.environment,
        "RANK": str(place.node * launch.processes + local),
        "LOCAL_RANK": str(local),
        "WORLD_SIZE": str(launch.nodes * launch.processes),
        "LOCAL_WORLD_SIZE": str(launch.processes),
        "MASTER_ADDR": place.address,
        "MASTER_PORT": str(place.port),
        MARK: place.mark,
    }
