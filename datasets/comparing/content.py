"""The content of a row: the same bytes however its JSON is written.

The order of keys, white space between values and escapes do not matter; the type of a number
does, as in 1 and 1.0. Of a key that stands twice the last value counts, as it does to readers.
"""

import json
import re
from typing import Any, Final, NoReturn

import orjson

_LARGE: Final = 256 * 1024
"""Bytes from which on the values of a row are counted before it is taken apart."""
_MOST_VALUES: Final = 250_000
"""Values of a row that is taken apart: about 100 bytes of memory each."""
_SIGN: Final = orjson.dumps(1e300)[-4:-3]
"""What stands in each integer that orjson reads as a float because it has more than 64 bits."""
_DIGITS: Final = bytes(ord("0") if chr(byte).isdecimal() else ord(" ") for byte in range(256))
_LONG: Final = b"0" * 19
_WHITE_ESCAPE: Final = re.compile(rb"\\(?:[ntrf]|u000b|u001[c-f])")
_WHITE_BYTES: Final = (
    b" \xc2\xe1\x9a\xe2\xe3\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x9f\xa0\xa8\xa9\xaf"
)
"""Every byte of a character that is white space, and not escaped in a content."""


def content(row: bytes) -> bytes | None:
    """Return the content of a row as canonical JSON; None if it has to be taken as bytes.

    That is where it is no JSON, too deep, or has very many values.
    """
    if len(row) > _LARGE and row.count(b",") + row.count(b"[") + row.count(b"{") > _MOST_VALUES:
        return None
    try:
        text = orjson.dumps(orjson.loads(row), option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _careful(row)
    return _careful(row) if _SIGN in text and _has_long_digits(row) else text


def values(text: bytes) -> Any:
    """Return the values of a content."""
    if not _has_long_digits(text):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:  # halves of characters
            pass
    return json.loads(text.decode("utf-8", "surrogatepass"))


def normalised(text: bytes) -> bytes:
    """Return a content with each run of white space as one space, and none around texts."""
    if b"\\" in text:
        text = text.replace(b"\\\\", b"\0").replace(b'\\"', b"\1")
        text = _WHITE_ESCAPE.sub(b" ", text)
    # The same white space before and behind each quote: then that of texts does not matter.
    words = text.replace(b'"', b' " ').decode("utf-8", "surrogatepass").split()
    return " ".join(words).encode("utf-8", "surrogatepass")


def squeezed(text: bytes) -> bytes:
    """Return what is left of a content without anything that white space may consist of.

    It is the same wherever ``normalised`` is, in a fraction of the time; not the other way round.
    """
    if b"\\" in text:
        text = _WHITE_ESCAPE.sub(b"", text)
    return text.translate(None, _WHITE_BYTES)


def _has_long_digits(text: bytes) -> bool:
    """Whether integers may have more than 64 bits; ``LONG_DIGITS`` takes ten times as long."""
    return _LONG in text.translate(_DIGITS)


def _careful(row: bytes) -> bytes | None:
    """Return the content of what orjson does not read, or reads inexactly."""
    try:
        value: Any = json.loads(row.decode(), parse_constant=_refuse, parse_float=_finite)
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:  # long integers, halves of characters, depth
            text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            return text.encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    value = float(digits)
    return value if value - value == 0 else _refuse(digits)
