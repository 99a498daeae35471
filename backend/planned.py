"""What a job was planned to take, told with its first event, and beside what it took with its last.

The figures are those of ``sftc plan``: the same functions, asked for the same payload. A trainer
measures what torch has allocated, so that is what the plan is compared in; on a CPU it measures the
memory of its process, libraries and all, to which no plan of a GPU compares.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias

from ..job import Job
from ..job.memory import OURS, Measure, Memory, estimate
from ..job.planned import Planned, Question, plan_of
from ..job.shapes import Shape
from .records import Event

Shapes: TypeAlias = Callable[[str], Shape | None]
"""Returns the shape of a model by its name; None: not known."""

_GIB: Final = 2**30
_MIB: Final = 2**20
_LARGEST: Final = 2**53 - 1
_ALLOCATED: Final = replace(OURS, measure=Measure.ALLOCATED)


def created(event: Event, payload: Mapping[str, Any], rows: int, shapes: Shapes) -> Event:
    """Return a job's first event with what it is planned to take.

    Args:
        event: the event.
        payload: of the job; it fits its schema.
        rows: of its training dataset.
        shapes: what is known of models.

    """
    found = _plan(payload, rows, shapes)
    message, need = event.message, found.memory
    if need is not None:
        message += (
            f" Planned: about {_size(need.expected)} per GPU ({_size(need.low)} to "
            f"{_size(need.high)})."
        )
    return replace(event, message=message, data={**(event.data or {}), "planned": _facts(found)})


def ended(
    event: Event, payload: Mapping[str, Any], rows: int, shapes: Shapes, measured: Mapping[str, Any]
) -> Event:
    """Return the event of a job's success with what it was planned to take, and what it took.

    Args:
        event: the event.
        payload: of the job; it fits its schema.
        rows: of its training dataset.
        shapes: what is known of models.
        measured: ``steps``, ``seconds``, ``memory`` in bytes, each None if nobody measured it, and
            ``memory_of``: ``gpu`` or ``process``.

    """
    found = _plan(payload, rows, shapes)
    message, facts = event.message, _facts(found)
    took = measured["memory"] if measured["memory_of"] == "gpu" else None
    allocated = estimate(Job(payload), found.shape, _ALLOCATED) if found.shape else None
    if isinstance(allocated, Memory):
        facts["allocated"] = allocated.expected
        if took:
            message += (
                f"; peak GPU memory allocated: {_size(took)}, planned: {_size(allocated.expected)}"
            )
    data = {**(event.data or {}), "planned": facts, "measured": dict(measured)}
    return replace(event, message=message, data=data)


def _plan(payload: Mapping[str, Any], rows: int, shapes: Shapes) -> Planned:
    job = Job(payload, fits=True)
    shape = shapes(payload["model"])
    return plan_of(job, Question(shape, "the shape of the model is unknown", rows=rows or None))


def _size(count: int) -> str:
    """Return a number of bytes in words."""
    return f"{count / _GIB:,.1f} GiB" if count >= _GIB else f"{count / _MIB:,.1f} MiB"


def _facts(found: Planned) -> dict[str, Any]:
    need, rhythm, took = found.memory, found.rhythm, found.duration
    memory = need and {"low": need.low, "expected": need.expected, "high": need.high}
    facts = {
        "memory": memory if need and need.high <= _LARGEST else None,
        "unknown": found.reason or None,
        "fits": found.fits.value,
        "steps": rhythm.total,
        "tokens": rhythm.tokens,
        "tokens_at_most": rhythm.tokens_at_most,
        "seconds": {name: round(value, 1) for name, value in took.seconds._asdict().items()}
        if took and took.seconds.high <= _LARGEST
        else None,
    }
    return {
        name: None if isinstance(value, int) and value > _LARGEST else value
        for name, value in facts.items()
    }
