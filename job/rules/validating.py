"""Evaluation while training: its data, its rhythm, and the best model."""

import re
from collections.abc import Iterator
from typing import Final

from ...diagnostics import Aim, Finding, KeyPath, codes, quoted
from ...payloads import fields
from ..evaluation import STRATEGIES, chooses_best_model, enabled, has_data, strategy
from ..lengths import STEP_COUNTS, steps
from ..values import Job

_NEVER: Final = ("none", "never", "off", "false")
_HIGHER_IS_BETTER: Final = frozenset({"accuracy", "acc", "f1", "bleu", "rouge"})


def steps_have_a_rhythm(job: Job) -> Iterator[Finding]:
    """``eval_steps`` 0 with the strategy ``steps``: transformers training_args.py refuses it."""
    if enabled(job) and strategy(job) == "steps" and not job.get(fields.EVAL_STEPS):
        yield Finding(codes.NO_EVAL_STEPS, fields.EVAL_STEPS, covers=(fields.EVALUATION_STRATEGY,))


def validation_has_data(job: Job) -> Iterator[Finding]:
    """Validation without data: nothing would be evaluated."""
    if enabled(job) and not has_data(job):
        covers = (fields.VALIDATION_ENABLED,)
        yield Finding(
            codes.VALIDATION_WITHOUT_DATA, fields.VALIDATION, aim=Aim.TABLE, covers=covers
        )


def data_is_validated(job: Job) -> Iterator[Finding]:
    """Validation data that is uploaded and never used."""
    if job.get(fields.VALIDATION_PATH) is None or enabled(job):
        return
    off = job.get(fields.VALIDATION_ENABLED) is not None
    words = {
        "state": "[training.validation] is disabled" if off else "there is no [training.validation]"
    }
    hint = "set training.validation.enabled = true" if off else "add [training.validation]"
    covers = (fields.VALIDATION_ENABLED,)
    yield Finding(
        codes.DATA_WITHOUT_VALIDATION, fields.VALIDATION_PATH, words, hint=hint, covers=covers
    )


def best_model_needs_evaluation(job: Job) -> Iterator[Finding]:
    """A best model without evaluation: transformers, ``load_best_model_at_end``."""
    if enabled(job) and strategy(job) == "no" and chooses_best_model(job):
        path = fields.SAVE_BEST_MODEL_AT_END
        words = {"given": ", the default" if job.defaulted(path) else ""}
        yield Finding(
            codes.BEST_MODEL_WITHOUT_EVALUATION, path, words, covers=(fields.EVALUATION_STRATEGY,)
        )


def a_loss_is_better_lower(job: Job) -> Iterator[Finding]:
    """The worst model would be kept: transformers derives the direction from the name."""
    if not job.get(fields.GREATER_IS_BETTER):
        return
    if "loss" in _words(_metric(job)):
        words, covers = {"metric": quoted(_metric(job))}, (fields.METRIC_FOR_BEST_MODEL,)
        yield Finding(codes.GREATER_LOSS_IS_BETTER, fields.GREATER_IS_BETTER, words, covers=covers)


def a_score_is_better_higher(job: Job) -> Iterator[Finding]:
    """The worst model would be kept: transformers #31142."""
    if job.get(fields.GREATER_IS_BETTER) is not False or not chooses_best_model(job):
        return
    metric = _metric(job)
    words_of_it = _words(metric)
    if "loss" not in words_of_it and not _HIGHER_IS_BETTER.isdisjoint(words_of_it):
        given = ", the default" if job.defaulted(fields.GREATER_IS_BETTER) else ""
        words = {"metric": quoted(metric), "given": given}
        covers = (fields.METRIC_FOR_BEST_MODEL,)
        yield Finding(codes.LOWER_SCORE_IS_BETTER, fields.GREATER_IS_BETTER, words, covers=covers)


def _words(metric: str) -> set[str]:
    """Return the words of a metric's name, in lower case: of ``eval_rougeL`` that is ``rouge``."""
    return set(re.findall(r"f1|bleu|rouge|[a-z]+", metric.lower()))


def _metric(job: Job) -> str:
    path = fields.METRIC_FOR_BEST_MODEL
    metric: str = job.get(path) or fields.default(path)
    return metric


def strategy_is_known(job: Job) -> Iterator[Finding]:
    """A strategy that no trainer has: transformers, ``IntervalStrategy``."""
    chosen = job.get(fields.EVALUATION_STRATEGY)
    if chosen is None or chosen in STRATEGIES:
        return
    from ...diagnostics.suggest import nearest  # only a wrong word needs it

    near = "no" if chosen.strip().lower() in _NEVER else nearest(chosen, STRATEGIES)
    hint = f"did you mean {quoted(near)}?" if near else None
    words = {"strategy": quoted(chosen)}
    yield Finding(codes.UNKNOWN_EVALUATION_STRATEGY, fields.EVALUATION_STRATEGY, words, hint=hint)


def evaluates_before_the_end(job: Job) -> Iterator[Finding]:
    """A first evaluation that would come after the last step."""
    rhythm = job.get(fields.EVAL_STEPS)
    if not rhythm or not enabled(job) or strategy(job) != "steps":
        return
    last = steps(job)
    if last is not None and rhythm > last:
        words = {"rhythm": f"{rhythm:,}", "steps": f"{last:,}"}
        covers = tuple(field for field in STEP_COUNTS if job.get(field) == last)[:1]
        yield Finding(codes.EVALUATION_AFTER_THE_END, fields.EVAL_STEPS, words, covers=covers)


def files_differ(job: Job) -> Iterator[Finding]:
    """Validation on the training data: it measures what was learnt by heart."""
    training, validation = job.get(fields.TRAINING_PATH), job.get(fields.VALIDATION_PATH)
    if training is None or validation is None:
        return
    if _plain(training) == _plain(validation) or _same_digest(job):
        covers: tuple[KeyPath, ...] = (fields.TRAINING_PATH,)
        yield Finding(codes.VALIDATION_ON_TRAINING_DATA, fields.VALIDATION_PATH, covers=covers)


def _plain(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _same_digest(job: Job) -> bool:
    """Whether both files are pinned to the same bytes."""
    training, validation = (
        job.get((*path[:-1], "sha256")) for path in (fields.TRAINING_PATH, fields.VALIDATION_PATH)
    )
    return training is not None and training == validation


ALL: Final = (
    steps_have_a_rhythm,
    validation_has_data,
    data_is_validated,
    best_model_needs_evaluation,
    a_loss_is_better_lower,
    strategy_is_known,
    a_score_is_better_higher,
    evaluates_before_the_end,
    files_differ,
)
