"""Which rows of two files belong together though they differ: keys that changed rows share."""

import json
from collections.abc import Sequence
from typing import Any, Final

import orjson
import xxhash

from ..rows.kind import RowKind
from .content import values

WIDTH: Final = 8
KINDS: Final = 3
"""How many keys a row has at most."""


def keys(text: bytes, kind: RowKind) -> Sequence[bytes | None]:
    """Return the keys of a row by its content, the most telling first; None for one it lacks."""
    try:
        parts = [None if part is None else _text(part) for part in kind.pairing(values(text))]
    except (ValueError, RecursionError):
        parts = []
    parts += [None] * (KINDS - len(parts))
    return [None if part is None else xxhash.xxh64_digest(part) for part in parts]


def _text(part: Any) -> bytes:
    try:
        return orjson.dumps(part)
    except orjson.JSONEncodeError:  # long integers, halves of characters, depth
        return json.dumps(part).encode()
