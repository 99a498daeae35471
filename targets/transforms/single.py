"""One field, one key: the same value, in other words, the other way round, or as a list."""

from typing import TYPE_CHECKING, Final

from ...diagnostics import KeyPath, dotted
from ...job.unsaid import meant
from ..paths import ABSENT, found, parsed
from ..target import Route
from ..values import as_field
from .unsaid import read_unsaid, write_unsaid

if TYPE_CHECKING:
    from .. import reading, writing


def aliases(draft: "reading.Draft", route: Route, role: str = "value") -> list[KeyPath]:
    """Return the paths at which the source may have a role, its usual one first."""
    others = route.options.get("also", ())
    return [at for at in (route.at[role], *map(parsed, others)) if _has(draft, at)]


def _has(draft: "reading.Draft", at: KeyPath) -> bool:
    return draft.value(at) is not ABSENT


def write_same(draft: "writing.Draft", route: Route) -> None:
    """Write a value as it is, or under the target's word for it."""
    (path,), at = route.fields, route.at["value"]
    value, words = draft.value(path), route.options.get("words", {})
    if path in draft.expressed:  # by a route that this one depends on
        return
    if value is ABSENT:
        write_unsaid(draft, route, path, lambda ours: words.get(ours, ours))
        return
    if isinstance(value, str) and words:
        if value not in words and route.options.get("closed"):
            draft.lose(path, f"it supports only {', '.join(words)}")
            return
        value = words.get(value, value)
    draft.put(at, value, path)


def read_same(draft: "reading.Draft", route: Route) -> None:
    """Read a value, the target's word for one, or the default that the target has."""
    (path,), words = route.fields, route.options.get("words", {})
    back = {theirs: ours for ours, theirs in reversed(words.items())}
    if "limitless" in route.options and found(draft.source.tree, route.at["value"]) is None:
        draft.imply(route.at["value"], "there is no limit, which is sftc's default")
        return
    unset: KeyPath = ()
    left = False
    for at in aliases(draft, route):
        value = draft.value(at)
        if at in draft.taken:
            continue
        if path in draft.fields:
            draft.leave(at, f"`{path[-1]}` is set already")
        elif value in route.options.get("unset", ()):
            unset = at
        elif isinstance(value, str) and value in route.options.get("reads", {}):
            draft.set(path, route.options["reads"][value], at)
            draft.changed(at, path, "it means this if the GPU supports it")
        elif isinstance(value, str) and value in back:
            draft.set(path, back[value], at)
        elif isinstance(value, str) and words and route.options.get("closed"):
            draft.leave(at, f"`{path[-1]}` has no such value")
            left = True
        else:
            left |= not draft.carry(path, at)
    if path not in draft.fields and not left:
        read_unsaid(draft, route, path, unset)


def write_listed(draft: "writing.Draft", route: Route) -> None:
    """Write a value that is one of those that the target knows."""
    (path,) = route.fields
    if draft.value(path) in route.options["values"]:
        draft.put(route.at["value"], draft.value(path), path)
    else:
        draft.undecided(path, route.options["why"], route.options["nearest"])


def read_listed(draft: "reading.Draft", route: Route) -> None:
    """Read a value, whatever it is: the target may know more by now."""
    draft.carry(route.fields[0], route.at["value"])


def write_constant(draft: "writing.Draft", route: Route) -> None:
    """Write what every payload means and the target wants said."""
    draft.put(route.at["value"], route.options["value"])
    draft.sources[route.at["value"]] = route.options["why"]


def read_constant(draft: "reading.Draft", route: Route) -> None:
    """Take what every job means."""
    at = route.at["value"]
    if draft.value(at) in (route.options["value"], *route.options.get("same", ())):
        draft.imply(at)
    elif draft.value(at) is ABSENT and "otherwise" in route.options:
        theirs, ours = route.options["otherwise"]
        draft.differ((), dotted(at), theirs, ours)


_ALL: Final = "all-linear"


def write_modules(draft: "writing.Draft", route: Route) -> None:
    """Write names of modules as a list, as one text, or as the target's word for all."""
    (path,) = route.fields
    names, joined = draft.value(path), route.options.get("join")
    if path in draft.expressed:
        return
    at, whole = route.at.get("switch", route.at["value"]), route.options.get("all")
    if names is ABSENT:
        if "open" in route.options:
            draft.mean(at, whole or meant(path))
    elif names == [_ALL] and whole:
        draft.put(at, whole, path)
    elif not names:
        draft.lose(path, "an empty list selects no modules", "remove the key")
    elif joined and any(joined in name for name in names):
        draft.lose(path, f"it joins names with `{joined}`, which one of them contains")
    else:
        draft.put(route.at["value"], joined.join(names) if joined else list(names), path)


def read_modules(draft: "reading.Draft", route: Route) -> None:
    """Read names of modules in any of these ways."""
    (path,), at = route.fields, route.at["value"]
    names, switch = draft.value(at), route.at.get("switch")
    if switch and draft.value(switch) is True and names in (ABSENT, []):
        draft.set(path, [_ALL], switch)
    elif switch and draft.value(switch) is False:
        draft.imply(switch, "the other key lists the modules")
    if names is ABSENT or names == []:
        if path not in draft.fields and "open" in route.options:
            read_unsaid(draft, route, path)
        return
    if isinstance(names, str):
        joined = route.options.get("join")
        split = [name.strip() for name in names.split(joined)] if joined else [names]
        whole = names in (route.options.get("all"), _ALL) and switch is None
        names = [_ALL] if whole or names == _ALL else split
    if names == route.options.get("all"):
        names = [_ALL]
    if as_field(path, names) is ABSENT:
        draft.leave(at, f"`{path[-1]}` is a list of names")
    else:
        draft.set(path, names, at)


def write_opposite(draft: "writing.Draft", route: Route) -> None:
    """Write the contrary, where the target's key turns off what ours turns on."""
    (path,) = route.fields
    if draft.value(path) is ABSENT:
        write_unsaid(draft, route, path, lambda ours: not ours)
    else:
        draft.put(route.at["value"], not draft.value(path), path)


def read_opposite(draft: "reading.Draft", route: Route) -> None:
    """Read the contrary."""
    (path,), at = route.fields, route.at["value"]
    if isinstance(draft.value(at), bool):
        draft.set(path, not draft.value(at), at)
    elif draft.value(at) is ABSENT:
        read_unsaid(draft, route, path)
