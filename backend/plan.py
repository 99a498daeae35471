"""The schedule of a job over its files, which a runner executes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..job import Job, evaluation, length
from ..payloads import fields

LARGEST: Final = 2**53 - 1
"""The largest count that every reader of JSON reads exactly."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The course of a job.

    Attributes:
        batch: sequences in one optimizer step.
        per_epoch: steps in which each row is seen once.
        total: steps in all.
        evaluate_every: steps between two evaluations; None if there are none.
        rows: of the training file.

    """

    batch: int
    per_epoch: int
    total: int
    evaluate_every: int | None
    rows: int = 0


def planned(payload: Mapping[str, Any], rows: int) -> Plan:
    """Return the course of a payload without contradictions over a file of so many rows."""
    job = Job(payload)
    found = length(job, rows)
    validates = bool(job.get(fields.VALIDATION_FILES))
    every = evaluation.every(job, found.per_epoch) if validates else None
    return Plan(*found, every, rows)


def marks(total: int, most: int) -> Sequence[int]:
    """Return at most so many steps, spread evenly up to the last."""
    count = min(total, most)
    return [-(-total * place // count) for place in range(1, count + 1)]
