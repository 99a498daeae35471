"""A value that its schema does not allow: what it must be, and what was likely meant."""

import re
from collections.abc import Sequence
from typing import Any, Final

from ... import schemas
from ...diagnostics import (
    Finding,
    KeyPath,
    codes,
    dotted,
    quoted,
    table_text,
    type_text,
    value_text,
)
from ...diagnostics.units import without_unit
from ...schemas.explaining import Miss
from ..expected import expected, type_names

_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9](?:_?\d)*)", re.ASCII)
_FLOAT: Final = re.compile(
    rf"{_INTEGER.pattern}(?=[.eE])(?:\.\d(?:_?\d)*)?(?:[eE][-+]?\d+)?", re.ASCII
)
_EXACT: Final = 2**53


def wrong(miss: Miss, path: KeyPath) -> Finding:
    """Return the finding for what the value of the key at a path misses."""
    key, value, schema = dotted(path), miss.value, miss.schema
    if miss.keyword == "pattern" and not value.strip():
        return Finding(codes.BLANK, path, {"key": key}, hint=_example(path))
    if miss.keyword == "type" and miss.rule == "object":
        hint = f"write its keys below the header {table_text(path)}"
        return Finding(codes.NOT_A_TABLE, path, {"key": key, "found": type_text(value)}, hint=hint)
    if miss.keyword == "type":
        schema = {word: fact for word, fact in schema.items() if word != "pattern"}
        words = {"key": key, "expected": expected(schema), "found": _found(value)}
        return Finding(codes.WRONG_TYPE, path, words, hint=_conversion(miss.rule, value))
    words = {"key": key, "expected": expected(schema), "found": value_text(value)}
    is_choice = miss.keyword in {"enum", "const"}
    return Finding(codes.NOT_A_CHOICE if is_choice else codes.OUT_OF_RANGE, path, words)


def _found(value: Any) -> str:
    shown = value_text(value)
    return type_text(value) if shown in ("{…}", "[…]") else f"{type_text(value)} ({shown})"


def _conversion(wanted: str | Sequence[str], value: Any) -> str | None:
    """Say how to write what was likely meant; of several types, the first that it can be."""
    return next(filter(None, (_converted(name, value) for name in type_names(wanted))), None)


def _converted(expected: str, value: Any) -> str | None:
    match expected, value:
        case "string", bool() | int() | float():
            return f"write it in quotes: {quoted(value_text(value))}"
        case "integer", float() if value.is_integer() and abs(value) < _EXACT:
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
