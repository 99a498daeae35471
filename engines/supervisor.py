"""The program that supervises a job on this machine; ``engines/local.py`` starts it.

It leaves the process that started it, takes the folder, runs the processes, and writes how they
ended. Its standard output is the job's log. Exit codes: 0 it has taken over, or there is nothing
left to do; 3 another supervisor has the folder; 4 the machine is full or busy, and it may take
over later; 5 the job's GPUs are not free.
"""

import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from . import EngineError, Launch, UnreachableError, failed
from .attempts import train
from .folder import (
    BusyError,
    forget_exit,
    is_exit_damaged,
    locked,
    read_exit,
    read_launch,
    write_supervisor,
)
from .gpus import VISIBLE, FullError, allot
from .log import say
from .processes import Identity, kill_marked, mark
from .ranks import Outcome, Place, run

BUSY: Final = 3
LATER: Final = 4
FULL: Final = 5
_BROKEN: Final = 1
_LOOPBACK: Final = "127.0.0.1"


def main(folder: Path, gpus: Sequence[str] = ()) -> int:
    """Start a supervisor in a session of its own, and return when it has taken over, or cannot."""
    ours, theirs = os.pipe()
    if os.fork():
        os.close(theirs)
        word = os.read(ours, 1)  # nothing, if it died
        return word[0] if word else _BROKEN
    os.close(ours)
    os.setsid()
    return _supervise(folder, gpus, theirs)


def _supervise(folder: Path, gpus: Sequence[str], starter: int) -> int:
    with ExitStack() as held:
        try:
            held.enter_context(locked(folder, patience=0))
            launch = _take_over(folder, gpus)
        except BusyError:
            _tell(starter, BUSY)
            return BUSY
        except FullError:
            _tell(starter, FULL)
            return FULL
        except (EngineError, OSError) as error:
            code = _said(error)
            _tell(starter, code)
            return code
        _tell(starter, 0)
        return train(launch, "", lambda _: _once(launch)) if launch else 0


def _take_over(folder: Path, gpus: Sequence[str]) -> Launch | None:
    """Return what to run, when nothing else of the job runs; None if it has ended.

    Raises:
        FullError: too few of the GPUs are free.

    """
    launch = read_launch(folder)
    ended = read_exit(folder, launch.name)
    if ended and ended.final:
        return None
    kill_marked(mark(launch.name, ""))  # left behind by a supervisor that was killed
    if launch.gpus:
        own = ",".join(allot(launch.gpus, gpus))
        launch = replace(launch, environment={**launch.environment, VISIBLE: own})
        say(f"its GPUs: {own}")
    if ended or is_exit_damaged(folder):  # otherwise it may be cancelled by now
        forget_exit(folder)
    myself = Identity.of(os.getpid())
    assert myself  # noqa: S101 - we are running
    write_supervisor(folder, {"name": launch.name} | asdict(myself))
    return launch


def _said(error: EngineError | OSError) -> int:
    """Print why the job is not taken over, and return the exit code."""
    known = failed("it cannot take over", error) if isinstance(error, OSError) else error
    with suppress(OSError):  # the log may be on the disk that is full
        print(known, flush=True)  # noqa: T201 - the starter reads it
    return LATER if isinstance(known, UnreachableError) else _BROKEN


def _once(launch: Launch) -> Outcome:
    with socket.socket() as free:
        free.bind((_LOOPBACK, 0))
        port = free.getsockname()[1]
    place = Place(0, mark(launch.name, ""), _LOOPBACK, port)
    return run(launch, place, lambda: read_exit(launch.folder, launch.name) is not None)


def _tell(starter: int, code: int) -> None:
    """Tell the starter, if it still listens, and let it go."""
    try:
        os.write(starter, bytes([code]))
    except BrokenPipeError:
        say("the process that started this job exited; the job keeps running")
    os.close(starter)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    # After a fork both processes come here, and neither may run what the other would.
    path, *named = sys.argv[1:]
    code = main(Path(path), [each for each in ",".join(named).split(",") if each])
    sys.stdout.flush()
    os._exit(code)
