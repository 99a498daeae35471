"""What Python's reader lets pass in JSON, and this one does not: it could not be sent as it was.

NaN, a key that stands twice in one object, numbers that would change their value.
"""

import json
import re
from math import isinf
from typing import Any, Final, NamedTuple

_PIECE: Final = r"""
    (?P<open> [\[{] ) | (?P<close> [\]}] )
    | (?P<key> "(?:[^"\\]|\\.)*+" ) (?=[ \t\r\n]*+:)
    | (?P<string> "(?:[^"\\]|\\.)*+" )
    | (?P<word> -?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)? | -?Infinity | NaN | [^\s\[\]{}:,"]+ )
    """
_WORDS: Final = frozenset({"true", "false", "null"})
_SMALLEST: Final = -(2**63)
_LARGEST: Final = 2**64 - 1
_DIGITS: Final = 20
_DEEPEST: Final = 200
_SHOWN: Final = 40


class Oddity(NamedTuple):
    """One of them: why it is refused, and its offset in the text."""

    reason: str
    place: int


class OddError(Exception):
    """The text has an oddity; ``first`` says which, and where."""


def loads(text: str) -> Any:
    """Return the value of a JSON text in which nothing is odd.

    Raises:
        OddError: something is odd; it may be the depth.
        json.JSONDecodeError: it is not JSON, even to Python.

    """
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise OddError from None
    # Few payloads have so many brackets; in those that do, the depth has to be counted.
    if text.count("[") + text.count("{") > _DEEPEST and first(text):
        raise OddError
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise OddError
    return value


def _number(text: str) -> int | float:
    if _odd_word(text):
        raise OddError
    return int(text) if text.lstrip("-").isdigit() else float(text)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_number, parse_float=_number, parse_constant=_number
)


def first(text: str) -> Oddity | None:
    """Return the first oddity of a text, as far as it is JSON to Python."""
    open_: list[set[str]] = []
    for token in re.finditer(_PIECE, text, re.VERBOSE):
        reason = None
        match token.lastgroup:
            case "open":
                open_.append(set())
                if len(open_) > _DEEPEST:
                    reason = "it is nested too deeply"
            case "close" if open_:
                open_.pop()
            case "key" if open_:
                key = json.loads(token[0])
                if key in open_[-1]:
                    reason = f"the key `{key[:_SHOWN]}` is twice in one object"
                open_[-1].add(key)
            case "word":
                reason = _odd_word(token[0])
        if reason:
            return Oddity(reason, token.start())
    return None


def _odd_word(word: str) -> str | None:
    if word in _WORDS:
        return None
    shown = word[:_SHOWN]
    if word in {"NaN", "Infinity", "-Infinity"}:
        return f"{shown} is not a JSON value"
    if word.lstrip("-").isdigit():
        fits = len(word) <= _DIGITS and _SMALLEST <= int(word) <= _LARGEST
        return None if fits else f"the integer {shown} is beyond 64 bits"
    return f"the number {shown} is outside the range of a double" if isinf(float(word)) else None


def half_a_pair(text: str) -> int:
    """Return the offset of the first string that holds half of a surrogate pair, or 0."""
    for token in re.finditer(_PIECE, text, re.VERBOSE):
        if token.lastgroup in {"key", "string"} and _is_half(json.loads(token[0])):
            return token.start()
    return 0


def _is_half(string: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in string)
