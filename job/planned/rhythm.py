"""How long a job is: optimizer steps, tokens, evaluations, checkpoints and their disk."""

from math import ceil
from typing import Final, NamedTuple

from ...payloads import fields
from .. import evaluation
from ..batch import effective_or_least
from ..evaluation import CHECKPOINT_STEPS, chooses_best_model, every, has_data, strategy
from ..lengths import counted_tokens, length, steps
from ..memory.forwarded import optimizer
from ..precision import bf16, fp16
from ..values import Job

_WEIGHT: Final = 4
"""Bytes of a trained weight in float32."""

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
    size = None if trainable is None else int(_bytes_of_a_weight(job) * trainable)
    if total is None:
        return Rhythm(rows, per_epoch, checkpoint_bytes=size)
    between = every(job, per_epoch or total) if has_data(job) else None
    rests = _saves_every(job, between, total)
    saved = None if rests is None else -(-total // rests)  # one at the end, too
    return Rhythm(
        rows,
        per_epoch,
        total,
        *_tokens(job, rows, per_epoch, total),
        evaluation.count(job, per_epoch or total, total),
        saved,
        _kept(job, between, saved),
        size,
    )


def _bytes_of_a_weight(job: Job) -> float:
    """Return the bytes of a trained weight in a checkpoint.

    DeepSpeed has the weights in 16 bits, and a copy in float32 with the optimizer's state.
    """
    divided = job.get(fields.USE_DEEPSPEED) and job.get(fields.DEEPSPEED_STAGE)
    half = 2 if divided and (bf16(job) or fp16(job)) else 0
    return half + _WEIGHT + optimizer(job)


def _saves_every(job: Job, between: int | None, total: int) -> int | None:
    """Return the steps between two checkpoints; those of a best model may come between.

    A number below 1 is a share of all steps (transformers). None: it is no number of steps.
    """
    said = job.get(_SAVE_STEPS)
    follows = between is not None and (strategy(job) == "epoch" or chooses_best_model(job))
    if said is None or follows:
        return between or CHECKPOINT_STEPS
    if type(said) is float and 0 < said < 1:
        return ceil(total * said)
    return said if type(said) is int and said >= 1 else None


def _kept(job: Job, between: int | None, saved: int | None) -> int | None:
    """Return how many of so many checkpoints are kept; a limit below 1 keeps all (transformers)."""
    limit = job.get(_SAVE_TOTAL_LIMIT)
    if saved is None or type(limit) not in {int, type(None)}:
        return None
    kept: int = _KEPT if limit is None else limit
    if kept < 1:
        return saved
    best = between and chooses_best_model(job)  # the best, and the last
    return min(saved, max(2, kept) if best else kept)


def _tokens(
    job: Job, rows: int | None, per_epoch: int | None, total: int
) -> tuple[int | None, bool]:
    """Return the tokens that are read, and whether they are at most so many."""
    counted = counted_tokens(job)
    if counted is not None and per_epoch:
        return counted * total // per_epoch, False
    longest: int | None = job.get(fields.SEQUENCE_LENGTH)
    seen = effective_or_least(job) * total
    if rows and per_epoch:  # the last step of an epoch may be smaller
        seen = min(seen, -(-rows * total // per_epoch))
    return (None if longest is None else seen * longest), True
