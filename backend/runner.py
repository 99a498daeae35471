"""The interface of a runner: what it is given, and what it reports to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..job.shapes import Shape
from .errors import Problem
from .plan import Plan
from .records import Artifact, Batch, Event, Job
from .store import Run


class HaltedError(Exception):
    """The runner has nothing more to do."""


class CancelledError(HaltedError):
    """The job is over, because its owner cancelled it."""


class StoppingError(HaltedError):
    """The server is stopping; the job goes on."""


class RunFailedError(Exception):
    """The job fails; its owner reads the code and the message."""

    def __init__(self, code: str, message: str, data: Mapping[str, object] | None = None) -> None:
        """Fail with a code for programs and a message for people; the event may have more."""
        super().__init__(message)
        self.code, self.data = code, data or {}


@dataclass(frozen=True, slots=True)
class Task:
    """A job with what is needed to run it.

    Attributes:
        job: the job; ``job.step`` is where an earlier run was interrupted.
        plan: its batch arithmetic.
        training: the file to train on.
        validation: the files to evaluate on.
        folder: the job's own; it need not exist.

    """

    job: Job
    plan: Plan
    training: Path
    validation: Sequence[Path]
    folder: Path

    def check_files(self) -> None:
        """Look whether the stored files are there, before they are read.

        Raises:
            RunFailedError: one is gone.

        """
        for path in (self.training, *self.validation):
            if not path.exists():
                message = f"The stored file {path.name} was deleted"
                raise RunFailedError("file_not_found", message)


class Report(Protocol):
    """What a runner reports to. What was reported is on the disk."""

    def start(self, message: str, **data: object) -> bool:
        """Report that the job is at work now, to programs by data; False if it was before."""

    def event(self, event: Event) -> None:
        """Report what happened."""

    def reach(self, step: int, values: Mapping[str, float]) -> None:
        """Report that a step is done, and its metrics, e.g. ``train.loss``.

        Raises:
            HaltedError: there is nothing more to do.

        """

    def add(self, batch: Batch) -> None:
        """Report what a trainer has told; what is stored already stays as it is."""

    def rest(self, seconds: float) -> None:
        """Wait; 0 only looks whether there is more to do.

        Raises:
            HaltedError: there is nothing more to do.

        """

    def begin(self) -> Run:
        """Report that there may be processes of the job from now on; return what is known."""

    def submitted(self, run: Run) -> None:
        """Report that an engine has the job."""

    def keep(self, artifacts: Sequence[Artifact]) -> None:
        """Report the files of the result; they are stored if the job succeeds."""


class Runner(Protocol):
    """Something that runs jobs, each in a thread of its own.

    Attributes:
        mode: what it does, in a word that is shown with each job.
        engine: where its trainers run; None if it trains nothing.
        notice: what it does, in a sentence, which is the first event of each job.
        at_once: how many jobs it runs at once; the others wait.

    """

    mode: str
    engine: str | None
    notice: str
    at_once: int

    def shape(self, model: str) -> Shape | None:
        """Return the shape of a model by its name; None: not known."""

    def problems(self, payload: Mapping[str, object]) -> Sequence[Problem]:
        """Return why a payload cannot be run here, however long one waited."""

    def run(self, task: Task, report: Report) -> Event:
        """Run a job from where it stands to its end, and return the event of its success.

        It is called again for a job that was interrupted, and may report the same steps again:
        points that are stored stay as they are.

        Raises:
            RunFailedError: the job fails.
            HaltedError: from the report.

        """

    def engine_job(self, run: Run) -> str | None:
        """Return the id that a job has where it runs, such as its number in Slurm."""

    def end(self, job: Job, folder: Path, run: Run, rest: Callable[[float], None]) -> None:
        """Kill any processes left over from a finished job; retry until it succeeds.

        Args:
            job: the job; its status is how it ended.
            folder: its own.
            run: what is known of its run.
            rest: waits for so many seconds; it raises StoppingError when the server stops.

        """
