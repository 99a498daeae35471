"""New configs that fit their GPU: the largest batch that the plan finds room for.

Pure, as plans are: what the config says is compiled, and its payload planned with other numbers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..compiler import compile_config
from ..job import Job
from ..job.gpus import lookup
from ..job.planned import Fits, Planned, Question, changed, plan_of
from ..job.planned.outlook import fits
from ..job.shapes import Shape
from ..payloads import fields
from ..starter import ROWS_OF_A_STEP, Kind, Start, starter

if TYPE_CHECKING:
    from ..diagnostics import KeyPath

_ROWS: Final = (8, 4, 2, 1)
_LEAST: Final = 56
"""Rows of a step that are still about as many as wanted."""

_LENGTHS: Final = (2048, 1024, 512)
"""Shorter rows, tried where the wanted ones do not fit; what is longer is cut."""


class Fitted(NamedTuple):
    """A new config for a GPU.

    Attributes:
        start: what the config says.
        planned: what it comes to. Where nothing fits, that is the plan of what needs least memory,
            with rows of the wanted length.
        others: the other kinds of fine-tuning that fit with rows of that length.

    """

    start: Start
    planned: Planned
    others: tuple[Kind, ...] = ()


def fitted(
    start: Start, shape: Shape | None, *, kinds: Sequence[Kind], context: int | None = None
) -> Fitted:
    """Return a config with the numbers that fit its GPU.

    Longer rows come before larger batches, and a batch without activation checkpointing before
    a larger one with it, which computes a third more. The batch of a step stays about the same.

    Args:
        start: what the config should say; its kind and numbers are chosen.
        shape: the shape of its model; None: not known, and nothing can be planned.
        kinds: the kinds of fine-tuning, the preferred one first.
        context: tokens that the model reads at most; None: not known.

    """
    gpu = lookup(start.gpu)
    length = min(start.length, context or start.length)
    start = replace(start, length=length, bf16=gpu is None or bool(gpu.bf16))
    found = {}
    for kind in kinds:
        trial = _Trial(replace(start, kind=kind), shape)
        best = trial.best()
        if best is None and trial.is_unknown:
            return Fitted(trial.frugal, trial.plan(trial.frugal))
        if best is not None:
            found[kind] = trial, best
    if found:
        trial, best = next(iter(found.values()))
        others = (
            other.kind
            for _, other in found.values()
            if other is not best and other.length == best.length
        )
        return Fitted(best, trial.plan(best), tuple(others))
    trial = _Trial(replace(start, kind=kinds[0]), shape)
    return Fitted(trial.frugal, trial.plan(trial.frugal))


class _Trial:
    """Numbers of one kind of fine-tuning, tried."""

    def __init__(self, start: Start, shape: Shape | None) -> None:
        self._start = start
        self._question = Question(shape)
        payload = compile_config(starter(start, described=False)).payload
        if payload is None:
            raise ValueError("the model, the dataset or the GPU makes no config")
        self._payload = payload

    @property
    def frugal(self) -> Start:
        """What needs the least memory without shorter rows."""
        return replace(self._start, rows=1, checkpointing=True)

    @property
    def is_unknown(self) -> bool:
        """Whether there is no figure, for the model or for the GPU."""
        return fits(self._job(self.frugal), self._question) is Fits.UNKNOWN

    def best(self) -> Start | None:
        """Return the first numbers that fit; None if none do."""
        for length in self._lengths():
            frugal = replace(self.frugal, length=length)
            if self._fits(frugal):
                return next(filter(self._fits, _by_preference(frugal)), frugal)
        return None

    def plan(self, start: Start) -> Planned:
        """Return what numbers come to."""
        return plan_of(self._job(start), self._question)

    def _lengths(self) -> Iterator[int]:
        wanted = self._start.length
        yield wanted
        yield from (length for length in _LENGTHS if length < wanted)

    def _fits(self, start: Start) -> bool:
        return fits(self._job(start), self._question) is Fits.FITS

    def _job(self, start: Start) -> Job:
        numbers: dict[KeyPath, Any] = {
            fields.PER_DEVICE_BATCH: start.rows,
            fields.GRADIENT_ACCUMULATION_STEPS: start.accumulation,
            fields.SEQUENCE_LENGTH: start.length,
            fields.ACTIVATION_CHECKPOINTING: start.checkpointing,
        }
        return Job(changed(self._payload, numbers), fits=True)


def _by_preference(start: Start) -> Iterator[Start]:
    for checkpointing in (False, True):
        for rows in _ROWS:
            found = replace(start, rows=rows, checkpointing=checkpointing)
            if rows == 1 or _LEAST <= rows * found.accumulation * found.count <= ROWS_OF_A_STEP:
                yield found
