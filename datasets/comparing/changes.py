"""What differs in two rows that belong together, place by place."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...diagnostics import KeyPath
from .content import values

LARGEST: Final = 1024 * 1024
"""Bytes of the largest row that is looked into."""
_DEEPEST: Final = 8
"""Levels that are followed; what is below is compared as a whole."""
_EXCERPT: Final = 200
"""Characters that are kept of a row."""
_INSTRUCTIONS: Final = ("system", "developer")
"""Roles of turns that many rows have in common."""


@dataclass(frozen=True, slots=True)
class Change:
    """One place in which two rows differ.

    Attributes:
        path: the place, in the new row, or where it was in the old one.
        role: the role of the message that it is in, if it is in one.
        before: what the old row has: a text where both have one, else a value as JSON; None
            where it has nothing.
        after: the same of the new row.

    """

    path: KeyPath
    role: str | None
    before: str | None
    after: str | None


class _Absent:
    """Stands for what a row does not have."""


_ABSENT: Final = _Absent()


def changes(old: bytes, new: bytes) -> tuple[Change, ...] | None:
    """Return where two contents differ; None if they are no JSON, or too large."""
    if len(old) > LARGEST or len(new) > LARGEST:
        return None
    try:
        return tuple(_changes(values(old), values(new), (), None))
    except (ValueError, RecursionError):
        return None


def excerpt(text: bytes, *, is_json: bool) -> str:
    """Return the beginning of what a row says: of a conversation, what its turns say."""
    if text.startswith(b"\n"):  # a digest
        return "(more than 10 MB)"
    row = values(text) if is_json and len(text) <= LARGEST else None
    messages = row.get("messages") if isinstance(row, dict) else None
    if isinstance(messages, list) and all(isinstance(turn, dict) for turn in messages):
        said = [turn for turn in messages if turn.get("role") not in _INSTRUCTIONS] or messages
        return " ".join(map(_turn, said))[:_EXCERPT]
    return text[: 4 * _EXCERPT].decode("utf-8", "replace")[:_EXCERPT]


def _turn(turn: dict[str, Any]) -> str:
    said = turn.get("content")
    if not isinstance(said, str):
        said = _json({key: value for key, value in turn.items() if key != "role"})
    return f"{turn.get('role')}: {said}"


def _changes(old: Any, new: Any, path: KeyPath, role: str | None) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict) and len(path) < _DEEPEST:
        for key in dict.fromkeys((*old, *new)):
            yield from _changes(old.get(key, _ABSENT), new.get(key, _ABSENT), (*path, key), role)
    elif isinstance(old, list) and isinstance(new, list) and len(path) < _DEEPEST:
        yield from _of_lists(old, new, path, role)
    elif isinstance(old, str) and isinstance(new, str):
        if old != new:
            yield Change(path, role, old, new)
    elif (before := _text(old)) != (after := _text(new)):
        yield Change(path, role, before, after)


def _of_lists(old: list[Any], new: list[Any], path: KeyPath, role: str | None) -> Iterator[Change]:
    """Compare lists between what they begin with and what they end with, element by element."""
    before, after = [_json(one) for one in old], [_json(one) for one in new]
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    for at in range(start, max(len(old), len(new)) - end):
        one = old[at] if at < len(old) - end else _ABSENT
        other = new[at] if at < len(new) - end else _ABSENT
        own = _role(other) or _role(one) if path == ("messages",) else role
        yield from _changes(one, other, (*path, at), own)


def _role(turn: Any) -> str | None:
    role = turn.get("role") if isinstance(turn, dict) else None
    return role if isinstance(role, str) else None


def _text(value: Any) -> str | None:
    return None if value is _ABSENT else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
