"""A value that its schema does not allow: what it must be, and what was likely meant."""

import re
from collections.abc import Mapping
from typing import Any, Final

from ... import schemas
from ...diagnostics import Finding, KeyPath, dotted, quoted, table_text, type_text, value_text
from ...diagnostics.units import without_unit

_TYPES: Final = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "object": "a table",
    "string": "a string",
}
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9](?:_?\d)*)", re.ASCII)
_FLOAT: Final = re.compile(
    rf"{_INTEGER.pattern}(?=[.eE])(?:\.\d(?:_?\d)*)?(?:[eE][-+]?\d+)?", re.ASCII
)
_EXACT: Final = 2**53


def wrong(error: Any, path: KeyPath) -> Finding:
    """Return the finding for a ``jsonschema.ValidationError`` about the value at a path."""
    key, value = dotted(path), error.instance
    schema = schemas.resolved("config", error.schema)
    if error.validator == "pattern":
        return Finding("SFT105", path, {"key": key}, hint=_example(path))
    if error.validator == "type" and error.validator_value == "object":
        hint = f"write its keys below a header {table_text(path)}"
        return Finding("SFT107", path, {"key": key, "found": type_text(value)}, hint=hint)
    if error.validator == "type":
        words = {"key": key, "expected": _expected(schema), "found": _found(value)}
        return Finding("SFT102", path, words, hint=_conversion(error.validator_value, value))
    words = {"key": key, "expected": _expected(schema), "found": value_text(value)}
    return Finding("SFT104" if error.validator == "enum" else "SFT103", path, words)


def _found(value: Any) -> str:
    shown = value_text(value)
    return type_text(value) if shown in ("{…}", "[…]") else f"{type_text(value)} ({shown})"


def _expected(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        *first, last = [value_text(choice) for choice in schema["enum"]]
        return f"{', '.join(first)} or {last}" if first else last
    kind = _TYPES[schema["type"]]
    match schema:
        case {"minimum": low, "maximum": high}:
            return f"{kind} from {low} to {high}"
        case {"minimum": low}:
            return f"{kind} of at least {low}"
        case {"exclusiveMinimum": low}:
            return f"{kind} above {low}"
        case _:
            return kind


def _conversion(expected: str, value: Any) -> str | None:
    """Say how to write what was likely meant."""
    match expected, value:
        case "string", bool() | int() | float():
            return f"write it in quotes: {quoted(value_text(value))}"
        case "integer", float() if value.is_integer():
            return f"write `{int(value)}`, without a fraction"
        case "boolean", 0 | 1:
            return f"write `{value_text(bool(value))}`"
        case "integer" | "number", str():
            number = _number(expected, value)
            return f"write `{number}`, without quotes" if number else without_unit(value, expected)
        case "boolean", str() if value.strip().lower() in ("true", "false"):
            return f"write `{value.strip().lower()}`, without quotes"
        case "array", str():
            return f"write `[{quoted(value)}]`"
        case _:
            return None


def _number(expected: str, text: str) -> str | None:
    """Return the number in a string as TOML writes it, or None if it holds no such number."""
    written = text.strip()
    if _INTEGER.fullmatch(written):
        return written
    if not _FLOAT.fullmatch(written):
        return None
    if expected == "number":
        return written
    value = float(written)
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else None


def _example(path: KeyPath) -> str | None:
    example = schemas.key_schema(path).get("examples", [None])[0]
    return f"for example `{value_text(example)}`" if example else None
