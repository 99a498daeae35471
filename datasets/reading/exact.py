"""JSON read so that it can be written again as it was: every number keeps its digits."""

import json
from typing import Any, Final, NoReturn

import orjson

_PLAIN: Final = 18
"""Digits of an integer that every reader and writer takes."""


class WrittenNumber(float):
    """A number that Python would write in another way, or not at all: ``1e400``, ``1.10``.

    Attributes:
        text: what was written.

    """

    text: str


class Inexact(Exception):  # noqa: N818 - what is wrong, not that something failed
    """JSON that values cannot stand for: a key stands twice in an object, or it is not JSON."""


def _integer(text: str) -> float:
    return int(text) if len(text) <= _PLAIN and text != "-0" else _written(text)


def _fraction(text: str) -> float:
    value = float(text)
    return value if orjson.dumps(value) == text.encode() else _written(text)


def _written(text: str) -> WrittenNumber:
    number = WrittenNumber(text)
    number.text = text
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise Inexact
    return value


def _refuse(constant: str) -> NoReturn:
    raise Inexact(constant)


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_refuse
).decode


def exact_value(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        Inexact: it is not JSON, is nested too deep, or values cannot stand for all of it.

    """
    try:
        return _decode(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Inexact from error


def as_text(value: Any) -> str:
    """Return a value as compact JSON, for people and for comparing."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_line(value: Any) -> bytes:
    """Return a value as one line of JSON in UTF-8, with its line end.

    Raises:
        Inexact: it holds half a character, or is nested deeper than 254 levels.

    """
    option = orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_SUBCLASS
    try:
        return orjson.dumps(value, default=_fragment, option=option)
    except orjson.JSONEncodeError as error:
        raise Inexact from error


def _fragment(value: Any) -> orjson.Fragment:
    if isinstance(value, WrittenNumber):
        return orjson.Fragment(value.text)
    raise TypeError
