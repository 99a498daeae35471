"""Defaults: sftc's are written where a target's differ, and the target's are read back.

A route's ``default`` is what the target takes where its config is silent, if that may differ from
ours; ``default_of`` is a multiple of another field; ``open`` are words for what nobody knows.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ...diagnostics import KeyPath, dotted, value_text
from ...job.flavours import ADAPTER_KNOBS
from ...job.unsaid import meant
from ...payloads import fields
from ..paths import ABSENT, parsed
from ..target import Route, field_path
from ..values import key_of

if TYPE_CHECKING:
    from .. import reading, writing

NO_FLAVOUR_MEANS: Final = "trains all weights"
"""What a job of ours does that says no flavour."""


def theirs(route: Route, value_of: Callable[[KeyPath], Any]) -> Any:
    """Return the default of the target, as a value of the field; ``ABSENT`` if it is as ours."""
    for pointer, factor in route.options.get("default_of", {}).items():
        base = value_of(field_path(pointer))
        return factor * (meant(field_path(pointer)) if base is ABSENT else base)
    return route.options.get("default", ABSENT)


def write_unsaid(
    draft: "writing.Draft", route: Route, path: KeyPath, said: Callable[[Any], Any] = lambda v: v
) -> None:
    """Write what a field means that the payload leaves out, unless the target takes that, too.

    Args:
        draft: the target's config.
        route: the field's.
        path: the field.
        said: the meaning as the target spells it.

    """
    at, ours, usual = route.at["value"], meant(path), theirs(route, draft.value)
    if ours is None and "limitless" in route.options:
        draft.mean(at, route.options["limitless"])
    elif ours is None:
        needed = path in {field_path(need["field"]) for need in draft.target.needs}
        if usual is not ABSENT and not needed:  # that it is needed is said besides
            draft.lose_unsaid(path, "no limit", f"its default is {usual}")
    elif "open" in route.options or usual not in (ABSENT, ours):
        draft.mean(at, said(ours))


def read_unsaid(
    draft: "reading.Draft", route: Route, path: KeyPath, at: KeyPath = (), role: str = "value"
) -> None:
    """Read what the target takes where its config is silent, or says so by a word at a path."""
    if "open" in route.options:
        ours = meant(path)
        says = f"uses {value_text(ours)}" if ours is not None else "has no limit"
        draft.differ(at, dotted(route.at[role]), str(route.options["open"]), says)
        return
    unless = route.options.get("unless")
    usual = theirs(route, lambda field: draft.fields.get(field, ABSENT))
    if usual in (ABSENT, meant(path)) or (unless and draft.value(parsed(unless)) is True):
        if at:
            draft.imply(at, "it leaves the value unset")
        return
    draft.taken.update([at] if at else ())
    draft.assume(path, usual, route.options.get("hint"))


def read_open(draft: "reading.Draft") -> None:
    """Say what the target decides that no key of it says, where our job does as it says itself."""
    adapted = draft.fields.get(fields.TRAIN_KIND) == "peft"
    for path, remark in draft.target.fields.items():
        if remark.decides and path not in draft.fields and (adapted or path not in ADAPTER_KNOBS):
            ours = meant(path)
            says = NO_FLAVOUR_MEANS if ours is None else f"uses {value_text(ours)}"
            draft.differ((), key_of(path), remark.decides, says)
