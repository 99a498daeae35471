"""Which rows of two files belong together though they differ: keys that changed rows share."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson
import xxhash

from .content import values

WIDTH: Final = 8
_LONG: Final = 80
"""Bytes of JSON from which on equal answers are no coincidence: some words."""
KINDS: Final = 3
"""How many keys a row has."""


def keys(text: bytes) -> Sequence[bytes | None]:
    """Return the keys of a row by its content, the most telling first; None for one it lacks.

    Rows belong together that have the same turns before the last one of the assistant, or else
    the same turns of the user, or else the same turns of the assistant, if these are not short.
    Of rows without messages it is the same `prompt` that counts.
    """
    try:
        parts = [None if part is None else _text(part) for part in _parts(values(text))]
    except (ValueError, RecursionError):
        return [None] * KINDS
    if parts[-1] is not None and len(parts[-1]) < _LONG:
        parts[-1] = None
    return [None if part is None else xxhash.xxh64_digest(part) for part in parts]


def _text(part: Any) -> bytes:
    try:
        return orjson.dumps(part)
    except orjson.JSONEncodeError:  # long integers, halves of characters, depth
        return json.dumps(part).encode()


def _parts(row: Any) -> Iterator[Any]:
    messages = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(messages, list):
        yield (row.get("prompt") or None) if isinstance(row, dict) else None
        yield None
        yield None
        return
    roles = [turn.get("role") if isinstance(turn, dict) else None for turn in messages]
    last = len(roles) - 1 - roles[::-1].index("assistant") if "assistant" in roles else len(roles)
    yield messages[:last] if "user" in roles[:last] else None
    yield _turns(messages, roles, "user") or None
    yield _turns(messages, roles, "assistant") or None


def _turns(messages: list[Any], roles: list[Any], role: str) -> list[Any]:
    return [turn for turn, own in zip(messages, roles, strict=True) if own == role]
