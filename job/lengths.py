"""How long the training is: in steps or in epochs, and how many steps that is for a dataset."""

from typing import Final, NamedTuple

from ..payloads import fields
from .batch import effective_or_least
from .values import Job

STEP_COUNTS: Final = (fields.TOTAL_STEPS, fields.TRAIN_STEPS, fields.STEPS)
"""The fields that say a number of optimizer steps, the one that wins first."""


class Length(NamedTuple):
    """The length of a job over a dataset.

    Attributes:
        batch: sequences in one optimizer step.
        per_epoch: optimizer steps in which each row is seen once.
        total: optimizer steps in all.

    """

    batch: int
    per_epoch: int
    total: int


def steps(job: Job) -> int | None:
    """Return the optimizer steps that the payload asks for, or None if it counts in epochs."""
    return next((count for field in STEP_COUNTS if (count := job.get(field))), None)


def counted_tokens(job: Job) -> int | None:
    """Return the tokens of the training rows, as they are cut; None of a pin that cannot be right.

    Each row has a token at least, and ``sequence_length`` of them at most.
    """
    tokens, rows = job.get(fields.TRAINING_TOKENS), job.get(fields.TRAINING_EXAMPLES)
    if tokens is None or rows is None:
        return None
    left: int = tokens - (job.get(fields.TRAINING_TOKENS_CUT) or 0)
    limit: int | None = job.get(fields.SEQUENCE_LENGTH)
    return left if rows <= left and (not limit or left <= rows * limit) else None


def length(job: Job, rows: int) -> Length:
    """Return the length of a job over a dataset of so many rows.

    A step count wins over ``n_epochs``, as ``max_steps`` does in transformers. The last batch of
    an epoch may be smaller.
    """
    batch = effective_or_least(job)
    per_epoch = -(-rows // batch)
    epochs: int = job.get(fields.N_EPOCHS) or 1
    return Length(batch, per_epoch, steps(job) or epochs * per_epoch)
