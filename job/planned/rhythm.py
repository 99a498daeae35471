"""How long a job is: optimizer steps, tokens, evaluations, checkpoints and their disk."""

from typing import Final, NamedTuple

from ...payloads import fields
from ..batch import effective_or_least
from ..evaluation import CHECKPOINT_STEPS, enabled, every, has_data
from ..lengths import length, steps
from ..values import Job

_STATE: Final = 12
"""Bytes of a trained weight in a checkpoint: float32, and two moments of AdamW as large."""


class Rhythm(NamedTuple):
    """What a job does over its length; None: not known.

    Attributes:
        rows: of the training dataset.
        per_epoch: optimizer steps in which each row is seen once.
        total: optimizer steps in all.
        tokens: that the model reads in all.
        tokens_at_most: whether that is an upper bound, because nobody counted.
        evaluations: how many there are.
        checkpoints: how many are written.
        checkpoint_bytes: of each, about.

    """

    rows: int | None = None
    per_epoch: int | None = None
    total: int | None = None
    tokens: int | None = None
    tokens_at_most: bool = False
    evaluations: int | None = None
    checkpoints: int | None = None
    checkpoint_bytes: int | None = None


def rhythm(job: Job, rows: int | None, trainable: int | None) -> Rhythm:
    """Return what is known of a job's length.

    Args:
        job: the job.
        rows: of its training dataset, where its payload has no pin; None: not known.
        trainable: parameters that are trained; None: not known.

    """
    rows = job.get(fields.TRAINING_EXAMPLES) or rows
    per_epoch = length(job, rows).per_epoch if rows else None
    total = length(job, rows).total if rows else steps(job)
    size = None if trainable is None else _STATE * trainable
    if total is None:
        return Rhythm(rows, per_epoch, checkpoint_bytes=size)
    evaluates = enabled(job) and has_data(job)
    between = every(job, per_epoch or total) if evaluates else None
    return Rhythm(
        rows,
        per_epoch,
        total,
        *_tokens(job, rows, per_epoch, total),
        total // between if between else 0,
        -(-total // (between or CHECKPOINT_STEPS)),  # one at the end, too
        size,
    )


def _tokens(
    job: Job, rows: int | None, per_epoch: int | None, total: int
) -> tuple[int | None, bool]:
    """Return the tokens that are read, and whether they are at most so many."""
    counted, cut = job.get(fields.TRAINING_TOKENS), job.get(fields.TRAINING_TOKENS_CUT)
    if counted is not None and per_epoch:
        return (counted - (cut or 0)) * total // per_epoch, False
    longest: int | None = job.get(fields.SEQUENCE_LENGTH)
    seen = effective_or_least(job) * total
    if rows and per_epoch:  # the last step of an epoch may be smaller
        seen = min(seen, -(-rows * total // per_epoch))
    return (None if longest is None else seen * longest), True
