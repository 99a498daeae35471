"""How many sequences a step sees: as its factors for trainers, as one number for services."""

from typing import TYPE_CHECKING

from ...job import batch
from ...payloads import fields
from ..paths import ABSENT
from ..target import Route

if TYPE_CHECKING:
    from .. import reading, writing


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
    if "effective" in route.at:
        draft.put(route.at["effective"], whole.effective, *said)
    else:
        draft.put(route.at["device"], whole.device, *said)
        draft.put(route.at["accumulation"], whole.accumulation, *said)
    one, other = draft.value(fields.PER_DEVICE_BATCH), draft.value(fields.BATCH_SIZE)
    if ABSENT not in (one, other) and one != other:
        draft.lose(fields.BATCH_SIZE, "`per_device_batch` counts")


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
            draft.taken.add(at)
        elif not draft.carry(path, at) and at not in draft.taken and role in _defaults(route):
            draft.assume(path, _defaults(route)[role])


def _defaults(route: Route) -> dict[str, int]:
    defaults: dict[str, int] = route.options.get("defaults", {})
    return defaults
