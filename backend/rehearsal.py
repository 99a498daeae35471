"""A runner that trains nothing: it reads the data, counts the steps, and draws a curve.

The curve is made up, from the payload and the data alone: the same job gives the same points.
"""

import hashlib
import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..job.architectures.table import shape_of_model
from ..job.shapes import Shape
from ..payloads import fields
from .bodies import canonical
from .errors import Problem
from .plan import marks
from .records import Event, Job
from .runner import Report, Task
from .store import Run

_BLOCK: Final = 256 * 1024
_BLOCKS: Final = 64
"""Blocks after which a survey looks whether its job was cancelled."""

_POINTS: Final = 60
"""Points of a curve: as many as a screen shows."""


class Rehearsal:
    """Takes a job through its steps without a model."""

    mode = "rehearsal"
    engine: str | None = None
    at_once = 1
    notice = (
        "Created as a rehearsal: the data is read and the steps are counted, but nothing is "
        "trained. The losses are simulated."
    )

    def __init__(self, pace: float) -> None:
        """Take about ``pace`` seconds for each job, beyond reading its data."""
        self._pace = pace

    def shape(self, model: str) -> Shape | None:
        """Return the shape of a published model."""
        return shape_of_model(model)

    def problems(self, _payload: Mapping[str, object]) -> Sequence[Problem]:
        """Return nothing: whatever is consistent can be rehearsed."""
        return ()

    def engine_job(self, _run: Run) -> None:
        """Return nothing: it runs nowhere else."""

    def end(self, _job: Job, _folder: Path, _run: Run, _rest: Callable[[float], None]) -> None:
        """Do nothing: a rehearsal has no processes."""

    def run(self, task: Task, report: Report) -> Event:
        """Read the data, and emit a curve."""
        if not report.start(f"A runner took the job: {self.mode}"):
            resumed = f"The server was interrupted; the job resumes after step {task.job.step:,}"
            data = {"step": task.job.step}
            report.event(Event("sft.job.resumed", resumed, level="warning", data=data))
        task.check_files()
        plan, total = task.plan, task.plan.total
        rows, words = survey(task.training, lambda: report.rest(0))
        facts = {
            "rows": rows,
            "words": words,
            "global_batch": plan.batch,
            "steps_per_epoch": plan.per_epoch,
            "total_steps": total,
        }
        if not task.job.step:  # otherwise it has been reported
            steps = "1 step" if total == 1 else f"{total:,} steps"
            message = f"{rows:,} rows, {words:,} words; {steps} at a global batch of {plan.batch:,}"
            report.event(Event("sft.job.data", message, data=facts))
        curve = _Curve(task, rows, words)
        train = set(marks(total, _POINTS))
        evaluations = total // plan.evaluate_every if plan.evaluate_every else 0
        every = plan.evaluate_every or 0
        validation = (
            {every * mark for mark in marks(evaluations, _POINTS)} if evaluations else set()
        )
        reported = sorted(train | validation)
        for step in reported:
            values = {"train.loss": curve.train(step)} if step in train else {}
            if step in validation:
                values["val.loss"] = curve.validation(step)
            if step > task.job.step:
                report.rest(self._pace / len(reported))
                report.reach(step, values)
        closing = "The rehearsal has ended: every step was simulated, and nothing was trained."
        return Event("sft.job.completed", closing)


def survey(path: Path, between: Callable[[], None]) -> tuple[int, int]:
    """Return the rows of a file, and its words, which are what white space separates.

    Args:
        path: the file.
        between: is called now and then, and may raise.

    """
    rows = words = 0
    within = filled = False  # within a word; the line has more than white space
    with path.open("rb") as file:
        for number in itertools.count():
            if number % _BLOCKS == 0:
                between()
            block = file.read(_BLOCK)
            if not block:
                break
            words += len(block.split()) - (within and not block[:1].isspace())
            within = not block[-1:].isspace()
            first, *others = block.split(b"\n")
            filled |= bool(first.strip())
            for line in others:
                rows += filled
                filled = bool(line.strip())
    return rows + filled, words


class _Curve:
    """A loss that falls as losses do: fast, then slowly, with less and less noise."""

    def __init__(self, task: Task, rows: int, words: int) -> None:
        self._seed = fingerprint(task.job.payload, task.training, task.validation)
        shape = random.Random(self._seed)  # noqa: S311 - a drawing, no secret
        self._total = task.plan.total
        self._top = 1.6 + shape.random() + 0.1 * math.log10(1 + words / max(rows, 1))
        self._floor = 0.5 + 0.4 * shape.random()
        self._gap = 0.05 + 0.1 * shape.random()

    def train(self, step: int) -> float:
        """Return the made-up loss of a step."""
        noise = random.Random(f"{self._seed}{step}").gauss(0, 0.03)  # noqa: S311 - as above
        done = step / self._total
        fall = math.exp(-5 * done)
        return round(self._floor + (self._top - self._floor) * fall + noise * (0.3 + fall), 4)

    def validation(self, step: int) -> float:
        """Return the made-up validation loss: higher, and rising a little in the end."""
        done = step / self._total
        return round(self.train(step) + self._gap * (1 + done**3), 4)


def fingerprint(payload: Any, training: Path, validation: Sequence[Path]) -> str:
    """Return the digest of a payload and its data, the same whoever submits it.

    The ids of the files differ by owner; the names of the stored files are their digests.
    """
    names = [path.name for path in validation]
    named = fields.replaced(payload, fields.VALIDATION_FILES, names)
    named = fields.replaced(named, fields.TRAINING_FILE_ID, training.name)
    return hashlib.sha256(canonical(named)).hexdigest()
