"""Payload to config values: the same routes, followed back.

Knows no key of the format, as the way forward does. What no config can express is left out;
to compile the result and compare is how to find that.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ...diagnostics import KeyPath
from .lossless import NOTHING, without_unfit
from .provenance import Target
from .routes import NO_DEFAULT, Route, config_routes, containers


def lift(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a config for a payload, in the order of the schema.

    Of two keys with one route, the first in the schema is written. A table that brings
    defaults along is written only if the payload has a value for each of them. Values that
    equal a default are written too, so that a reader sees them; an empty table is not.

    Args:
        payload: a payload that its schema allows.

    """
    rest = without_unfit(dict(payload))  # a copy, to take from
    tables: dict[KeyPath, dict[str, Any]] = {}
    _known(config_routes(), (), rest, tables)
    for path, route in sorted(_opened(config_routes(), ()), key=_brings_defaults):
        _unknown(path, route, rest, tables)
    return _nested(config_routes(), (), tables)


def _known(route: Route, path: KeyPath, rest: dict[str, Any], tables: dict[KeyPath, Any]) -> None:
    """Take what the keys set that an opened table knows."""
    for key, below in (route.keys or {}).items():
        if below.keys is not None:
            if below.default is not NO_DEFAULT or _has_defaults(below, rest):
                _known(below, (*path, key), rest, tables)
        elif below.target is not None:
            value = _take(rest, below.target)
            if value is not NOTHING and (value != {} or below.default != {}):
                tables.setdefault(path, {})[key] = value


def _has_defaults(route: Route, payload: dict[str, Any]) -> bool:
    """Whether a payload has a value wherever the keys of a table have a default."""
    return all(
        _peek(payload, below.target) is not NOTHING
        for below in (route.keys or {}).values()
        if below.target and below.default is not NO_DEFAULT
    )


def _opened(route: Route, path: KeyPath) -> Iterator[tuple[KeyPath, Route]]:
    """Yield the tables whose unknown keys are forwarded."""
    for key, below in (route.keys or {}).items():
        if below.keys is not None:
            if below.target is not None:
                yield (*path, key), below
            yield from _opened(below, (*path, key))


def _brings_defaults(table: tuple[KeyPath, Route]) -> bool:
    """Whether a table changes the payload by being there: such a one is the second choice."""
    route = table[1]
    inside = (route.keys or {}).values()
    return route.default is NO_DEFAULT and any(k.default is not NO_DEFAULT for k in inside)


def _unknown(path: KeyPath, route: Route, rest: dict[str, Any], tables: dict[KeyPath, Any]) -> None:
    fields = _peek(rest, route.target)
    if _brings_defaults((path, route)) and path not in tables:
        return
    for key in list(fields) if isinstance(fields, dict) else ():
        known = (route.keys or {}).get(key)
        target = (*(route.target or ()), key)
        if (known is None and target not in containers()) or (known and known.target == target):
            tables.setdefault(path, {})[key] = _take(rest, target)


def _nested(route: Route, path: KeyPath, tables: Mapping[KeyPath, Any]) -> dict[str, Any]:
    """Put the tables into each other: keys in the order of the schema, then the others."""
    flat = tables.get(path, {})
    known = route.keys or {}
    table: dict[str, Any] = {}
    for key, below in known.items():
        if key in flat:
            table[key] = flat[key]
        elif below.keys is not None and (inside := _nested(below, (*path, key), tables)):
            table[key] = inside
    return table | {key: value for key, value in flat.items() if key not in known}


def _peek(payload: Any, target: Target | None) -> Any:
    for part in target or ():
        if not isinstance(payload, dict) or part not in payload:
            return NOTHING
        payload = payload[part]
    return payload


def _take(payload: dict[str, Any], target: Target) -> Any:
    value = _peek(payload, target)
    if value is not NOTHING:
        del _peek(payload, target[:-1])[target[-1]]
    return value
