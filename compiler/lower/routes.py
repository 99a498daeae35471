"""The routes that the schemas give, compiled once: where each key goes in the payload."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from ... import schemas
from ...diagnostics import KeyPath
from ...diagnostics.pointers import pointer
from ...schemas.deriving import is_opened, target
from .provenance import FromDefault, Origin, Target

NO_DEFAULT: Final = object()


class Route(NamedTuple):
    """Where one key of the config goes.

    Attributes:
        target: the field it sets; for a table that is opened, the field its keys go under;
            None: nowhere.
        client: it stays with the client on purpose.
        keys: the keys that the schema knows, when the table is opened and each key goes its
            own way; None when the value goes as a whole.
        option: the command-line option that takes the key's place.
        default: the value when the key is absent.
        origin: where the schema gives that value.

    """

    target: Target | None
    client: bool
    keys: dict[str, "Route"] | None
    option: str | None
    default: Any
    origin: FromDefault


@cache
def config_routes() -> Route:
    """Return the route of the whole config."""
    return _route(schemas.load("config"), (), None)


def _route(schema: dict[str, Any], at: Target, goes_to: Target | None) -> Route:
    keys = {
        name: _route(below, (*at, "properties", name), target(name, below, goes_to))
        for name, below in schema.get("properties", {}).items()
    }
    return Route(
        target=goes_to,
        client=schema.get("x-sftc-client", False),
        keys=keys if is_opened(schema) else None,
        option=schema.get("x-sftc-option"),
        default=schema.get("default", NO_DEFAULT),
        origin=FromDefault("config", pointer((*at, "default"))),
    )


@cache
def known_targets() -> frozenset[Target]:
    """Return the fields of the payload that the keys of the schema set."""
    return frozenset(_targets(config_routes()))


def _targets(route: Route) -> Iterator[Target]:
    if route.target and route.keys is None:
        yield route.target
    for below in (route.keys or {}).values():
        yield from _targets(below)


@cache
def containers() -> frozenset[Target]:
    """Return the fields that no key may set as a whole: the constants, and what holds others."""
    constants = [target for target, _, _ in skeleton()]
    fields = (*known_targets(), *constants)
    return frozenset(constants).union(f[:n] for f in fields for n in range(1, len(f)))


@cache
def key_routed_to(path: KeyPath) -> KeyPath:
    """Return the key that sets a field of the payload, or the nearest table around it or in it."""
    keys: dict[KeyPath, KeyPath] = {}
    for key, field in _keys(config_routes(), ()):
        keys.setdefault(field, key)
    if path in keys:
        return keys[path]
    for field, key in keys.items():
        below = field[len(path) :]
        if field[: len(path)] == path and key[-len(below) :] == below:
            return key[: -len(below)]
    for length in range(len(path) - 1, 0, -1):
        if path[:length] in keys:
            return (*keys[path[:length]], *path[length:])
    return ()


def _keys(route: Route, path: KeyPath) -> Iterator[tuple[KeyPath, KeyPath]]:
    """Yield the keys that are routed, and where; those that the payload has as a whole first."""
    for key, below in (route.keys or {}).items():
        yield from _keys(below, (*path, key))
        if below.target and below.keys is None:
            yield (*path, key), below.target


@cache
def skeleton() -> tuple[tuple[Target, Any, Origin], ...]:
    """Return the fields of every payload that no key of a config sets."""
    return tuple(_constants(schemas.load("payload"), (), ()))


def _constants(
    schema: dict[str, Any], at: Target, target: Target
) -> Iterator[tuple[Target, Any, Origin]]:
    for keyword in ("const", "default"):
        if keyword in schema:
            yield target, schema[keyword], FromDefault("payload", pointer((*at, keyword)))
    for name, below in schema.get("properties", {}).items():
        yield from _constants(below, (*at, "properties", name), (*target, name))
