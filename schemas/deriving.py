"""What one schema takes from another, so that each fact is stated once.

The payload's schema says of each field what the config's schema says of the key routed to it.
Definitions are lent by name. This module changes only the schema it is given to complete.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from ..diagnostics.pointers import steps

Schema: TypeAlias = Mapping[str, Any]

_CONFIG_ONLY: Final = {"$comment", "default", "deprecated", "examples", "title"}
"""Keywords about writing a config, which say nothing about the field."""
_OF_A_CONTAINER: Final = ("description", "type")


def target(key: str, schema: Schema, above: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the path of the payload field that a config key is routed to; None: nowhere.

    Args:
        key: the name of the key.
        schema: what the config's schema says of it.
        above: the path that its table is routed to.

    Raises:
        ValueError: one value would be the whole payload.

    """
    if schema.get("x-sftc-client"):
        return None
    if "x-sftc-to" not in schema:
        return None if above is None else (*above, key)
    path = steps(schema["x-sftc-to"])
    if not path and not is_opened(schema):
        raise ValueError(f"`{key}` cannot be the whole payload; only the keys of a table go there")
    return path


def is_opened(schema: Schema) -> bool:
    """Whether each key of a table takes its own route; else the value goes as a whole."""
    whole = schema.get("x-sftc-verbatim") or schema.get("x-sftc-client")
    return "properties" in schema and not whole


def add_routed_keys(payload: dict[str, Any], config: Schema) -> None:
    """Complete the payload's schema with the facts of the config keys routed into it.

    What the payload's schema says itself wins. Of two keys with one field, the first counts.
    """
    seen: set[int] = set()
    for path, schema in routed_keys(config):
        facts = _container(schema) if is_opened(schema) else _facts(schema)
        field = _field(payload, path)
        if id(field) not in seen:
            seen.add(id(field))
            own = dict(field)
            field.clear()  # so that descriptions come first, as people read
            field.update({**facts, **own})


def routed_keys(
    table: Schema, above: tuple[str, ...] | None = None
) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Yield the payload field of each key that is routed, with what the config says of the key.

    Args:
        table: the config's schema, or that of a table in it.
        above: the path that the table is routed to.

    """
    for key, schema in table["properties"].items():
        path = target(key, schema, above)
        if path:
            yield path, schema
        if is_opened(schema):
            yield from routed_keys(schema, path)


def _container(schema: Schema) -> dict[str, Any]:
    return {word: schema[word] for word in _OF_A_CONTAINER if word in schema}


def _facts(schema: Schema) -> dict[str, Any]:
    """Return what a schema demands and describes, a copy down to its properties."""
    facts = {
        word: fact
        for word, fact in schema.items()
        if word not in _CONFIG_ONLY and not word.startswith("x-sftc-")
    }
    if "const" in facts:  # which, in the payload's schema, is a value that no key sets
        facts["enum"] = [facts.pop("const")]
    if "properties" in facts:
        facts["properties"] = {key: _facts(below) for key, below in facts["properties"].items()}
    if "items" in facts:
        facts["items"] = _facts(facts["items"])
    return facts


def _field(payload: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema of a payload field; what is not there yet is made."""
    field = payload
    for key in path:
        if "$ref" in field:
            field = payload["$defs"][_definition(field["$ref"])]
        field.setdefault("type", "object")
        field = field.setdefault("properties", {}).setdefault(key, {})
    return field


def _definition(reference: str) -> str:
    return reference.removeprefix("#/$defs/")


def lend(schema: dict[str, Any], lent: Mapping[str, Schema]) -> None:
    """Complete the definitions of a schema with those that it refers to and does not have."""
    definitions = schema.setdefault("$defs", {})
    wanted = list(_references(schema))
    for name in wanted:  # grows: a definition may refer to others
        if name not in definitions:
            definitions[name] = lent[name]
            wanted += _references(lent[name])


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield _definition(reference)
        children: Iterable[Any] = schema.values()
    else:
        children = schema if isinstance(schema, list) else ()
    for child in children:
        yield from _references(child)
