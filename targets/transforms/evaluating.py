"""When the validation rows are evaluated, and which checkpoint is the result."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ...job import evaluation
from ...payloads import fields
from ..paths import ABSENT
from ..target import Route

if TYPE_CHECKING:
    from ...diagnostics import KeyPath
    from .. import reading, writing

RHYTHM: Final = (fields.VALIDATION_ENABLED, fields.EVALUATION_STRATEGY, fields.EVAL_STEPS)
CHOICE: Final = (
    fields.SAVE_BEST_MODEL_AT_END,
    fields.METRIC_FOR_BEST_MODEL,
    fields.GREATER_IS_BETTER,
)
_SAVE_STEPS: Final = (*fields.HYPERPARAMETERS, "save_steps")
_METRICS: Final[Mapping[str, str]] = {"val.loss": "eval_loss", "eval_loss": "eval_loss"}
"""The metrics that every trainer measures, and transformers' names for them."""


def why_never(draft: "writing.Draft") -> str | None:
    """Return why nothing is evaluated; None if something is."""
    job, rhythm = draft.job, evaluation.strategy(draft.job)
    if not evaluation.enabled(job):
        return "validation is off"
    if not evaluation.has_data(job) or draft.is_lost(fields.VALIDATION_PATH):
        return "no validation dataset is set, so there is no evaluation"
    if rhythm == "steps" and not draft.job.get(fields.EVAL_STEPS):
        return "eval_steps is 0, so there is no evaluation"
    return "there is no evaluation" if rhythm == "no" else None


def write_evaluation(draft: "writing.Draft", route: Route) -> None:
    """Write the rhythm of evaluations and the choice of the best checkpoint."""
    said = [path for path in (*RHYTHM, *CHOICE) if draft.value(path) is not ABSENT]
    if not said and not evaluation.has_data(draft.job):
        return
    rhythm = evaluation.strategy(draft.job)
    if rhythm not in evaluation.STRATEGIES:
        draft.undecided(fields.EVALUATION_STRATEGY, "it must be `no`, `steps` or `epoch`")
        return
    why = why_never(draft)
    if why:
        draft.put(route.at["strategy"], "no", *RHYTHM[:2])
        lose_idle(draft, why, *RHYTHM, *CHOICE)
        return
    draft.put(route.at["strategy"], rhythm, *RHYTHM[:2])
    if rhythm == "steps":
        draft.put(route.at["steps"], draft.value(fields.EVAL_STEPS), fields.EVAL_STEPS)
    else:
        lose_idle(draft, "it evaluates after each epoch", fields.EVAL_STEPS)
    _write_choice(draft, route, rhythm)


def lose_idle(draft: "writing.Draft", why: str, *paths: "KeyPath") -> None:
    """Say of fields that nothing comes of them, here or with us."""
    for path in paths:
        if _says_so(draft, path):
            draft.expressed.add(path)
        elif draft.value(path) is not ABSENT:
            draft.idle(path, why)


def _says_so(draft: "writing.Draft", path: "KeyPath") -> bool:
    """Whether a field is among the reasons why nothing is evaluated."""
    return (path, draft.value(path)) in (
        (fields.VALIDATION_ENABLED, False),
        (fields.EVALUATION_STRATEGY, "no"),
        (fields.EVAL_STEPS, 0),
        (fields.SAVE_BEST_MODEL_AT_END, False),
    )


def _write_choice(draft: "writing.Draft", route: Route, rhythm: str) -> None:
    best, metric, greater = CHOICE
    if draft.value(best) is ABSENT:
        return
    name = draft.value(metric)
    measured = name is ABSENT or name in _METRICS
    if draft.value(best) is not True or not measured:
        draft.put(route.at["best"], False, best)  # noqa: FBT003 - the value that is written
        if not measured:
            for path in (best, metric):
                draft.lose(path, f"{draft.target.system} only evaluates val.loss")
            lose_idle(draft, "no best checkpoint is selected", greater)
        else:
            lose_idle(draft, "the result is the last checkpoint", metric, greater)
        return
    draft.put(route.at["best"], True, best)  # noqa: FBT003 - the value that is written
    if name is not ABSENT:
        draft.put(route.at["metric"], _METRICS[name], metric)
    if draft.value(greater) is not ABSENT:
        draft.put(route.at["greater"], draft.value(greater), greater)
    _save_in_time(draft, route, rhythm)


def _save_in_time(draft: "writing.Draft", route: Route, rhythm: str) -> None:
    """Save whenever it evaluates: transformers chooses among the checkpoints that there are."""
    draft.put(route.at["save_strategy"], rhythm, fields.SAVE_BEST_MODEL_AT_END)
    every, asked = draft.value(fields.EVAL_STEPS), draft.value(_SAVE_STEPS)
    if rhythm == "steps" and (asked is ABSENT or not isinstance(asked, int) or asked % every):
        draft.put(route.at["save_steps"], every, fields.EVAL_STEPS)
    if asked is not ABSENT and (rhythm != "steps" or not isinstance(asked, int) or asked % every):
        draft.lose(_SAVE_STEPS, "selecting the best model requires saving at each evaluation")


