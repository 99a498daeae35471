"""How long a job is: optimizer steps, tokens, evaluations, checkpoints and their disk."""

from typing import Final, NamedTuple

from ...payloads import fields
from ..batch import effective_or_least
from ..evaluation import CHECKPOINT_STEPS, chooses_best_model, enabled, every, has_data, strategy
from ..lengths import length, steps
from ..memory.forwarded import optimizer
from ..values import Job

_WEIGHT: Final = 4
"""Bytes of a trained weight in a checkpoint, float32; the optimizer's state is there, too."""

_KEPT: Final = 2
"""Checkpoints that are kept, where nothing says how many (``schemas/forwarded.schema.json``)."""

_SAVE_STEPS: Final = (*fields.HYPERPARAMETERS, "save_steps")
_SAVE_TOTAL_LIMIT: Final = (*fields.HYPERPARAMETERS, "save_total_limit")


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
        kept: how many of them are kept; while the next one is written, there is one more.
        checkpoint_bytes: of each, about.

    """

    rows: int | None = None
    per_epoch: int | None = None
    total: int | None = None
    tokens: int | None = None
    tokens_at_most: bool = False
    evaluations: int | None = None
    checkpoints: int | None = None
    kept: int | None = None
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
    size = None if trainable is None else int((_WEIGHT + optimizer(job)) * trainable)
    if total is None:
        return Rhythm(rows, per_epoch, checkpoint_bytes=size)
    evaluates = enabled(job) and has_data(job)
    between = every(job, per_epoch or total) if evaluates else None
    saved = -(-total // _saves_every(job, between))  # one at the end, too
    return Rhythm(
        rows,
        per_epoch,
        total,
        *_tokens(job, rows, per_epoch, total),
        total // between if between else 0,
        saved,
        min(saved, _kept(job, between)),
        size,
    )


def _saves_every(job: Job, between: int | None) -> int:
    """Return the steps between two checkpoints; those of a best model may come between."""
    said: int | None = job.loose(_SAVE_STEPS, int)
    follows = between is not None and (strategy(job) == "epoch" or chooses_best_model(job))
    if said is None or said < 1 or follows:
        return between or CHECKPOINT_STEPS
    return said


def _kept(job: Job, between: int | None) -> int:
    limit: int | None = job.loose(_SAVE_TOTAL_LIMIT, int)
    kept = _KEPT if limit is None else max(1, limit)
    return max(2, kept) if between and chooses_best_model(job) else kept  # the best, and the last


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
