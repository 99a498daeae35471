"""Every name under which a key may be written, and where the key belongs: all from the schema.

Built once, and only for a config in which some key stands elsewhere or under another name.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from ... import schemas
from ...diagnostics import KeyPath
from ...schemas.accepting import key_acceptor


class Group(NamedTuple):
    """A table in which other tools keep some keys: its kind, and the home of each name in it."""

    kind: str
    homes: Mapping[str, KeyPath]


class Lexicon(NamedTuple):
    """The names.

    Attributes:
        elsewhere: the homes of a name that says enough to be recognised in another table.
        groups: tables in which other tools keep some keys, by name.

    """

    elsewhere: Mapping[str, tuple[KeyPath, ...]]
    groups: Mapping[str, Group]


@cache
def lexicon() -> Lexicon:
    """Return the names that the schema of the config gives its keys."""
    elsewhere: dict[str, list[KeyPath]] = {}
    inside: dict[str, dict[str, KeyPath]] = {}
    for table, known in schemas.known_tables().items():
        if schemas.key_schema(table).get("x-sftc-client"):
            continue
        for key, schema in known.items():
            home = (*table, key)
            names = (key, *schema.get("x-sftc-also", ()))
            for group, own in schema.get("x-sftc-in", {}).items():
                inside.setdefault(group, {}).update(dict.fromkeys((*own, *names), home))
            if not (schema.get("x-sftc-client") or schema.get("deprecated")):
                for name in names[1:] if schema.get("x-sftc-general") else names:
                    elsewhere.setdefault(name, []).append(home)
    unique = {name: homes[0] for name, homes in elsewhere.items() if len(homes) == 1}
    groups = {
        name: Group(group, inside.get(group, unique))
        for group, names in schemas.load("config").get("x-sftc-groups", {}).items()
        for name in names
    }
    return Lexicon({name: tuple(homes) for name, homes in elsewhere.items()}, groups)


def known_keys(table: KeyPath) -> Mapping[str, Any]:
    """Return the keys that the schema knows in a table; none for a table that it does not know."""
    found: Mapping[str, Any] = schemas.known_tables().get(table, {})
    return found


@cache
def other_names(table: KeyPath) -> Mapping[str, str]:
    """Return the names that other tools have for the keys of a table, and ours."""
    return {
        name: key
        for key, schema in known_keys(table).items()
        if not schema.get("deprecated")
        for name in schema.get("x-sftc-also", ())
    }


def is_table(home: KeyPath) -> bool:
    """Whether the schema wants a table at a path."""
    return schemas.key_schema(home).get("type") == "object"


def fits(value: Any, home: KeyPath) -> bool:
    """Whether the schema allows a value at a path; of a table only that it is one."""
    if is_table(home) or isinstance(value, dict):
        return is_table(home) and isinstance(value, dict)
    return key_acceptor(home)(value)


def turns_on(home: KeyPath, value: Any, config: Mapping[str, Any]) -> KeyPath | None:
    """Return the table that a value at a path makes appear with defaults of its own, if any."""
    for table in (*(home[:length] for length in range(1, len(home))), *_tables_in(value, home)):
        if brings_defaults(table) and schemas.value_at(config, table) is None:
            return table
    return None


def _tables_in(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Yield a table and the known ones in it."""
    if isinstance(value, dict) and path in schemas.known_tables():
        yield path
        for key, child in value.items():
            yield from _tables_in(child, (*path, key))


def brings_defaults(table: KeyPath) -> bool:
    """Whether a table sets fields by being there, empty or not."""
    schema = schemas.key_schema(table)
    brings = any("default" in below for below in schema.get("properties", {}).values())
    return brings and "default" not in schema


@cache
def required_homes() -> tuple[KeyPath, ...]:
    """Return the keys without which there is no job, each for its table too."""
    found: list[KeyPath] = []
    homes: list[KeyPath] = [()]
    for home in homes:
        below = [(*home, key) for key in schemas.key_schema(home).get("required", ())]
        homes += below
        found += below
    return tuple(found)
