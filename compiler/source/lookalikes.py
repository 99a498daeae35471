"""Characters that look like those of TOML, or like nothing: named, because nobody can see them."""

import re
import unicodedata
from typing import Final

from .slips import Cause

_MEANT: Final = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u301d\u301e\xab\xbb", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\xb4", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58", "-"),
    **dict.fromkeys("\u3001\u060c", ","),
    "\u2024": ".",
    "\u3010": "[",
    "\u3011": "]",
}
_IN_A_KEY: Final = (
    "Invalid statement",
    "Invalid initial character for a key part",
    "Expected '=' after a key in a key/value pair",
    "Expected ']' at the end of a table declaration",
    "Expected ']]' at the end of an array declaration",
)
_CONTROLS: Final = {"\x85": "next line", "\ufeff": "byte-order mark"}
_EXPONENT: Final = re.compile(r"[eE](?=[^\x00-\x7f])")
_WORD: Final = re.compile(r"[^\s\"'\[\]{},#=]*")
_KEY_CHARACTERS: Final = re.compile(r"[\w-]*")


def lookalike(text: str, message: str, offset: int) -> Cause | None:
    """Return what a character at or near an offset was taken for, or None if it is ordinary."""
    exponent = _EXPONENT.match(text, offset)
    at = exponent.end() if exponent else offset
    if at >= len(text):
        return None
    if cause := _strange(text, at):
        return cause
    if message == "Invalid value":
        word = _WORD.match(text, offset)
        for place in range(*(word.span() if word else (0, 0))):
            if not _is_visible(text[place]) and (cause := _strange(text, place)):
                return cause
    elif message in _IN_A_KEY and text[offset] > "\x7f" and text[offset].isalnum():
        return _not_in_a_bare_key(text, offset)
    return None


def _strange(text: str, at: int) -> Cause | None:
    char = text[at]
    kind = unicodedata.category(char)
    point = f"U+{ord(char):04X}"
    if kind == "Cc" and char < "\x80":
        if char in "\t\n":
            return None
        if char == "\r":
            problem = "there is a carriage return without a line feed"
            return Cause(problem, "end lines with LF or CRLF", at, at + 1)
        return Cause(
            f"the control character {point} is not allowed in TOML", "delete it", at, at + 1
        )
    if char < "\x80":
        return None
    named = f"{point} ({_name(char)})"
    meant = _MEANT.get(char) or unicodedata.normalize("NFKC", char)
    if kind in ("Zl", "Zp") or char == "\x85":
        return Cause(f"{named} does not end a line", "end lines with LF or CRLF", at, at + 1)
    if kind == "Zs":
        return Cause(f"{named} is not a space in TOML", "write an ordinary space", at, at + 1)
    if not _is_visible(char):
        return Cause(f"there is an invisible character here: {named}", "delete it", at, at + 1)
    if len(meant) == 1 and "!" <= meant <= "~":
        problem = f"`{char}` ({point}, {_name(char)}) is not `{meant}`"
        return Cause(problem, f"write `{meant}`", at, at + 1)
    return None


def _name(char: str) -> str:
    return _CONTROLS.get(char) or unicodedata.name(char, "without a name").lower()


def _is_visible(char: str) -> bool:
    return unicodedata.category(char)[0] not in "ZC"


def _not_in_a_bare_key(text: str, at: int) -> Cause:
    """Say that a letter needs a quoted key; or, between Latin letters, that it is none of them."""
    start = at
    while start and _KEY_CHARACTERS.fullmatch(text[start - 1]):
        start -= 1
    end = at + len(match[0]) if (match := _KEY_CHARACTERS.match(text, at)) else at + 1
    word, char = text[start:end], text[at]
    name = _name(char)
    problem = f"`{char}` (U+{ord(char):04X}, {name}) is not allowed in an unquoted key"
    hint = f'quote the key: `"{word}"`'
    if not name.startswith("latin") and re.search("[A-Za-z]", word):
        hint = "write Latin letters only, or quote the key"
    return Cause(problem, hint, at, at + 1)
