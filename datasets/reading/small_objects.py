"""Small objects of JSON that are read as a whole, many times as fast as piece by piece."""

import json
import re
from typing import Any, Final, NoReturn

DEEPEST: Final = 900
"""Levels of arrays and objects: about what readers of rows can follow."""
_SMALL: Final = 4096
"""Characters of the largest object that is read as a whole."""
_ODD: Final = re.compile(r"\\u[dD][89a-fA-F]|[0-9]{19}")


class _Odd(Exception):  # noqa: N818 - it never leaves this module
    """There is something in an object that needs a closer look."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _Odd
    return value


def _constant(word: str) -> NoReturn:
    raise _Odd(word)


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant).raw_decode


def small_object(text: str, start: int) -> tuple[dict[str, Any], int] | None:
    """Return an object that begins in a text, and where it ends; None if it is not simply good.

    It is not if it is large, or if something in it is to be reported: a key that stands twice,
    half a character, an integer of many digits, depth, or what is no JSON.
    """
    piece = text[start : start + _SMALL]
    try:
        value, end = _decode(piece)
    except (json.JSONDecodeError, RecursionError, _Odd):
        return None
    deep = piece.count("[", 0, end) + piece.count("{", 0, end) > DEEPEST
    if not isinstance(value, dict) or deep or _ODD.search(piece, 0, end):
        return None
    return value, start + end
