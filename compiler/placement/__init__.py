"""The meant config: each key that stands elsewhere or under another name, where it belongs.

One pass that does not depend on the order of the keys. What has a home of its own that is free,
and fits there, moves; what does not stays where it is, as a finding without a fix. The result
goes through the same checks as any config.
"""

from collections.abc import Mapping
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, TypeAlias

from ... import schemas
from ...diagnostics import Finding, KeyPath

__all__ = ["Placement", "place"]

_Tree: TypeAlias = Mapping[str, "_Tree | None"]


class Placement:
    """A config, and what it was meant to say.

    Attributes:
        config: the values of the config as it is written.
        meant: the config with each key where it belongs; the config itself, if all are there.
        findings: what stands elsewhere or under another name.
        sources: where what moved stands, by where it belongs.
        claimed: the required keys of which a finding speaks already.

    """

    def __init__(
        self,
        config: Mapping[str, Any],
        meant: Mapping[str, Any],
        findings: tuple[Finding, ...] = (),
        sources: Mapping[KeyPath, KeyPath] = MappingProxyType({}),
        claimed: frozenset[KeyPath] = frozenset(),
    ) -> None:
        self.config, self.meant = config, meant
        self.findings, self.sources, self.claimed = findings, sources, claimed

    def source(self, path: KeyPath) -> KeyPath:
        """Return where what is at a path of the meant config stands in the written one.

        For a table that nobody wrote, it is the place of the first key that moves into it.
        """
        for length in range(len(path), 0, -1) if self.sources else ():
            source = self.sources.get(path[:length])
            if source is not None:
                return (*source, *path[length:])
        for length in range(len(path), 0, -1) if self.sources else ():
            first = self._first_inside.get(path[:length])
            if first is not None and schemas.value_at(self.config, path[:length]) is None:
                return first
        return path

    @cached_property
    def _first_inside(self) -> Mapping[KeyPath, KeyPath]:
        """The first key that moves into each table."""
        first: dict[KeyPath, KeyPath] = {}
        for home, source in sorted(self.sources.items(), key=lambda move: move[1]):
            for length in range(1, len(home) + 1):
                first.setdefault(home[:length], source)
        return first

    @cached_property
    def renamed_tables(self) -> frozenset[KeyPath]:
        """Where tables stand under another name."""
        return frozenset(
            source
            for home, source in self.sources.items()
            if schemas.key_schema(home).get("type") == "object"
        )


def place(config: Mapping[str, Any]) -> Placement:
    """Return what a config was meant to say."""
    if _is_at_home(config, _tree()):
        return Placement(config, config)
    from .resolution import resolve  # few configs need it, and it loads much

    return resolve(config)


def _is_at_home(values: Mapping[str, Any], tree: _Tree) -> bool:
    for key, value in values.items():
        if key not in tree:
            return False
        below = tree[key]
        if below is not None and type(value) is dict and not _is_at_home(value, below):
            return False
    return True


@cache
def _tree() -> _Tree:
    """Return the keys that are read where they stand, by table; None: not a table of known keys."""
    return _branch(())


def _branch(table: KeyPath) -> _Tree:
    known = schemas.known_tables()
    return {
        key: _branch((*table, key)) if (*table, key) in known else None
        for key, schema in known[table].items()
        if not schema.get("deprecated")
    }