def read_evaluation(draft: "reading.Draft", route: Route) -> None:
    """Read the rhythm, if there are rows to evaluate, and the choice."""
    roles = {role: draft.value(at) for role, at in route.at.items()}
    given = {role for role, value in roles.items() if value is not ABSENT}
    has_rows = fields.VALIDATION_PATH in draft.fields
    rhythm = _rhythm(roles)
    if has_rows and not given & {"strategy", "steps", "per_epoch"} and "open" in route.options:
        draft.differ((), route.options["open"][0], route.options["open"][1], "does not evaluate")
    if not has_rows or rhythm is None:
        _leave_all(draft, route, given, has_rows=has_rows, roles=roles)
        return
    strategy = (route.at[r] for r in ("strategy", "per_epoch") if r in given)
    draft.set(fields.VALIDATION_ENABLED, rhythm != "no")
    draft.set(fields.EVALUATION_STRATEGY, rhythm, *strategy)
    if "steps" in given and not draft.carry(fields.EVAL_STEPS, route.at["steps"]):
        draft.fields[fields.EVAL_STEPS] = 0
    _read_choice(draft, route, roles, rhythm)


def _rhythm(roles: Mapping[str, Any]) -> str | None:
    """Return when it is evaluated; None where that cannot be told."""
    strategy = roles["strategy"]
    if strategy is False or strategy == "no":  # which YAML 1.1 takes for false
        return "no"
    if strategy is ABSENT and roles.get("per_epoch", ABSENT) == 1:
        return "epoch"
    if strategy is ABSENT and roles["steps"] is not ABSENT:
        return "steps"
    if strategy == "steps" and roles["steps"] is ABSENT:
        return None
    return strategy if strategy in evaluation.STRATEGIES else None


def _leave_all(
    draft: "reading.Draft",
    route: Route,
    given: set[str],
    *,
    has_rows: bool,
    roles: Mapping[str, Any],
) -> None:
    why = "it does not determine when to evaluate" if has_rows else "no validation file is set"
    for role in given & {"strategy", "steps", "per_epoch", "best", "metric", "greater"}:
        if role in {"strategy", "best"} and roles[role] in (False, "no"):
            draft.imply(route.at[role], "there is no evaluation")
        else:
            draft.leave(route.at[role], why)


def _read_choice(
    draft: "reading.Draft", route: Route, roles: Mapping[str, Any], rhythm: str
) -> None:
    best, metric, greater = CHOICE
    draft.fields[best] = False
    if roles["best"] is ABSENT:
        return
    draft.carry(best, route.at["best"])
    if draft.fields[best] is not True:
        return
    back = {theirs: ours for ours, theirs in reversed(list(_METRICS.items()))}
    name = roles["metric"]
    if name is not ABSENT:
        ours = back.get(name, name) if isinstance(name, str) else name
        if isinstance(ours, str):
            draft.set(metric, ours, route.at["metric"])
    if not draft.carry(greater, route.at["greater"]):
        draft.fields[greater] = isinstance(name, str) and not name.endswith("loss")
    if roles["save_strategy"] == rhythm:
        draft.imply(route.at["save_strategy"], "it saves at each evaluation")
    if roles["save_steps"] is not ABSENT and roles["save_steps"] == roles["steps"]:
        draft.imply(route.at["save_steps"], "it saves at each evaluation")


def write_evaluations(draft: "writing.Draft", route: Route) -> None:
    """Write how many evaluations there are in all: of what we say, one after each epoch is that."""
    at = route.at["count"]
    said = [path for path in RHYTHM if draft.value(path) is not ABSENT]
    epochs = draft.value(fields.N_EPOCHS)
    if not said or why_never(draft):
        if said or evaluation.has_data(draft.job):
            draft.put(at, 0, *RHYTHM[:2])
        lose_idle(draft, why_never(draft) or "", *RHYTHM)
    elif evaluation.strategy(draft.job) == "epoch":
        draft.put(at, epochs, *RHYTHM[:2])
        lose_idle(draft, "it evaluates after each epoch", fields.EVAL_STEPS)
    else:
        why = f"{draft.target.system} sets the number of evaluations, which depends on the rows"
        for path in said:
            draft.lose(path, why, 'set evaluation_strategy = "epoch"')


def read_evaluations(draft: "reading.Draft", route: Route) -> None:
    """Read a number of evaluations that is one after each epoch, or none."""
    at = route.at["count"]
    count = draft.value(at)
    if count == 0:
        draft.imply(at, "there is no evaluation")
        if fields.VALIDATION_PATH in draft.fields:
            draft.set(fields.VALIDATION_ENABLED, False)  # noqa: FBT003 - a value
            draft.fields[fields.SAVE_BEST_MODEL_AT_END] = False
    elif count is not ABSENT and count == draft.fields.get(fields.N_EPOCHS):
        draft.set(fields.VALIDATION_ENABLED, True, at)  # noqa: FBT003 - a value
        draft.fields[fields.EVALUATION_STRATEGY] = "epoch"
        draft.fields[fields.SAVE_BEST_MODEL_AT_END] = False
    elif count is not ABSENT:
        draft.leave(at, "the total number of evaluations does not determine when to evaluate")
