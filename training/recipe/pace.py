"""The length of training, the batch size and the learning rate."""

from typing import Final

from ...job.lengths import STEP_COUNTS, steps
from ...job.unsaid import CHOSEN
from ...payloads import fields
from .draft import Draft

WARMUP_STEPS: Final = (*fields.HYPERPARAMETERS, "warmup_steps")
"""Transformers' own name, which a payload may forward."""

_WHOLE: Final = 0.999999
"""The share that is every step: transformers takes 1.0 for one step."""


def course(draft: Draft) -> None:
    """Set how long it trains: the first count of steps wins, and over the epochs."""
    job = draft.job
    count = steps(job)
    if count is None:
        epochs = job.get(fields.N_EPOCHS)
        draft.set(fields.N_EPOCHS, "trainer.num_train_epochs", epochs or 1)
        if epochs is None:
            draft.note(fields.N_EPOCHS, "not set: 1 epoch")
        draft.put("trainer", max_steps=-1)
        return
    winner, *losers = [field for field in STEP_COUNTS if job.get(field) is not None]
    draft.put("trainer", num_train_epochs=job.get(fields.N_EPOCHS) or 1)
    draft.set(winner, "trainer.max_steps", count)
    for field in (*losers, fields.N_EPOCHS):
        draft.note_written(field, f"overridden by {winner[-1]}: the training has {count} steps")


def learning(draft: Draft) -> None:
    """Set the learning rate, its warm-up, and the weight decay."""
    job = draft.job
    for path in (fields.LEARNING_RATE, fields.WEIGHT_DECAY):
        value = job.get(path)
        if value is None:
            value = CHOSEN[path]
            draft.note(path, f"not set: {value}")
        draft.set(path, f"trainer.{path[-1]}", float(value))
    _warm_up(draft)


def _warm_up(draft: Draft) -> None:
    path, ratio = fields.WARMUP_RATIO, draft.job.get(fields.WARMUP_RATIO)
    value = CHOSEN[path] if ratio is None else ratio
    draft.set(path, "trainer.warmup_steps", min(float(value), _WHOLE))
    if draft.job.loose(WARMUP_STEPS, int, float) is not None:  # which is set as it is
        draft.note_written(path, "overridden by warmup_steps, as in transformers")
    elif ratio is None:
        draft.note(path, "not set: no warm-up")


def sequences(draft: Draft) -> None:
    """Set the length that rows are cut to."""
    length = draft.job.get(fields.SEQUENCE_LENGTH)
    draft.set(fields.SEQUENCE_LENGTH, "rows.max_length", length)
    if length is None:
        draft.note(fields.SEQUENCE_LENGTH, "not set: no truncation")
