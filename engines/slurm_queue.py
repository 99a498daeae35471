"""Slurm's queue as squeue prints it: one job by its name or number, or all jobs of this user.

All jobs are asked for once, for everybody who looks within a few seconds: a thousand jobs that are
watched are one process, and one request to the controller, instead of a thousand.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from . import EngineError

_FRESH: Final = 4.0
"""Seconds that an answer serves for all jobs, a failure to answer included."""

_COLUMNS: Final = "--format=%A|%j|%T|%r"


class UnknownJobError(EngineError):
    """Slurm knows no job of this id."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A job that Slurm remembers.

    Attributes:
        number: its id.
        name: its name, which others of this user may have, too.
        state: Slurm's word for its state.
        reason: Slurm's word for why it is there.

    """

    number: int
    name: str
    state: str
    reason: str


class Queue:
    """The jobs of this user."""

    def __init__(self, ask: Callable[..., str]) -> None:
        """Take what runs a command of Slurm and returns its output, or raises EngineError."""
        self._ask = ask
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._answer: Mapping[int, Queued] | EngineError = {}

    def newest(self, name: str, number: str = "") -> Queued | None:
        """Ask for a job by its number, or the newest of its name.

        None if Slurm has forgotten it, or gave its number to another.
        """
        try:
            jobs = self._listed(f"--jobs={number}" if number else f"--name={name}")
        except UnknownJobError:
            return None
        found = [job for job in jobs if job.name == name]
        return max(found, key=lambda job: job.number, default=None)

    def seen(self, name: str, number: str) -> Queued | None:
        """Return a job as Slurm showed it some seconds ago, or now if it was not there."""
        known = self._all().get(int(number)) if number.isdecimal() else None
        return known if known and known.name == name else self.newest(name, number)

    def _all(self) -> Mapping[int, Queued]:
        with self._lock:  # whoever waits here gets the answer of the one who asks
            if time.monotonic() - self._asked >= _FRESH:
                try:
                    self._answer = {job.number: job for job in self._listed()}
                except EngineError as error:
                    self._answer = error
                self._asked = time.monotonic()
            answer = self._answer
        if isinstance(answer, EngineError):
            raise type(answer)(str(answer))
        return answer

    def _listed(self, *which: str) -> Iterator[Queued]:
        user = f"--user={os.getuid()}"
        lines = self._ask("squeue", "--noheader", "--states=all", user, *which, _COLUMNS)
        return _parsed(lines)


def _parsed(lines: str) -> Iterator[Queued]:
    for line in lines.splitlines():
        number, *rest = line.split("|", 3)
        if number.isdecimal() and len(rest) == 3:  # noqa: PLR2004 - else the name has a line end
            name, state, reason = rest
            yield Queued(int(number), name, state, reason.strip())
