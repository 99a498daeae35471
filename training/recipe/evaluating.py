"""When the validation rows are evaluated, when it saves, and which checkpoint is the result."""

from collections.abc import Mapping
from typing import Final

from ...diagnostics import Finding, codes, quoted
from ...job.evaluation import (
    CHECKPOINT_STEPS,
    STRATEGIES,
    chooses_best_model,
    enabled,
    has_data,
    strategy,
)
from ...payloads import fields
from .draft import Draft

_MEASURES: Final = ("loss", "mean_token_accuracy")
"""What an evaluation measures."""

METRICS: Final[Mapping[str, str]] = {
    **{f"val.{name}": f"eval_{name}" for name in _MEASURES},
    **{f"eval_{name}": f"eval_{name}" for name in _MEASURES},
    "loss": "eval_loss",
}
"""The metrics that may choose the best model, and transformers' names for them."""

_CHOICE: Final = (
    fields.SAVE_BEST_MODEL_AT_END,
    fields.METRIC_FOR_BEST_MODEL,
    fields.GREATER_IS_BETTER,
)
_ALL: Final = (
    fields.VALIDATION_ENABLED,
    fields.EVALUATION_STRATEGY,
    fields.EVAL_STEPS,
    *_CHOICE,
)


def evaluate(draft: Draft) -> None:
    """Set the rhythm of evaluating and saving, and what chooses the result."""
    job = draft.job
    draft.put("trainer", eval_strategy="no", save_strategy="steps", save_steps=CHECKPOINT_STEPS)
    draft.put("trainer", load_best_model_at_end=False)
    why = _why_never(draft)
    if why:
        for path in _ALL:
            draft.note_written(path, f"no evaluation: {why}")
        return
    draft.evaluated = "validation"
    draft.say(fields.VALIDATION_ENABLED, "evaluated", "validation")
    rhythm = strategy(job)
    draft.set(fields.EVALUATION_STRATEGY, "trainer.eval_strategy", rhythm)
    draft.put("trainer", save_strategy=rhythm)
    if rhythm == "steps":
        every = job.get(fields.EVAL_STEPS)
        draft.set(fields.EVAL_STEPS, "trainer.eval_steps", every)
        draft.put("trainer", save_steps=every)
    else:
        draft.note_written(fields.EVAL_STEPS, "ignored: it evaluates after each epoch")
    _choose(draft)


def _why_never(draft: Draft) -> str | None:
    job = draft.job
    if not enabled(job):
        return "validation is disabled"
    if not has_data(job):
        return "there is no validation dataset"
    rhythm = strategy(job)
    if rhythm not in STRATEGIES:  # which is refused
        return "evaluation_strategy is unknown"
    if rhythm == "no":
        return 'evaluation_strategy is "no"'
    if rhythm == "steps" and not job.get(fields.EVAL_STEPS):
        return "eval_steps is 0, instead of which transformers would use logging_steps"
    return None


def _choose(draft: Draft) -> None:
    job = draft.job
    if not chooses_best_model(job):
        draft.set(fields.SAVE_BEST_MODEL_AT_END, "trainer.load_best_model_at_end", value=False)
        for path in _CHOICE[1:]:
            draft.note_written(path, "ignored: the result is the last checkpoint")
        return
    metric = job.get(fields.METRIC_FOR_BEST_MODEL) or fields.default(fields.METRIC_FOR_BEST_MODEL)
    if metric not in METRICS:
        known = ", ".join(name for name in METRICS if name.startswith("val."))
        words = {"metric": quoted(metric), "known": known}
        draft.refuse(Finding(codes.METRIC_NOT_MEASURED, fields.METRIC_FOR_BEST_MODEL, words))
        for path in _CHOICE:
            draft.note_written(path, "the metric is not measured")
        return
    greater = job.get(fields.GREATER_IS_BETTER) is True
    draft.set(fields.SAVE_BEST_MODEL_AT_END, "trainer.load_best_model_at_end", value=True)
    draft.set(fields.METRIC_FOR_BEST_MODEL, "trainer.metric_for_best_model", METRICS[metric])
    draft.set(fields.GREATER_IS_BETTER, "trainer.greater_is_better", greater)
