"""The way back: where each key of a config went in the payload, or why it goes nowhere."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from ...diagnostics import KeyPath
from .provenance import FromConfig, Origin, leaves
from .routes import Route, config_routes


class Fate(StrEnum):
    """What becomes of a key."""

    FORWARDED = "forwarded"
    CLIENT = "client"
    """It stays with the client, as the schema says."""
    SHADOWED = "shadowed"
    """Another key, or an option, sets the same field."""
    UNREAD = "unread"
    """Nothing reads it."""
    OPENS = "opens"
    """An empty table: nothing in it to forward, but its defaults apply."""


class Destination(NamedTuple):
    """Where a key went.

    Attributes:
        fate: what became of it.
        target: the path in the payload that it is routed to, if any.
        winner: what set that field instead, if something did.

    """

    fate: Fate
    target: KeyPath = ()
    winner: Origin | None = None


def destinations(
    config: Mapping[str, Any], origins: Mapping[KeyPath, Origin]
) -> dict[KeyPath, Destination]:
    """Return where each leaf of a config went, by its key path.

    Args:
        config: the values of the config.
        origins: where each field of the payload came from.

    """
    return {path: _destination(path, value, origins) for path, value in leaves(config)}


def _destination(path: KeyPath, value: Any, origins: Mapping[KeyPath, Origin]) -> Destination:
    target = _routed(path)
    if isinstance(target, Fate):
        opens = target is not Fate.OPENS or isinstance(value, dict)
        return Destination(target if opens else Fate.UNREAD)
    for cut in range(len(target), 0, -1):
        origin = origins.get(target[:cut])
        if isinstance(origin, FromConfig) and path == (*origin.path, *target[cut:]):
            return Destination(Fate.FORWARDED, target)
        if origin is not None:
            return Destination(Fate.SHADOWED, target, origin)
    return Destination(Fate.UNREAD)


def _routed(path: KeyPath) -> KeyPath | Fate:
    """Return where the schema sends a key."""
    route: Route = config_routes()
    for at, part in enumerate(path):
        if route.client:
            return Fate.CLIENT
        if route.keys is None or part not in route.keys:
            return (*route.target, *path[at:]) if route.target is not None else Fate.UNREAD
        route = route.keys[str(part)]
    if route.client:
        return Fate.CLIENT
    if route.keys is not None:
        return Fate.OPENS
    return route.target if route.target is not None else Fate.UNREAD
