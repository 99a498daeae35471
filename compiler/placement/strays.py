"""Keys that their table does not know, and where each of them may belong.

A walk over the config that looks at every key once; what it finds does not depend on the order
in which the keys stand. Which of several claims to one home holds is decided elsewhere.
"""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple

from ... import schemas
from ...diagnostics import KeyPath
from .lexicon import is_table, known_keys, lexicon, other_names


class Reason(IntEnum):
    """Why a key is thought to belong somewhere else; the surer, the smaller."""

    TABLE = 0
    """A table under another name, with all that is in it."""
    OLD_NAME = 1
    OTHER_NAME = 2
    GROUP = 3
    """It is in a table in which other tools keep such keys."""
    ELSEWHERE = 4
    """Its name is known in one other table."""
    SIGNATURE = 5
    """It is in a table that nothing reads, and its name is one of those that say enough."""
    SLIP = 6
    REQUIRED = 7
    """A key that a job cannot do without is missing, and this has its name."""


class Claim(NamedTuple):
    """One thought about where a key belongs.

    Attributes:
        reason: why.
        source: where the key stands.
        homes: where it may belong; where there are several, nobody can say.
        value: its value.
        table: the known table that it stands in, by that table's own name; None where nothing
            reads the table around it.
        slip: whether its name is a slip of the hand, not another tool's name.

    """

    reason: Reason
    source: KeyPath
    homes: tuple[KeyPath, ...]
    value: Any
    table: KeyPath | None
    slip: bool = False

    @property
    def key(self) -> str:
        """The key as it is written."""
        return str(self.source[-1])


def claims(config: Mapping[str, Any]) -> list[Claim]:
    """Return the claims of all keys of a config, the surest first."""
    return sorted(_in_table(config, (), ()), key=_surest)


def _surest(claim: Claim) -> tuple[Any, ...]:
    return claim.reason, claim.key != claim.homes[0][-1], claim.source


def _in_table(values: Mapping[str, Any], at: KeyPath, table: KeyPath) -> Iterator[Claim]:
    """Yield the claims of the keys of a table that stands at ``at`` and is meant as ``table``."""
    known = known_keys(table)
    for key, value in values.items():
        source, home = (*at, key), (*table, key)
        if key not in known:
            yield from _stray(key, value, source, table)
        elif isinstance(value, dict):
            if known_keys(home):
                yield from _in_table(value, source, home)
        elif (name := renamed(table).get(key)) and name not in values:
            yield Claim(Reason.OLD_NAME, source, ((*table, name),), value, table)


def _stray(key: str, value: Any, source: KeyPath, table: KeyPath) -> Iterator[Claim]:
    inside = isinstance(value, dict)
    other = other_names(table).get(key)
    if other and is_table((*table, other)) == inside:
        yield from _named(Reason.OTHER_NAME, source, ((*table, other),), value, table)
        return
    holds_groups = not table or schemas.key_schema(table).get("x-sftc-holds-groups")
    group = lexicon().groups.get(key) if inside and holds_groups else None
    if group:
        for name, child in value.items():
            if name in group.homes and not isinstance(child, dict):
                home = group.homes[name]
                yield Claim(Reason.GROUP, (*source, name), (home,), child, None)
        return
    homes = () if schemas.key_schema(table).get("x-sftc-free") else lexicon().elsewhere.get(key, ())
    homes = tuple(home for home in homes if is_table(home) == inside and home[:-1] != table)
    if len(homes) == 1:
        yield from _named(Reason.ELSEWHERE, source, homes, value, table)
        return
    from ...diagnostics.suggest import slips  # only an unknown key needs it

    meant = slips(key, _of_kind(table, inside=inside))
    near = tuple(dict.fromkeys((*table, renamed(table).get(name, name)) for name in meant))
    if near:
        yield from _named(Reason.SLIP, source, near, value, table, slip=True)
    elif inside:
        yield from _signed(value, source)


def _named(
    reason: Reason,
    source: KeyPath,
    homes: tuple[KeyPath, ...],
    value: Any,
    table: KeyPath,
    *,
    slip: bool = False,
) -> Iterator[Claim]:
    """Yield the claim of a key, and of a table those of the keys in it."""
    if isinstance(value, dict) and len(homes) == 1:
        yield Claim(Reason.TABLE, source, homes, value, table, slip)
        yield from _in_table(value, source, homes[0])
    else:
        yield Claim(reason, source, homes, value, table, slip)


def _signed(values: Mapping[str, Any], at: KeyPath) -> Iterator[Claim]:
    """Yield the keys of a table that nothing reads whose names say enough."""
    for key, value in values.items():
        homes = lexicon().elsewhere.get(key, ())
        homes = tuple(home for home in homes if is_table(home) == isinstance(value, dict))
        if len(homes) == 1 and schemas.key_schema(homes[0][:-1]).get("x-sftc-signature"):
            yield Claim(Reason.SIGNATURE, (*at, key), homes, value, None)


@cache
def _of_kind(table: KeyPath, *, inside: bool) -> tuple[str, ...]:
    """Return the keys of a table that are tables, or those that are not."""
    return tuple(key for key in known_keys(table) if is_table((*table, key)) == inside)


@cache
def renamed(table: KeyPath) -> Mapping[str, str]:
    """Return the keys of a table that have a newer name in it, and that name."""
    known = known_keys(table)
    return {
        key: next(name for name in known if key in known[name].get("x-sftc-also", ()))
        for key, schema in known.items()
        if schema.get("deprecated")
    }


def required(config: Mapping[str, Any], home: KeyPath) -> Claim | None:
    """Return the claim of a key of that name to a required home that nothing else claims.

    A general name such as ``model`` says enough only in a table of ours, not in one that nothing
    reads: there it is the model of something else.
    """
    general = schemas.key_schema(home).get("x-sftc-general")
    level: list[tuple[KeyPath, Mapping[str, Any]]] = [((), config)]
    while level:
        found = [
            (*at, key)
            for at, table in level
            for key, value in table.items()
            if key == home[-1]
            and not isinstance(value, dict)
            and not schemas.key_schema((*at, key))
        ]
        if found:
            source = min(found)
            table = source[:-1] if known_keys(source[:-1]) else None
            value = schemas.value_at(config, source)
            return Claim(Reason.REQUIRED, source, (home,), value, table)
        level = [
            ((*at, key), value)
            for at, table in level
            for key, value in table.items()
            if isinstance(value, dict)
            and not schemas.key_schema((*at, key)).get("x-sftc-client")
            and not (general and (*at, key) not in schemas.known_tables())
        ]
    return None
