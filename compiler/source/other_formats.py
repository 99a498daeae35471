"""Texts that are something else than TOML altogether: JSON, YAML, or an unresolved merge."""

import json
import re
from typing import Any, Final

from .slips import Cause

_MARKER: Final = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?= |\n|\Z)")
_NOTHING: Final = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*")
_YAML: Final = re.compile(r"---[ \t]*(?:\n|\Z)|- |[\w./-]+:(?:[ \t]|\n|\Z)")
_TOML: Final = re.compile(r"^[ \t]*(?:\[|[\w.\"'-]+[ \t]*=)", re.MULTILINE)
_FOR_TOML: Final = "a config is TOML: `[table]` lines with `key = value` lines below them"


def other_format(text: str, offset: int) -> Cause | None:
    """Return what a text that cannot be read is instead of TOML, or None if nothing is known."""
    line = text.rfind("\n", 0, offset) + 1
    if marker := _MARKER.match(text, line):
        problem = f"`{marker[0]}` marks a merge conflict"
        return Cause(problem, "resolve the conflict, and delete its markers", *marker.span())
    nothing = _NOTHING.match(text)
    start = nothing.end() if nothing else 0
    if start < line or start >= len(text):  # some of it is TOML
        return None
    if text[start] in "{[":
        return _json(text, start)
    if (yaml := _YAML.match(text, start)) and not _TOML.search(text):
        lines = [one for one in text[start:].splitlines() if one.strip()]
        if len(lines) > 1 or text.startswith("---", start):
            return Cause("the file is YAML, not TOML", _FOR_TOML, start, yaml.end())
    return None


def _json(text: str, start: int) -> Cause | None:
    value = _read(text)
    if isinstance(value, dict) and {"model", "hyperparameters"} <= value.keys():
        hint = "if it is a payload, run `sftc lift` to write its config"
        return Cause("the file is JSON, not TOML", hint, start, start + 1)
    if isinstance(value, dict | list):
        return Cause("the file is JSON, not TOML", _FOR_TOML, start, start + 1)
    if isinstance(_read(text[start:].partition("\n")[0]), dict):
        hint = "if it is a dataset, name it in [job].data of a config"
        return Cause("the file is JSON Lines, not TOML", hint, start, start + 1)
    return None


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
