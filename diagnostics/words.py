"""Key paths, and how keys, tables and values are written in messages: in the words of TOML."""

import re
from typing import Any, Final, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where something is in a config: keys of tables, and 0-based indexes of arrays."""

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+\Z")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_LAST_FOUR_DIGIT_POINT: Final = 0xFFFF
_LONGEST_VALUE: Final = 60


_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""What moves a cursor, ends a line, turns the direction of text, cannot be encoded, or is no
character in XML."""
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_BYTES: Final = range(0xDC80, 0xDD00)
"""What stands in the name of a file for bytes that are not UTF-8."""


def printable(text: str) -> str:
    r"""Return a text that a stranger wrote so that it can be shown, on one line, anywhere.

    Letters of all scripts stay. What would steer a terminal is written as an escape, and so is
    a line end: behind it, a file name could pass for a finding, or a command to GitHub.
    """
    return _UNSAFE.sub(_escaped, text)


def printable_lines(text: str) -> str:
    """Return a text of several lines so that it can be shown; tabs stay, too."""
    return re.sub(r"[^\n\t]+", lambda run: printable(run[0]), text)


def encodable(text: str) -> str:
    """Return a text that can be encoded: the name of a file may hold what is not Unicode."""
    return _SURROGATES.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    if ord(char) in _BYTES:
        return f"\\x{ord(char) - _BYTES.start + 0x80:02x}"
    return _ESCAPES.get(char) or _printable(char)


def quoted(text: str) -> str:
    """Return a text as a TOML basic string, everything that does not print escaped."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'  # most texts, at a tenth of the time
    return '"' + "".join(_ESCAPES.get(c) or _printable(c) for c in text) + '"'


def _printable(char: str) -> str:
    if char.isprintable():
        return char
    point = ord(char)
    return f"\\u{point:04X}" if point <= _LAST_FOUR_DIGIT_POINT else f"\\U{point:08X}"


def key_text(key: str) -> str:
    """Return one key as TOML writes it: bare where it can be, else quoted."""
    return key if _BARE.match(key) else quoted(key)


def dotted(path: KeyPath) -> str:
    """Return a path as a dotted key, with indexes in brackets: ``a."b c"[0].d``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{key_text(part)}" if text else key_text(part)
    return text


def table_text(path: KeyPath) -> str:
    """Return the table at a path as people name it: ``[training.validation]``."""
    return f"[{dotted(path)}]" if path else "the top level"


def in_table(path: KeyPath) -> str:
    """Return where a key of the table at a path is: ``in [compute]``."""
    return f"in {table_text(path)}" if path else "at the top level"


def value_text(value: Any) -> str:
    """Return a value in short, as TOML would write it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            text = quoted(value)
        case dict():
            return "{…}" if value else "{}"
        case list():
            return "[…]" if value else "[]"
        case int() | float():
            text = str(value)
        case _:  # a date or time
            text = str(value.isoformat())
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def type_text(value: Any) -> str:
    """Return the TOML type of a value, with its article."""
    match value:
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a float"
        case str():
            return "a string"
        case dict():
            return "a table"
        case list():
            return "an array"
        case _:
            return "a date or time"
