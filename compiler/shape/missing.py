"""A required key or table that is not there."""

from ... import schemas
from ...diagnostics import (
    Aim,
    Finding,
    KeyPath,
    codes,
    key_text,
    table_text,
    value_text,
)


def missing(path: KeyPath) -> Finding:
    """Return the one finding for a required key or table."""
    wanted = path
    while required := schemas.key_schema(wanted).get("required"):
        wanted = (*wanted, required[0])
    return _no_key(path) if wanted == path else _no_table(path, wanted)


def _description(wanted: KeyPath) -> str:
    description: str = schemas.key_schema(wanted).get("description", "")
    return description


def _assignment(wanted: KeyPath) -> str:
    """Return an example of a key with its value."""
    return f"{key_text(str(wanted[-1]))} = {value_text(_example(wanted))}"


def _example(wanted: KeyPath) -> str:
    example: str = schemas.key_schema(wanted).get("examples", ["…"])[0]
    return example


def _no_key(path: KeyPath) -> Finding:
    words = {
        "key": key_text(str(path[-1])),
        "table": table_text(path[:-1]),
        "description": _description(path),
    }
    return Finding(codes.MISSING_KEY, path, words, Aim.TABLE, f"add `{_assignment(path)}`")


def _no_table(path: KeyPath, wanted: KeyPath) -> Finding:
    table, line = table_text(path), _assignment(wanted)
    words = {"table": table, "description": _description(wanted)}
    return Finding(codes.MISSING_TABLE, path, words, Aim.TABLE, f"add {table} with `{line}`")
