"""Evaluation while training: whether, when, and which model it chooses."""

from typing import Final

from ..payloads import fields
from .values import Job

CHECKPOINT_STEPS: Final = 100
"""Optimizer steps between two checkpoints where no evaluation sets the rhythm."""

STRATEGIES: Final = ("no", "steps", "epoch")
"""The values of ``evaluation_strategy``: transformers, ``IntervalStrategy``."""


def enabled(job: Job) -> bool:
    """Whether validation is on. Without data, or with the strategy ``no``, it does nothing."""
    return job.get(fields.VALIDATION_ENABLED) is True


def strategy(job: Job) -> str:
    """Return when to evaluate; a payload that does not say means the default."""
    path = fields.EVALUATION_STRATEGY
    chosen: str = job.get(path) or fields.default(path)
    return chosen


def has_data(job: Job) -> bool:
    """Whether a validation dataset is named, or uploaded already."""
    return bool(job.get(fields.VALIDATION_PATH) or job.get(fields.VALIDATION_FILES))


def every(job: Job, per_epoch: int) -> int | None:
    """Return the optimizer steps between two evaluations; None if there are none.

    Args:
        job: the job.
        per_epoch: the optimizer steps of an epoch.

    """
    if not enabled(job):
        return None
    match strategy(job):
        case "steps":
            return job.get(fields.EVAL_STEPS) or None
        case "epoch":
            return per_epoch
        case _:
            return None


def count(job: Job, per_epoch: int, total: int) -> int:
    """Return how many evaluations there are in so many optimizer steps.

    Those of epochs are at the end of the last one, too, even if it is cut short (transformers).
    """
    between = every(job, per_epoch) if has_data(job) else None
    if not between:
        return 0
    return -(-total // between) if strategy(job) == "epoch" else total // between


def chooses_best_model(job: Job) -> bool:
    """Whether the checkpoint with the best metric is kept."""
    return job.get(fields.SAVE_BEST_MODEL_AT_END) is True
