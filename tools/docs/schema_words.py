"""What a JSON Schema says of a key, in words for a table."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sftc import schemas

from .markdown import code, codes, toml_value

_TYPES: Final = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "object": "table",
    "array": "array",
}


def type_of(schema: Mapping[str, Any], name: str) -> str:
    """Return the type and the range of a key of schema ``name``."""
    schema = schemas.resolved(name, schema)
    if "enum" in schema:
        return "one of " + codes(toml_value(value) for value in schema["enum"])
    if "const" in schema:
        return code(toml_value(schema["const"]))
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(dict.fromkeys(type_of(each, name) for each in schema[word]))
    kinds = schema.get("type", "any value")
    shown = kinds if isinstance(kinds, list) else [kinds]
    words = " or ".join(str(_TYPES.get(kind, kind)) for kind in shown)
    if "items" in schema:
        words += f" of {_plural(type_of(schema['items'], name))}"
    return ", ".join((words, *_limits(schema)))


def default_of(schema: Mapping[str, Any]) -> str:
    """Return the default of a key, or nothing."""
    return code(toml_value(schema["default"])) if "default" in schema else ""


def _plural(words: str) -> str:
    first, comma, rest = words.partition(",")
    return first + ("" if first.startswith("one of") else "s") + comma + rest


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        yield f"{low} to {high}"
    elif low is not None:
        yield f"at least {low}"
    elif high is not None:
        yield f"at most {high}"
    if "exclusiveMinimum" in schema:
        yield f"greater than {schema['exclusiveMinimum']}"
    if "exclusiveMaximum" in schema:
        yield f"less than {schema['exclusiveMaximum']}"
    if "pattern" in schema:
        yield (
            "not blank"
            if not schema["pattern"].startswith("^")
            else f"matching {code(schema['pattern'])}"
        )
    if "minItems" in schema:
        yield f"at least {schema['minItems']} items"
    if schema.get("uniqueItems"):
        yield "without repeats"
