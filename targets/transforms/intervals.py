"""Evaluations every so many steps, of rows in a table of their own: no epochs, no best model."""

from typing import TYPE_CHECKING, Final

from ...job import evaluation
from ...payloads import fields
from ..paths import ABSENT, found
from ..target import Route
from . import data
from .evaluating import CHOICE, RHYTHM, lose_idle, why_never

if TYPE_CHECKING:
    from ...diagnostics import KeyPath
    from .. import reading, writing

_SAME: Final = ("batch_size", "micro_batch_size", "seq_len")
"""What the evaluated rows have as the trained ones do."""


def write_intervals(draft: "writing.Draft", route: Route) -> None:
    """Write the table, if something is evaluated."""
    path, interval = fields.VALIDATION_PATH, route.at["interval"]
    said = [one for one in RHYTHM if draft.value(one) is not ABSENT]
    why = why_never(draft) if said or draft.value(path) is not ABSENT else "there is no evaluation"
    if why:
        lose_idle(draft, why, path, *RHYTHM, *CHOICE)
        return
    if evaluation.strategy(draft.job) != "steps":
        for one in (path, *said):
            draft.lose(one, "it evaluates every N steps", 'set evaluation_strategy = "steps"')
        lose_idle(draft, "there is no evaluation", *CHOICE)
        return
    draft.put(interval, draft.value(fields.EVAL_STEPS), *RHYTHM)
    data.write_hub(draft, _rows(route))
    for name in _SAME:
        trained: KeyPath = (*route.at["trained"], name)
        if found(draft.tree, trained) is not ABSENT:
            source = draft.sources[trained]
            draft.put((*route.at["rows"], name), found(draft.tree, trained), *source)
    if draft.value(fields.SAVE_BEST_MODEL_AT_END) is True:
        for one in CHOICE:
            if draft.value(one) is not ABSENT:
                draft.lose(one, "the result is the last checkpoint")
        return
    lose_idle(draft, "the result is the last checkpoint", *CHOICE)


def read_intervals(draft: "reading.Draft", route: Route) -> None:
    """Read the table."""
    if not isinstance(draft.value(route.at["interval"][:1]), dict):
        return
    data.read_hub(draft, _rows(route))
    if fields.VALIDATION_PATH not in draft.fields:
        return
    draft.fields |= {
        fields.VALIDATION_ENABLED: True,
        fields.EVALUATION_STRATEGY: "steps",
        fields.SAVE_BEST_MODEL_AT_END: False,
    }
    at = route.at["interval"]
    if not draft.carry(fields.EVAL_STEPS, at) and at not in draft.taken:
        draft.assume(fields.EVAL_STEPS, route.options["default"])
    for name in _SAME:
        there = (*route.at["rows"], name)
        if draft.value(there) is ABSENT:
            continue
        if draft.value(there) == draft.value((*route.at["trained"], name)):
            draft.imply(there, "it is the same as for training rows")
        else:
            draft.leave(there, "validation rows are truncated and batched like training rows")


def _rows(route: Route) -> Route:
    """Return the route of the file."""
    return Route((fields.VALIDATION_PATH,), {"value": (*route.at["rows"], "name")}, "hub", {})
