"""The runner that trains: a job's folder to an engine, the trainer's journal to the API.

The journal's last line decides how a job ends; the engine is asked whether anybody still writes.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...engines import ENGINES, AtLimitError, Engine, EngineError, Launch, UnreachableError
from ...job.architectures.table import shape_of_model
from ...job.shapes import Shape
from ...jobfolder import Exit, JobFolder
from .. import planned
from ..errors import Problem
from ..records import Event, Job
from ..runner import Report, RunFailedError, Task
from ..store import Run
from .following import Following, waiting
from .preparing import prepare
from .reach import Reach
from .tidying import tidy

_LOG: Final = logging.getLogger(__name__)
_ROOM: Final = 60.0
"""Seconds until a trainer is started again that found the disk full."""

_FINAL: Final = (Exit.REFUSED, Exit.USAGE, Exit.FAILED)
"""Exit codes after which the same trainer would end in the same way."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a payload takes to be trained here.

    Attributes:
        refused: why it cannot be; the rest then says nothing.
        nodes: machines.
        processes: processes on each of them.
        gpus: GPUs on each of them.
        gpu_type: their type; empty for any.

    """

    refused: Sequence[Problem] = ()
    nodes: int = 1
    processes: int = 1
    gpus: int = 0
    gpu_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How trainers are started.

    Attributes:
        argv: the program, for a job's folder.
        demand: what a payload takes.
        environment: variables for its processes.
        cpus: CPUs of each node; 0 leaves it to the engine.
        shape: the shape of a model by its name; None: not known.
        retries: how often it is started again after a crash, and after an interruption since which
            no newer checkpoint was saved.

    """

    argv: Callable[[Path], tuple[str, ...]]
    demand: Callable[[Mapping[str, Any]], Demand]
    shape: Callable[[str], Shape | None] = shape_of_model
    environment: Mapping[str, str] = field(default_factory=dict)
    cpus: int = 0
    retries: int = 3


class Trainer:
    """Trains jobs on an engine."""

    mode = "train"

    def __init__(
        self, engine: Engine, program: Program, at_once: int, interval: float, late: float = 60.0
    ) -> None:
        """Train jobs on an engine.

        Args:
            engine: what runs the processes.
            program: what they are.
            at_once: how many jobs are submitted at once.
            interval: seconds between two questions to the engine about a job.
            late: seconds until this machine sees what another node has written into a folder.

        """
        self.engine: str | None = engine.name
        self.at_once = at_once
        self.notice = f"Created to be trained on {ENGINES[engine.name].where}."
        self._engine, self._program, self._interval = engine, program, interval
        self._late = late
        self._followed: set[str] = set()

    def shape(self, model: str) -> Shape | None:
        """Return the shape of a model by its name; None: not known."""
        return self._program.shape(model)

    def problems(self, payload: Mapping[str, Any]) -> Sequence[Problem]:
        """Return which fields of a payload cannot be trained here."""
        return self._program.demand(payload).refused

    def engine_job(self, run: Run) -> str | None:
        """Return what a job is known by where it runs."""
        return (self._engine.job(run.handle) or None) if run.handle else None

    def run(self, task: Task, report: Report) -> Event:
        """Train a job, or follow it if it is being trained already."""
        report.rest(0)  # whoever is cancelled by now never starts
        run, folder = report.begin(), JobFolder(task.folder)
        reach = Reach(self._engine.name, report)
        following = Following(folder, self._engine, report, reach, self._interval, self._late)
        if run.handle is None:
            launch = self._launch(task)
            prepare(task)
            report.rest(0)
            run = self._submit(launch, run, report, reach)
        elif task.job.id not in self._followed:  # else this server only tries again
            message = "The server restarted and reconnected to the job, which kept running"
            report.event(Event("sft.job.note", message))
        self._followed.add(task.job.id)
        while True:
            ended = following.to_the_end(run.handle or "")
            if ended is not None:
                return self._beside_its_plan(ended, task, following)
            run = self._again(task, run, report, reach, following)

    def _beside_its_plan(self, ended: Event, task: Task, following: Following) -> Event:
        payload, rows = task.job.payload, task.plan.rows
        return planned.ended(ended, payload, rows, self.shape, following.measured)

    def end(self, job: Job, folder: Path, run: Run, rest: Callable[[float], None]) -> None:
        """Kill what is left of a job, asking again until it is certain; then tidy its folder."""
        handle, pause = run.handle, 1.0
        while True:
            try:
                handle = handle or self._engine.find(folder.absolute(), job.id)
                if handle is not None:
                    self._engine.cancel(handle)
            except EngineError as error:
                _LOG.warning("the processes of %s may still run: %s; asking again", job.id, error)
            else:
                self._followed.discard(job.id)
                tidy(JobFolder(folder), job.status)
                return
            rest(pause)
            pause = min(2 * pause, 60.0)

    def _submit(self, launch: Launch, run: Run, report: Report, reach: Reach) -> Run:
        while True:
            try:
                handle = self._engine.submit(launch)
            except UnreachableError as error:
                report.rest(reach.lost(error))
            except AtLimitError as error:
                reach.found()
                report.event(waiting(str(error)))
                report.rest(error.again)
            except EngineError as error:
                raise RunFailedError("engine_refused", str(error)) from error
            else:
                reach.found()
                run = run._replace(handle=handle)
                report.submitted(run)
                return run

    def _again(
        self, task: Task, run: Run, report: Report, reach: Reach, following: Following
    ) -> Run:
        """Submit a job once more that was interrupted.

        Only submissions that saved nothing new are counted: a long job under a time limit of the
        site takes as many as it needs.
        """
        reason, most, step = following.reason, self._program.retries, following.saved
        before = 0 if step > run.saved else run.resumes
        if before >= most and following.failure:
            raise following.failure
        if before >= most:
            times = f"{most} resubmission{'s' if most != 1 else ''}"
            message = f"{reason}; gave up after {times} (`retries`)"
            raise RunFailedError("interrupted_too_often", message)
        run = Run(run.handle, before + 1, step)
        report.submitted(run)  # first, so that a crash counts it
        message = f"The job was interrupted ({reason}) and was resubmitted, {run.resumes} of"
        message += f" {most}; its latest checkpoint is " + (f"of step {step:,}" if step else "none")
        data = {"step": step, "attempt": run.resumes}
        report.event(
            Event(
                "sft.job.resumed", message, "warning", data, f"submission {run.resumes} at {step}"
            )
        )
        if following.failure:  # it passes when somebody makes room
            report.rest(_ROOM)
        return self._submit(self._launch(task), run, report, reach)

    def _launch(self, task: Task) -> Launch:
        """Return what to submit; a job that is only followed needs none.

        Raises:
            RunFailedError: it cannot be trained here.

        """
        program = self._program
        demand = program.demand(task.job.payload)
        if demand.refused:
            first = demand.refused[0]
            raise RunFailedError(first.code, first.message, first.shown())
        folder = task.folder.absolute()
        try:
            return Launch(
                folder=folder,
                argv=program.argv(JobFolder(folder).root),
                name=task.job.id,
                nodes=demand.nodes,
                processes=demand.processes,
                gpus=demand.gpus,
                gpu_type=demand.gpu_type,
                cpus=program.cpus,
                environment=program.environment,
                retries=program.retries,
                final_codes=tuple(int(code) for code in _FINAL),
            )
        except EngineError as error:
            raise RunFailedError("engine_refused", str(error)) from error
