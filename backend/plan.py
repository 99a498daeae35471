"""How many steps a job takes: batch arithmetic over the rows of its training file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .consistency import Resources, whole

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

    """

    batch: int
    per_epoch: int
    total: int
    evaluate_every: int | None


def planned(payload: Mapping[str, Any], rows: int) -> Plan:
    """Return the course of a consistent payload over a file of so many rows.

    A step count that is written wins over ``n_epochs``, as in transformers.
    """
    job = Resources(payload)
    knobs = job.knobs
    device, accumulation = job.device_batch or 1, whole(knobs, "gradient_accumulation_steps") or 1
    batch = whole(knobs, "global_batch") or device * accumulation * (job.copies or 1)
    per_epoch = -(-rows // batch)
    written = next((whole(knobs, name) for name in _LENGTHS if name in knobs), None)
    total = written or (whole(knobs, "n_epochs") or 1) * per_epoch
    return Plan(batch, per_epoch, total, _rhythm(job, payload, per_epoch))


_LENGTHS: Final = ("total_steps", "train_steps", "steps")


def _rhythm(job: Resources, payload: Mapping[str, Any], per_epoch: int) -> int | None:
    data = payload["metadata"]["effective_config"]["data"]
    if not job.validates or not data.get("validation_files"):
        return None
    match job.knobs.get("evaluation_strategy", "steps"):
        case "steps":
            return whole(job.knobs, "eval_steps") or None
        case "epoch":
            return per_epoch
        case _:
            return None


def marks(total: int, most: int) -> Sequence[int]:
    """Return at most so many steps, spread evenly up to the last."""
    count = min(total, most)
    return [-(-total * place // count) for place in range(1, count + 1)]
