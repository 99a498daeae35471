"""How many sequences a step sees, how many steps or epochs, and how many of them warm up."""

from typing import TYPE_CHECKING, Final

from ...diagnostics import KeyPath, codes
from ...job import batch
from ...payloads import fields
from ..paths import ABSENT
from ..target import Route
from ..values import key_of

if TYPE_CHECKING:
    from .. import reading, writing


_DEVICE: Final = (fields.PER_DEVICE_BATCH, fields.BATCH_SIZE)
_ACCUMULATION: Final = fields.GRADIENT_ACCUMULATION_STEPS


def _said(said: list[KeyPath], *paths: KeyPath) -> list[KeyPath]:
    """Return the fields that a factor stands in; if none of them does, all that it follows from."""
    return [path for path in said if path in paths] or said


def write_batch(draft: "writing.Draft", route: Route) -> None:
    """Write the factors of the batch, or all of it, if the payload says any of them."""
    said = [path for path in route.fields if draft.value(path) is not ABSENT]
    if not said:
        return
    whole = batch.complete(draft.job)
    if whole is None:
        draft.undecided(fields.GLOBAL_BATCH, "it is no product of the other factors")
        draft.expressed.update(said)
        return
    draft.expressed.update(said)
    for role, value, sources in (
        ("effective", whole.effective, said),
        ("device", whole.device, _said(said, *_DEVICE)),
        ("accumulation", whole.accumulation, _said(said, _ACCUMULATION)),
    ):
        if role in route.at:
            draft.put(route.at[role], value, *sources)
    one, other = draft.value(fields.PER_DEVICE_BATCH), draft.value(fields.BATCH_SIZE)
    if ABSENT not in (one, other) and one != other:
        draft.idle(fields.BATCH_SIZE, "`per_device_batch` counts")


def read_batch(draft: "reading.Draft", route: Route) -> None:
    """Read the factors, or the whole batch."""
    for role, path in (
        ("device", fields.PER_DEVICE_BATCH),
        ("accumulation", fields.GRADIENT_ACCUMULATION_STEPS),
        ("effective", fields.GLOBAL_BATCH),
    ):
        if role not in route.at:
            continue
        at = route.at[role]
        if draft.value(at) in route.options.get("unset", ()):
            draft.imply(at, "it leaves the value open")
        elif not draft.carry(path, at) and at not in draft.taken and role in _defaults(route):
            draft.assume(path, _defaults(route)[role])


def _defaults(route: Route) -> dict[str, int]:
    defaults: dict[str, int] = route.options.get("defaults", {})
    return defaults


def write_length(draft: "writing.Draft", route: Route) -> None:
    """Write the steps, or else the epochs: where both are said, the steps count."""
    epochs, *steps = route.fields
    given = [path for path in steps if draft.value(path) is not ABSENT]
    if not given:
        if draft.value(epochs) is not ABSENT and "epochs" in route.at:
            draft.put(route.at["epochs"], draft.value(epochs), epochs)
        return
    winner, *losers = given
    draft.put(route.at["steps"], draft.value(winner), winner)
    draft.expressed.add(epochs)
    for path in (*losers, epochs):
        if path == epochs or draft.value(path) != draft.value(winner):
            draft.idle(path, f"`{winner[-1]}` counts, there as with us")
        draft.expressed.add(path)


def read_length(draft: "reading.Draft", route: Route) -> None:
    """Read the steps, or else the epochs, or the target's default of these."""
    epochs, winner, *_ = route.fields
    at, at_steps = route.at.get("epochs"), route.at["steps"]
    steps = draft.value(at_steps)
    if steps in (-1, 0):
        draft.imply(at_steps, "it leaves the value open")
    elif draft.carry(winner, at_steps):
        if at and draft.value(at) is not ABSENT:
            draft.imply(at, "the steps count, there as with us")
        return
    if at is None:
        words = {"target": draft.target.system, "key": key_of(winner)}
        draft.note(codes.NOT_IN_SOURCE, (), words, f"write `{key_of(winner)} = …`: it has no end")
    elif not draft.carry(epochs, at) and at not in draft.taken and "default" in route.options:
        draft.assume(epochs, route.options["default"])


_WARMUP_STEPS: Final = (*fields.HYPERPARAMETERS, "warmup_steps")
_WHOLE: Final = 0.999999
"""The share that is every step, to transformers 5: 1.0 would be one step."""


def write_warmup(draft: "writing.Draft", route: Route) -> None:
    """Write the warm-up as steps, or below 1 as their share: so transformers 5 reads one key."""
    steps, share = draft.value(_WARMUP_STEPS), draft.value(fields.WARMUP_RATIO)
    if steps is not ABSENT:
        draft.put(route.at["value"], steps, _WARMUP_STEPS)
        if share is not ABSENT:
            draft.idle(fields.WARMUP_RATIO, "`warmup_steps` counts")
    elif share is not ABSENT:
        draft.put(route.at["value"], min(share, _WHOLE), fields.WARMUP_RATIO)


def read_warmup(draft: "reading.Draft", route: Route) -> None:
    """Read the warm-up as steps, or as their share; older versions have a key for that."""
    at, older = route.at["value"], route.at["share"]
    value = draft.value(at)
    share = isinstance(value, (int, float)) and 0 <= value < 1
    if value == _WHOLE:
        draft.set(fields.WARMUP_RATIO, 1.0, at)
    else:
        draft.carry(fields.WARMUP_RATIO if share else _WARMUP_STEPS, at)
    if draft.value(older) is not ABSENT:
        if value not in (ABSENT, 0):
            draft.leave(older, "`warmup_steps` counts")
        else:
            draft.carry(fields.WARMUP_RATIO, older)
