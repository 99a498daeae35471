"""The interface of a runner: what it is given, and what it reports to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .plan import Plan
from .records import Event, Job


class HaltedError(Exception):
    """The job was cancelled, or the server is stopping: the runner has nothing more to do."""


class RunFailedError(Exception):
    """The job fails; its owner reads the code and the message."""

    def __init__(self, code: str, message: str) -> None:
        """Fail with a code for programs and a message for people."""
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
    """What a runner reports to. What was reported is on the disk."""

    def event(self, event: Event) -> None:
        """Report what happened."""

    def reach(self, step: int, values: Mapping[str, float]) -> None:
        """Report that a step is done, and its metrics, e.g. ``train.loss``.

        Raises:
            HaltedError: there is nothing more to do.

        """

    def rest(self, seconds: float) -> None:
        """Wait; 0 only looks whether there is more to do.

        Raises:
            HaltedError: there is nothing more to do.

        """


class Runner(Protocol):
    """Something that runs jobs.

    Attributes:
        mode: what it does, in a word that is shown with each job.
        notice: the same in a sentence, which is the first event of each job.

    """

    mode: str
    notice: str

    def run(self, task: Task, report: Report) -> str:
        """Run a job from where it stands to its end, and return a closing sentence.

        It is called again for a job that was interrupted, and may report the same steps again:
        points that are stored stay as they are.

        Raises:
            RunFailedError: the job fails.
            HaltedError: from the report.

        """
