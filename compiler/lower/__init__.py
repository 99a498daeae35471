"""Config to payload, by following the routes that the schema gives.

A small engine that knows no key of the format. For each field it sets it keeps which key or
default the value came from, and it reports each key that goes nowhere.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from ...diagnostics import Aim, Finding, KeyPath, dotted, in_table, key_text, table_text
from .lossless import flaws
from .provenance import (
    FromConfig,
    FromDefault,
    FromOption,
    Origin,
    Target,
    origin_of,
    pointer,
    trace,
)
from .routes import NO_DEFAULT, Route, config_routes, skeleton

__all__ = ["FromConfig", "FromDefault", "FromOption", "Lowered", "Origin", "lower", "trace"]

_NAMED_KEYS = 5


@dataclass(slots=True)
class Lowered:
    """What a config was lowered to.

    Attributes:
        payload: the payload.
        origins: where its fields came from; a field may hold a whole table or array.
        findings: what JSON cannot carry, and what goes nowhere.

    """

    payload: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, Origin] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def key_of(self, path: KeyPath) -> KeyPath | None:
        """Return the key path of what stands at a path of the payload; None if no key set it."""
        origin = origin_of(path, self.origins)
        return origin.path if isinstance(origin, FromConfig) else None

    def put(self, target: Target, value: Any, origin: Origin) -> None:
        """Set a field of the payload."""
        table = self.payload
        for part in target[:-1]:
            table = table.setdefault(part, {})
        table[target[-1]] = value
        self.origins[target] = origin


def lower(
    config: Mapping[str, Any],
    *,
    settled: frozenset[KeyPath] = frozenset(),
    options: Mapping[str, str],
) -> Lowered:
    """Return the payload of a config, complete only if nothing is reported as an error.

    Args:
        config: the values of the TOML text.
        settled: key paths of which something is reported already; one cause, one finding.
        options: values of command-line options that take the place of keys.

    """
    lowered = Lowered()
    for target, value, origin in skeleton():
        lowered.put(target, _fresh(value), origin)
    walk = _Walk(settled, options, lowered.findings)
    walk.table(config_routes(), config, ())
    taken: dict[Target, Origin] = {}
    for target, value, origin in (*walk.known, *walk.unknown):
        winner = taken.get(target)
        if winner is None:
            lowered.put(target, value, origin)
            taken[target] = origin
        elif (
            isinstance(winner, FromConfig)
            and isinstance(origin, FromConfig)
            and origin.path not in settled
        ):
            lowered.findings.append(_shadowed(origin.path, winner.path, target))
    for target, value, origin in walk.defaults:
        if target not in taken:
            lowered.put(target, _fresh(value), origin)
    return lowered


def _fresh(default: Any) -> Any:
    """Return a value of the schema as one that may be changed."""
    return deepcopy(default) if isinstance(default, dict | list) else default


class _Walk:
    """One pass over a config that sorts its values by how firmly they claim their field."""

    def __init__(
        self,
        settled: frozenset[KeyPath],
        options: Mapping[str, str],
        findings: list[Finding],
    ) -> None:
        self.known: list[tuple[Target, Any, Origin]] = []
        self.unknown: list[tuple[Target, Any, Origin]] = []
        self.defaults: list[tuple[Target, Any, Origin]] = []
        self._settled = settled
        self._options = options
        self._findings = findings

    def table(self, route: Route, table: Mapping[str, Any], path: KeyPath) -> None:
        """Sort the keys of an opened table."""
        known = route.keys or {}
        for key, below in known.items():
            if key in table:
                self._known(below, table[key], (*path, key))
            elif below.keys is not None and below.default is not NO_DEFAULT:
                self.table(below, below.default, (*path, key))
            elif below.target and below.default is not NO_DEFAULT:
                self.defaults.append((below.target, below.default, below.origin))
            if below.option in self._options and below.target and below.option:
                value = self._options[below.option]
                self.known.append((below.target, value, FromOption(below.option)))
        for key, value in table.items():
            if key not in known:
                self._unknown(route, key, value, (*path, key))

    def _known(self, route: Route, value: Any, path: KeyPath) -> None:
        if route.client:
            return
        if route.option in self._options:
            words = {"key": dotted(path), "option": str(route.option)}
            self._findings.append(Finding("SFT307", path, words, aim=Aim.KEY))
        elif route.keys is None:
            self._claim(self.known, route.target, value, path)
        elif isinstance(value, dict):
            self.table(route, value, path)

    def _unknown(self, route: Route, key: str, value: Any, path: KeyPath) -> None:
        if route.target is not None:
            self._claim(self.unknown, (*route.target, key), value, path)
        elif path not in self._settled:
            self._not_forwarded(value, path)

    def _not_forwarded(self, value: Any, path: KeyPath) -> None:
        if not isinstance(value, dict) or not value:
            self._findings.append(_goes_nowhere(path))
        elif fresh := [key for key in value if (*path, key) not in self._settled]:
            self._findings.append(_go_nowhere(path, fresh))

    def _claim(
        self,
        claims: list[tuple[Target, Any, Origin]],
        target: Target | None,
        value: Any,
        path: KeyPath,
    ) -> None:
        if target is None:  # a key that the schema knows but routes nowhere
            self._not_forwarded(value, path)
            return
        claims.append((target, value, FromConfig(path)))
        if type(value) is not str:  # as most are
            self._findings += (f for f in flaws(value, path) if f.path not in self._settled)


def _goes_nowhere(path: KeyPath) -> Finding:
    what = f"`{key_text(str(path[-1]))}` {in_table(path[:-1])}"
    return Finding("SFT305", path, {"what": what, "rest": "it"}, aim=Aim.KEY)


def _go_nowhere(table: KeyPath, keys: list[str]) -> Finding:
    names = [f"`{key_text(key)}`" for key in keys]
    if len(names) > _NAMED_KEYS:
        names[_NAMED_KEYS - 1 :] = [f"{len(names) - _NAMED_KEYS + 1} more keys"]
    rest = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    words = {"what": table_text(table), "rest": f"its {rest}"}
    return Finding("SFT305", table, words, aim=Aim.TABLE)


def _shadowed(path: KeyPath, winner: KeyPath, target: Target) -> Finding:
    words = {"key": dotted(path), "winner": dotted(winner), "target": pointer(target)}
    return Finding("SFT306", path, words, aim=Aim.KEY)
