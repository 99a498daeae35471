"""A whole payload in a manifest that takes it to machines on which our trainer runs.

The manifest is a file of the target's folder, with names of ``quantities`` in braces. Nothing of a
payload is lost, since it is in there; on the way back, what is not as it was written is named.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ...diagnostics import KeyPath, codes, dotted
from ...payloads import Payload
from ...payloads import read as read_payload
from ..paths import ABSENT, found, leaves
from ..quantities import QUANTITIES, quantities
from ..target import Route, field_path
from ..values import shown

if TYPE_CHECKING:
    from .. import reading, writing

_PLACE: Final = re.compile(r"(?<!\$)\{([a-z_]+)\}")
_Filled = tuple[KeyPath, Any, tuple[KeyPath, ...]]
"""The place of a value in a manifest, the value, and the fields that it came from."""
_Known = Mapping[str, Any]
"""The values of all quantities, by name."""


def write_manifest(draft: "writing.Draft", route: Route) -> None:
    """Fill the manifest."""
    options, known = route.options, quantities(draft.payload)
    draft.expressed.add(())  # the payload is in it
    size, most = len(known["payload"].encode()), options["most"]
    if size > most:
        words = {"target": draft.target.system, "size": f"{size:,}", "most": f"{most:,}"}
        draft.say(codes.TOO_LARGE_FOR_TARGET, words)
    _require(draft, options, known)
    for at, value, sources in _filled(options["text"], (), known):
        draft.put(at, value, *sources)
    for line in options["before"]:
        what, _ = _in_text(line, known)
        if what is not ABSENT:
            draft.prepare(what)
    for path, remark in draft.target.fields.items():
        if draft.value(path) is not ABSENT:
            draft.idle(path, remark.why)


def _require(draft: "writing.Draft", options: Mapping[str, Any], known: _Known) -> None:
    """Say of which fields the system has no name, or would read another one."""
    for name, need in options.get("needs", {}).items():
        if known[name] is ABSENT:
            draft.undecided(field_path(need["field"]), need["why"], need["nearest"])
    literal = options.get("literal", {})
    for path in map(field_path, literal.get("names", ())):
        if literal["without"] in str(draft.value(path)):
            draft.undecided(path, literal["why"], literal["nearest"])


def _filled(value: Any, at: KeyPath, known: _Known) -> Iterator[_Filled]:
    """Yield what a part of a manifest holds; what has no value is left out."""
    match value:
        case dict():
            for key, below in value.items():
                name, _ = _in_text(key, known)
                if name is not ABSENT:
                    yield from _filled(below, (*at, name), known)
        case list():
            number = 0
            for below in value:
                inside = list(_filled(below, (*at, number), known))
                number += bool(inside)
                yield from inside
        case str() if match := _PLACE.fullmatch(value):
            yield from _whole(match[1], at, known)
        case str():
            filled, sources = _in_text(value, known)
            if filled is not ABSENT:
                yield at, filled, sources
        case _:
            yield at, value, ()


def _whole(name: str, at: KeyPath, known: _Known) -> Iterator[_Filled]:
    """Yield a quantity with its type; several values are a list."""
    for below, leaf in leaves(known[name]):
        if leaf is not ABSENT:
            yield (*at, *below), leaf, QUANTITIES[name].fields


def _in_text(written: str, known: _Known) -> tuple[Any, tuple[KeyPath, ...]]:
    """Return a text with its names filled in, and where from; without lines that lack a value."""
    sources: dict[KeyPath, None] = {}
    lines = []
    for line in written.splitlines(keepends=True):
        names = _PLACE.findall(line)
        if not any(known[name] is ABSENT for name in names):
            sources |= dict.fromkeys(path for name in names for path in QUANTITIES[name].fields)
            lines.append(_PLACE.sub(lambda match: str(known[match[1]]), line))
    return ("".join(lines) if lines or not written else ABSENT), tuple(sources)


def read_manifest(draft: "reading.Draft", route: Route) -> None:
    """Read the payload; what else is in the manifest as it was compiled needs no words."""
    where = tuple(route.options["payload"]["at"])
    given = _carried(draft, route)
    if given is None:
        _refuse(draft, codes.ANOTHER_KIND_OF_JOB, where, kind=route.options["kind"])
        return
    # A lone surrogate, which YAML can write, is no UTF-8 and no payload.
    carried = read_payload(given.encode("utf-8", "surrogatepass"), name=draft.source.name)
    if not isinstance(carried, Payload):
        _refuse(draft, codes.SOURCE_UNREADABLE, where, why=f"its payload: {carried[0].message}")
        return
    known = quantities(carried.value)
    if known["digest"] not in str(draft.source.tree):
        why = "its payload does not match its digest: one of them was edited"
        _refuse(draft, codes.SOURCE_UNREADABLE, where, why=why)
        return
    draft.fields.update(leaves(carried.value))
    for at, value, _ in _filled(route.options["text"], (), known):
        there = found(draft.source.tree, at)
        if at == where:
            there = there.replace(given, known["payload"])  # in other words, the same
        if there == value and type(there) is type(value):
            draft.taken.add(at)
        elif there is ABSENT:
            words = {"key": dotted(at), "why": "it was removed, and the payload takes precedence"}
            draft.note(codes.CARRIES_NOTHING, at, words)


def _carried(draft: "reading.Draft", route: Route) -> str | None:
    """Return the text of the payload, if there is one."""
    rule = route.options["payload"]
    value = draft.value(tuple(rule["at"]))
    if not isinstance(value, str):
        return None
    if "between" not in rule:
        return value
    start, end = rule["between"]
    _, begun, rest = value.partition(start)
    inside, ended, _ = rest.partition(f"\n{end}")
    return f"{inside}\n" if begun and ended else None


def _refuse(draft: "reading.Draft", code: str, at: KeyPath, **words: str) -> None:
    """Say why nothing is lifted; more is not to be said."""
    draft.refused = True
    draft.taken.add(())
    value = draft.value(at)
    words |= {"key": dotted(at), "value": "nothing" if value is ABSENT else shown(value)}
    draft.note(code, at if value is not ABSENT else (), words)
