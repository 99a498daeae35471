"""What a schema accepts, in the terms of TOML."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..diagnostics import value_text

_TYPES: Final = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "object": "a table",
    "string": "a string",
}
"""Types as TOML names them; null, which some fields of the payload may be, it does not have."""
_NUMBERS: Final = {"integer", "number"}


def expected(schema: Mapping[str, Any]) -> str:
    """Return what a schema allows: ``an integer of at least 1 or a string``."""
    if "enum" in schema or "const" in schema:
        choices = schema.get("enum", [schema.get("const")])
        return _either([value_text(choice) for choice in choices])
    if "pattern" in schema and schema["type"] == "string":
        return f"a string that matches `{schema['pattern']}`"
    named = [name for name in type_names(schema.get("type", "number")) if name in _TYPES]
    span = _range(schema)
    return _either([_TYPES[name] + span if name in _NUMBERS else _TYPES[name] for name in named])


def type_names(named: str | Sequence[str]) -> Sequence[str]:
    """Return the types that a schema names, be it one or several."""
    return [named] if isinstance(named, str) else named


def _either(choices: Sequence[str]) -> str:
    *first, last = choices
    return f"{', '.join(first)} or {last}" if first else last


def _range(schema: Mapping[str, Any]) -> str:
    match schema:
        case {"minimum": low, "maximum": high}:
            return f" from {low} to {high}"
        case {"exclusiveMinimum": low, "maximum": high}:
            return f" above {low} and at most {high}"
        case {"minimum": low}:
            return f" of at least {low}"
        case {"exclusiveMinimum": low}:
            return f" above {low}"
        case {"maximum": high}:
            return f" of at most {high}"
        case _:
            return ""
