"""The learning rate over a training: a schedule of transformers as phases of so many steps."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ...diagnostics import KeyPath
from ...job.unsaid import meant
from ...payloads import fields
from ..paths import ABSENT
from ..target import Route

if TYPE_CHECKING:
    from .. import reading, writing

_TYPE: Final = (*fields.HYPERPARAMETERS, "lr_scheduler_type")
_STEPS: Final = (*fields.HYPERPARAMETERS, "warmup_steps")
_KNOWN: Final = ("constant", "constant_with_warmup", "linear", "cosine")


def write_schedule(draft: "writing.Draft", route: Route) -> None:
    """Write the phases: a rise, and a fall over the steps that are left."""
    kind, total = draft.value(_TYPE), _written_steps(draft, route)
    given = [path for path in (_STEPS, fields.WARMUP_RATIO) if draft.value(path) is not ABSENT]
    if total is None:
        return
    if kind is ABSENT:
        kind = meant(_TYPE)
    if kind not in _KNOWN:
        for path in (_TYPE, *given):
            draft.lose(path, "it supports the schedules constant, linear and cosine")
        return
    rise, warmup = _rise(draft, kind, given, total)
    said = [path for path in (_TYPE, *warmup) if draft.value(path) is not ABSENT]
    phase = "cosine" if kind == "cosine" else "linear"
    if kind in ("constant", "constant_with_warmup"):
        phase = "linear" if rise else "constant"
    written: dict[str, str | int] = {"type": phase}
    if phase != "constant":
        written["rise"] = rise
    if phase == "linear":
        written["fall"] = 0 if kind == "constant_with_warmup" else total - rise
    for role, value in written.items():
        if said:
            draft.put(route.at[role], value, *said)
        else:
            draft.mean(route.at[role], value)


def _written_steps(draft: "writing.Draft", route: Route) -> int | None:
    """Return the steps that were written; None where there are none."""
    total = draft.tree.get(str(route.at["steps"][0]))
    return total if isinstance(total, int) else None


def _rise(
    draft: "writing.Draft", kind: Any, given: Sequence[KeyPath], total: int
) -> tuple[int, Sequence[KeyPath]]:
    """Return the steps of the warm-up, and the field that says so, if one counts."""
    for path in given[1:]:
        draft.idle(path, "`warmup_steps` counts")
    if kind == "constant":
        for path in given:
            draft.idle(path, "a constant schedule has no warm-up")
        return 0, ()
    amount = draft.value(given[0]) if given else 0
    is_share = amount < 1 or given[0] == fields.WARMUP_RATIO  # steps below 1 are one, too
    rise = math.ceil(amount * total) if is_share else int(amount)
    if rise < total:
        return rise, given[:1]
    for path in given[:1]:
        draft.lose(path, "its warm-up must be shorter than the training")
    return total - 1, ()


def read_schedule(draft: "reading.Draft", route: Route) -> None:
    """Read the phases as the schedule that they make, where it is one of transformers."""
    at = route.at
    kind = draft.value(at["type"])
    if kind is ABSENT:
        draft.assume(_TYPE, "constant")
        return
    rise, fall = (
        route.options["default"] if draft.value(at[role]) is ABSENT else draft.value(at[role])
        for role in ("rise", "fall")
    )
    total = draft.value(at["steps"])
    name = None
    if kind in ("constant", "cosine"):
        name = str(kind)
    elif kind == "linear" and fall == 0:
        name = "constant_with_warmup"
    elif kind == "linear" and ABSENT not in (total, rise) and _sum(rise, fall) == total:
        name = "linear"
    there = [at[role] for role in ("type", "rise", "fall") if draft.value(at[role]) is not ABSENT]
    if name is None:
        for path in there:
            draft.leave(
                path,
                "sftc's schedules decay over all steps after the warm-up",
                'set lr_scheduler_type = "warmup_stable_decay"',
            )
        return
    draft.set(_TYPE, name, at["type"])
    if name in ("linear", "constant_with_warmup"):
        draft.taken.add(at["fall"])
    elif at["fall"] in there:
        draft.leave(at["fall"], f"sftc's {name} schedule has no such phase")
    if name != "constant" and not draft.carry(_STEPS, at["rise"]) and at["rise"] not in draft.taken:
        draft.assume(_STEPS, route.options["default"])


def _sum(rise: object, fall: object) -> int | None:
    return rise + fall if isinstance(rise, int) and isinstance(fall, int) else None
