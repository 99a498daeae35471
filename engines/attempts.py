"""The attempts of one job: started again after a crash, and what is written at the end."""

from collections.abc import Callable
from signal import Signals
from typing import Final

from . import INTERRUPTED, Launch
from .folder import Exit, read_exit, write_exit
from .log import say
from .ranks import BY_SIGNAL, Outcome

_COULD_NOT_START: Final = frozenset({126, 127})


def train(launch: Launch, job: str, once: Callable[[int], Outcome]) -> int:
    """Run a job until it ends well, is interrupted, or has crashed too often.

    How it ended is in the folder afterwards.

    Args:
        launch: the job.
        job: the id that Slurm gave it; empty on this machine.
        once: runs all processes; is given the number of the attempt, from 0.

    Returns:
        The exit code of the last attempt, INTERRUPTED if it was asked to stop.

    """
    attempt = 0
    while True:
        outcome = once(attempt)
        code = INTERRUPTED if outcome.interrupted and outcome.code else outcome.code
        words = explained(code)
        over = code in {0, INTERRUPTED, *launch.final_codes, *_COULD_NOT_START}
        over = over or read_exit(launch.folder, launch.name) is not None  # it was cancelled
        if over or attempt >= launch.retries:
            if attempt and code not in {0, INTERRUPTED}:
                words += f", after {attempt + 1} attempts"
            say(f"attempt {attempt + 1}: {words}")
            write_exit(launch.folder, Exit(launch.name, code, words, job))
            return code
        attempt += 1
        say(f"attempt {attempt}: {words}; restarting ({attempt} of {launch.retries})")


def explained(code: int) -> str:
    """Return an exit code in words."""
    if code == 0:
        return "finished"
    if code == INTERRUPTED:
        return "interrupted; it can resume"
    if code in _COULD_NOT_START:
        return f"the trainer could not be started (exit code {code})"
    try:
        name = Signals(code - BY_SIGNAL).name
    except ValueError:
        return f"the trainer failed with exit code {code}"
    lack = ", perhaps because it ran out of memory" if name == "SIGKILL" else ""
    return f"a process of the trainer was killed by {name}{lack}"
