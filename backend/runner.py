"""The seam where jobs are run: what a runner is given, and what it reports to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .plan import Plan
from .records import Event, Job


class HaltedError(Exception):
    """The job was cancelled, or the server stops: the runner has nothing more to do."""


class RunFailedError(Exception):
    """The job cannot be run to its end; the code and the message go to its owner."""

    def __init__(self, code: str, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Task:
    """A job with what is needed to run it.

    Attributes:
        job: the job; ``job.step`` is where an earlier run was interrupted.
        plan: its batch arithmetic.
        training: the file to train on.
        validation: the files to evaluate on.

    """

    job: Job
    plan: Plan
    training: Path
    validation: Sequence[Path]


class Report(Protocol):
    """Where a runner says what it does. What has been said is on the disk."""

    def event(self, event: Event) -> None:
        """Tell what happened."""

    def reach(self, step: int, values: Mapping[str, float]) -> None:
        """Tell that a step is done, and the metrics of it, e.g. ``train.loss``.

        Raises:
            HaltedError: there is nothing more to do.

        """

    def rest(self, seconds: float) -> None:
        """Wait.

        Raises:
            HaltedError: there is nothing more to do.

        """


class Runner(Protocol):
    """Something that runs jobs.

    Attributes:
        mode: what it does, in a word that each job carries.
        notice: the same in a sentence: the first event of each job.

    """

    mode: str
    notice: str

    def run(self, task: Task, report: Report) -> str:
        """Run a job from where it stands to its end, and return a closing sentence.

        It is called again for a job that was interrupted, and says what it says again:
        points that are there stay as they are.

        Raises:
            RunFailedError: the job fails.
            HaltedError: as the report says.

        """
