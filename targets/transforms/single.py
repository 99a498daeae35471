"""One field, one key: the same value, in other words, the other way round, or as a list."""

from typing import TYPE_CHECKING, Final

from ...diagnostics import KeyPath
from ..paths import ABSENT
from ..target import Route
from ..values import as_field

if TYPE_CHECKING:
    from .. import reading, writing


def _aliases(draft: "reading.Draft", route: Route, role: str = "value") -> list[KeyPath]:
    """Return the paths at which the source may have a role, its usual one first."""
    others = route.options.get("also", ())
    return [at for at in (route.at[role], *((name,) for name in others)) if _has(draft, at)]


def _has(draft: "reading.Draft", at: KeyPath) -> bool:
    return draft.value(at) is not ABSENT


# same: a value is the same value, maybe under another word
def write_same(draft: "writing.Draft", route: Route) -> None:
    (path,), at = route.fields, route.at["value"]
    value, words = draft.value(path), route.options.get("words", {})
    if path in draft.expressed:  # by a route that this one depends on
        return
    if value is ABSENT:
        if "fill" in route.options:
            draft.fill(at, route.options["fill"])
        return
    if isinstance(value, str) and words:
        if value not in words and route.options.get("closed"):
            draft.lose(path, f"it knows only {', '.join(words)}")
            return
        value = words.get(value, value)
    draft.put(at, value, path)


def read_same(draft: "reading.Draft", route: Route) -> None:
    (path,), words = route.fields, route.options.get("words", {})
    back = {theirs: ours for ours, theirs in reversed(words.items())}
    for at in _aliases(draft, route):
        value = draft.value(at)
        if at in draft.taken:
            continue
        if path in draft.fields:
            draft.leave(at, f"`{path[-1]}` is set already")
        elif value in route.options.get("unset", ()):
            draft.taken.add(at)
        elif isinstance(value, str) and value in back:
            draft.set(path, back[value], at)
        elif isinstance(value, str) and words and route.options.get("closed"):
            draft.leave(at, f"`{path[-1]}` has no word for it")
        else:
            draft.carry(path, at)
    if path not in draft.fields and "default" in route.options:
        draft.assume(path, route.options["default"])


# constant: what every payload means, and the target wants said
def write_constant(draft: "writing.Draft", route: Route) -> None:
    draft.put(route.at["value"], route.options["value"])
    draft.sources[route.at["value"]] = route.options["why"]


def read_constant(draft: "reading.Draft", route: Route) -> None:
    at = route.at["value"]
    if draft.value(at) == route.options["value"]:
        draft.taken.add(at)


# first: several fields for one thing, of which the first that is set counts
def write_first(draft: "writing.Draft", route: Route) -> None:
    given = [path for path in route.fields if draft.value(path) is not ABSENT]
    if not given:
        return
    value = draft.value(given[0])
    draft.put(route.at["value"], value, given[0])
    for path in given[1:]:
        if draft.value(path) == value:
            draft.expressed.add(path)
        else:
            draft.lose(path, f"`{given[0][-1]}` counts")


def read_first(draft: "reading.Draft", route: Route) -> None:
    read_same(draft, route._replace(fields=route.fields[:1]))


# modules: names of modules, or all of them
_ALL: Final = "all-linear"


def write_modules(draft: "writing.Draft", route: Route) -> None:
    (path,) = route.fields
    names, joined = draft.value(path), route.options.get("join")
    if names is ABSENT:
        return
    if names == [_ALL] and "all" in route.options:
        at = route.at.get("switch", route.at["value"])
        draft.put(at, route.options["all"], path)
    elif not names:
        draft.lose(path, "an empty list names no module", "leave the key out")
    elif joined and any(joined in name for name in names):
        draft.lose(path, f"it joins names with `{joined}`, which one of them has")
    else:
        draft.put(route.at["value"], joined.join(names) if joined else list(names), path)


def read_modules(draft: "reading.Draft", route: Route) -> None:
    (path,), at = route.fields, route.at["value"]
    names, switch = draft.value(at), route.at.get("switch")
    if switch and draft.value(switch) is True and names in (ABSENT, []):
        draft.set(path, [_ALL], switch)
    elif switch and draft.value(switch) is False:
        draft.taken.add(switch)
    if names is ABSENT or names == []:
        return
    if isinstance(names, str):
        joined = route.options.get("join")
        split = [name.strip() for name in names.split(joined)] if joined else [names]
        whole = names in (route.options.get("all"), _ALL) and switch is None
        names = [_ALL] if whole or names == _ALL else split
    if as_field(path, names) is ABSENT:
        draft.leave(at, f"`{path[-1]}` is a list of names")
    else:
        draft.set(path, names, at)


# opposite: what one calls on, the other calls off
def write_opposite(draft: "writing.Draft", route: Route) -> None:
    (path,) = route.fields
    if draft.value(path) is not ABSENT:
        draft.put(route.at["value"], not draft.value(path), path)


def read_opposite(draft: "reading.Draft", route: Route) -> None:
    (path,), at = route.fields, route.at["value"]
    if isinstance(draft.value(at), bool):
        draft.set(path, not draft.value(at), at)
