"""The systems that a job can be written for: a table for people, JSON for programs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

_FIELDS: Final = 9
"""Fields that are listed on a line, at most, before the rest is counted."""


def as_text(listed: Sequence[Mapping[str, Any]]) -> str:
    """Return each system with its versions, and how much of a payload it expresses."""
    lines = []
    for target in listed:
        versions = ", ".join(f"{name} {version}" for name, version in target["versions"].items())
        lines += [f"{target['name']:14} {target['about']}", f"{'':14} checked with {versions}"]
        cannot = [_short(entry["field"]) for entry in target["cannot"]]
        if cannot:
            more = f" and {len(cannot) - _FIELDS} more" if len(cannot) > _FIELDS else ""
            lines.append(f"{'':14} not: {', '.join(cannot[:_FIELDS])}{more}")
    return "".join(f"{line}\n" for line in lines)


def _short(pointer: str) -> str:
    """Return a field by its table and name, without the tables that all payloads have."""
    for table in ("/hyperparameters/", "/metadata/effective_config/", "/metadata/sftc/files/"):
        pointer = pointer.removeprefix(table)
    return pointer.strip("/").replace("/", ".")


def as_json(listed: Sequence[Mapping[str, Any]]) -> str:
    """Return them as one JSON object that ends with a newline."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps({"format": 1, "targets": list(listed)}, option=options).decode()
