"""What is wrong with a line that is not JSON, in words of our own.

The standard library's words change from one Python to the next, and do not know what people
write instead of JSON.
"""

import json
import re
from dataclasses import dataclass
from typing import Final

_PYTHON: Final = re.compile(r"None|True|False|undefined")
_JSON_OF: Final = {"None": "null", "True": "true", "False": "false", "undefined": "null"}
_SPACE: Final = " \t\r\n"
_MISSING: Final = (
    ("',' delimiter", "a comma or a closing bracket is missing before"),
    ("':' delimiter", "a colon is missing before"),
    ("property name", "a key in double quotes is missing before"),
)


@dataclass(frozen=True, slots=True)
class NotJson:
    """One mistake in a line.

    Attributes:
        column: where, 1-based.
        words: what it is.
        hint: what to write instead.
        cut: whether the line only ends too early.

    """

    column: int
    words: str
    hint: str | None = None
    cut: bool = False


def not_json(text: str, error: json.JSONDecodeError) -> NotJson:
    """Return the mistake at which reading a line stopped."""
    place, message = error.pos, error.msg
    if message.startswith("Unterminated string"):
        return NotJson(place + 1, "a string has no closing quote", cut=True)
    if message.startswith("Invalid control character"):
        return NotJson(
            place + 1,
            f"the control character U+{ord(text[place]):04X} is in a string",
            "escape it, as in \\t or \\n",
        )
    if message.startswith(("Invalid \\u", "Invalid \\\\u")):
        cut = len(text) - place < len("\\uXXXX") and '"' not in text[place:]
        return NotJson(_escape(text, place), "a \\u escape needs four hex digits", cut=cut)
    if message.startswith("Invalid \\"):
        return NotJson(_escape(text, place), "a string has an unknown escape", "write \\\\ for \\")
    if message.startswith("Extra data"):
        if text[place] in "{[":
            hint = "put each row on a line of its own"
            return NotJson(place + 1, "a second value follows on the same line", hint)
        return NotJson(place + 1, f"`{_shown(text[place])}` follows the end of the row")
    if message.startswith("Illegal trailing comma"):
        return _trailing_comma(place)
    # All other mistakes are a token that cannot stand where it does.
    while place < len(text) and text[place] in _SPACE:
        place += 1
    if place == len(text):
        return NotJson(place + 1, "the row ends too early", cut=True)
    return _unexpected(text, place, message)


def _escape(text: str, place: int) -> int:
    """Return the 1-based column of the backslash of an escape."""
    return text.rindex("\\", 0, place + 1) + 1


def _unexpected(text: str, place: int, message: str) -> NotJson:
    char = text[place]
    before = text[:place].rstrip(_SPACE)
    if char in "}]" and before.endswith(","):
        return _trailing_comma(len(before) - 1)
    if char == "'":
        hint = "write JSON with json.dumps, not with str or repr"
        return NotJson(place + 1, "a string is in single quotes", hint)
    word = _PYTHON.match(text, place)
    if word:
        return NotJson(
            place + 1, f"`{word[0]}` is not a JSON value", f"write `{_JSON_OF[word[0]]}`"
        )
    missing = next(
        (words for said, words in _MISSING if said in message), "a value cannot begin with"
    )
    return NotJson(place + 1, f"{missing} `{_shown(char)}`")


def _trailing_comma(place: int) -> NotJson:
    return NotJson(place + 1, "there is a comma before a closing bracket", "remove the comma")


def _shown(char: str) -> str:
    return char if char.isprintable() else f"U+{ord(char):04X}"
