"""How many sequences a step sees, how many steps or epochs, and how many of them warm up."""

from math import gcd, prod
from typing import TYPE_CHECKING, Final

from ...diagnostics import KeyPath, codes, dotted
from ...job import batch, resources
from ...job.unsaid import meant
from ...payloads import fields
from ..paths import ABSENT
from ..target import Route
from ..values import key_of
from .single import aliases
from .unsaid import read_unsaid

if TYPE_CHECKING:
    from .. import reading, writing


_DEVICE: Final = (fields.PER_DEVICE_BATCH, fields.BATCH_SIZE)
_DIVIDES: Final = (fields.TENSOR_PARALLEL_SIZE, fields.PIPELINE_PARALLEL_SIZE)
_ACCUMULATION: Final = fields.GRADIENT_ACCUMULATION_STEPS


def _said(said: list[KeyPath], *paths: KeyPath) -> list[KeyPath]:
    """Return the fields that a factor stands in; if none of them does, all that it follows from."""
    return [path for path in said if path in paths] or said


def write_batch(draft: "writing.Draft", route: Route) -> None:
    """Write the factors of the batch, or all of it; what is left open is 1."""
    said = [path for path in route.fields if draft.value(path) is not ABSENT]
    draft.expressed.update(said)
    whole = _as_divided_there(draft)
    if whole is None:
        return
    for role, value, sources in (
        ("effective", whole.effective, said),
        ("device", whole.device, _said(said, *_DEVICE)),
        ("accumulation", whole.accumulation, _said(said, _ACCUMULATION)),
    ):
        if role in route.at and said:
            draft.put(route.at[role], value, *sources)
        elif role in route.at:
            draft.mean(route.at[role], value)
    one, other = draft.value(fields.PER_DEVICE_BATCH), draft.value(fields.BATCH_SIZE)
    if ABSENT not in (one, other) and one != other:
        draft.idle(fields.BATCH_SIZE, "`per_device_batch` counts")


def _as_divided_there(draft: "writing.Draft") -> batch.Batch | None:
    """Return the factors for the copies of the model that the target makes; None if it cannot.

    Where it does not divide the model, each GPU has a copy: a step must see no more rows for that.
    """
    whole = batch.complete(draft.job)
    if whole is None:
        draft.undecided(fields.GLOBAL_BATCH, "it is not a product of the other factors")
        return None
    known = {path for route in draft.target.routes for path in route.fields}
    lost = [path for path in _DIVIDES if path not in known and (draft.job.get(path) or 1) > 1]
    is_service = not any("device" in route.at for route in draft.target.routes)
    if not lost or is_service or resources.gpus(draft.job) is None:
        return whole
    copies = whole.parallel * prod(draft.job.get(path) for path in lost)
    rows, rest = divmod(whole.effective, copies)
    if rest:
        why = f"{copies} model replicas cannot evenly share a batch of {whole.effective}"
        draft.undecided(lost[0], why, f"use a `global_batch` divisible by {copies}")
        return None
    device = gcd(whole.device, rows)
    return batch.Batch(device, rows // device, copies)


def read_batch(draft: "reading.Draft", route: Route) -> None:
    """Read the factors, or the whole batch."""
    for role, path in (
        ("device", fields.PER_DEVICE_BATCH),
        ("accumulation", fields.GRADIENT_ACCUMULATION_STEPS),
        ("effective", fields.GLOBAL_BATCH),
    ):
        if role not in route.at:
            continue
        at = next(iter(aliases(draft, route, role)), route.at[role])
        is_open = draft.value(at) in route.options.get("unset", ())
        if is_open or ("open" in route.options and draft.value(at) is ABSENT):
            ours = "uses one row per GPU"
            draft.differ(at if is_open else (), dotted(at), route.options["open"], ours)
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
            draft.idle(path, f"`{winner[-1]}` takes precedence, as in sftc")
        draft.expressed.add(path)


def read_length(draft: "reading.Draft", route: Route) -> None:
    """Read the steps, or else the epochs, or the target's default of these."""
    epochs, winner, *_ = route.fields
    at, at_steps = route.at.get("epochs"), route.at["steps"]
    steps = draft.value(at_steps)
    if steps in (-1, 0):
        draft.imply(at_steps, "it leaves the value unset")
    elif draft.carry(winner, at_steps):
        if at and draft.value(at) is not ABSENT:
            draft.imply(at, "the steps take precedence, as in sftc")
        return
    if at is None:
        words = {"target": draft.target.system, "key": key_of(winner)}
        draft.note(codes.NOT_IN_SOURCE, (), words, f"add `{key_of(winner)} = …`, or it never ends")
    elif not draft.carry(epochs, at) and at not in draft.taken and "default" in route.options:
        draft.assume(epochs, route.options["default"])


_WARMUP_STEPS: Final = (*fields.HYPERPARAMETERS, "warmup_steps")
_WHOLE: Final = 0.999999
"""The share that is every step, to transformers 5: 1.0 would be one step."""


def write_warmup(draft: "writing.Draft", route: Route) -> None:
    """Write the warm-up: as steps, or below 1 as their share, in one key or in two."""
    steps, share = draft.value(_WARMUP_STEPS), draft.value(fields.WARMUP_RATIO)
    if steps is not ABSENT:
        _put_warmup(draft, route, steps, _WARMUP_STEPS, is_share=0 < steps < 1)
        if share is not ABSENT:
            draft.idle(fields.WARMUP_RATIO, "`warmup_steps` counts")
    elif share is not ABSENT:
        _put_warmup(draft, route, share, fields.WARMUP_RATIO, is_share=True)
    elif route.options.keys() & {"default", "open"}:
        at = route.at.get("share") or route.at["value"]
        draft.mean(at, meant(fields.WARMUP_RATIO) if "share" in route.at else 0)


def _put_warmup(
    draft: "writing.Draft", route: Route, value: float, path: KeyPath, *, is_share: bool
) -> None:
    apart = bool(route.options.get("apart"))
    role = "share" if apart and (is_share or "value" not in route.at) else "value"
    if role not in route.at and value == 0:
        role = "value"
    if "share" not in route.at and role == "share":
        draft.lose(path, "it only accepts a number of steps", "use warmup_steps")
    elif role == "share" and not is_share and value != 0:
        draft.lose(path, "it only accepts a fraction of the steps", "use warmup_ratio")
    elif is_share and (not apart or route.options.get("capped")):
        draft.put(route.at[role], min(value, _WHOLE), path)
    else:
        draft.put(route.at[role], int(value) if apart and role == "value" else value, path)


def read_warmup(draft: "reading.Draft", route: Route) -> None:
    """Read the warm-up as steps, or as their share, which some have another key for."""
    known = [role for role in ("value", "share") if role in route.at]
    roles = [role for role in known if draft.value(route.at[role]) is not ABSENT]
    if not roles:
        read_unsaid(draft, route, fields.WARMUP_RATIO, role=known[-1])
        return
    steps = draft.value(route.at["value"]) if "value" in roles else 0
    wins = "share" if "share" in roles and (steps == 0 or route.options.get("wins")) else roles[0]
    for role in roles:
        at = route.at[role]
        value = draft.value(at)
        if role != wins:
            draft.leave(at, f"`{route.at[wins][-1]}` counts")
        elif value == _WHOLE:
            draft.set(fields.WARMUP_RATIO, 1.0, at)
        else:
            is_share = role == "share" or (isinstance(value, (int, float)) and 0 <= value < 1)
            draft.carry(fields.WARMUP_RATIO if is_share else _WARMUP_STEPS, at)
