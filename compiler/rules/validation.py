"""Evaluation while training: its data, its rhythm, and the best model."""

from collections.abc import Iterator

from ...diagnostics import Aim, Finding, quoted
from .job import Job

_AT = ("training", "validation")


def steps_have_a_rhythm(job: Job) -> Iterator[Finding]:
    """Ask for ``eval_steps``: transformers training_args.py refuses 0 with the strategy steps."""
    by_steps = job.validates and job.validation("evaluation_strategy") == "steps"
    if by_steps and job.validation("eval_steps") == 0:
        yield Finding("SFT231", (*_AT, "eval_steps"))


def validation_has_data(job: Job) -> Iterator[Finding]:
    """Ask for data to validate on: without it nothing is evaluated."""
    if job.validates and job.get("data", "validation_path") is None:
        yield Finding("SFT232", _AT, aim=Aim.TABLE)


def data_is_validated(job: Job) -> Iterator[Finding]:
    """Point out validation data that is uploaded and never used."""
    if not job.validates and job.get("data", "validation_path") is not None:
        off = job.get(*_AT) is not None
        words = {"state": "is off" if off else "is not there"}
        hint = "set training.validation.enabled = true" if off else "add [training.validation]"
        yield Finding("SFT233", ("data", "validation_path"), words, hint=hint)


def best_model_needs_evaluation(job: Job) -> Iterator[Finding]:
    """Refuse a best model without evaluation: transformers, load_best_model_at_end."""
    never = job.validates and job.validation("evaluation_strategy") == "no"
    if never and job.validation("save_best_model_at_end"):
        written = job.get(*_AT, "save_best_model_at_end") is not None
        words = {"given": "" if written else ", the default"}
        yield Finding("SFT234", (*_AT, "save_best_model_at_end"), words)


def a_loss_is_better_lower(job: Job) -> Iterator[Finding]:
    """Point out that the worst model would be kept: transformers derives this from the name."""
    metric = job.validation("metric_for_best_model")
    if job.validation("greater_is_better") and "loss" in metric.lower():
        yield Finding("SFT235", (*_AT, "greater_is_better"), {"metric": quoted(metric)})


RULES = (
    steps_have_a_rhythm,
    validation_has_data,
    data_is_validated,
    best_model_needs_evaluation,
    a_loss_is_better_lower,
)
