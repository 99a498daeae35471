"""Mistakes that people make in TOML, by what the reader says: the text there, and what helps."""

import re
from typing import Final, NamedTuple


class Cause(NamedTuple):
    """Why a text cannot be read: the problem, what to write instead, and the stretch it is in."""

    problem: str
    hint: str | None
    start: int
    end: int


class _Slip(NamedTuple):
    """One mistake: the text at the place of the error, and what to say of it."""

    text: re.Pattern[str]
    problem: str
    hint: str


def _slip(pattern: str, problem: str, hint: str) -> _Slip:
    return _Slip(re.compile(pattern), problem, hint)


_COMMENT: Final = _slip(r"//|/\*|;", "`{0}` does not start a comment", "comments start with `#`")
_NO_VALUE: Final = "`{0}` is not a value"
_BAD_VALUES: Final = (
    _slip(r"(?i:true|false)\b", _NO_VALUE, "booleans are lowercase: `true` or `false`"),
    _slip(r"(?i:yes|on)\b(?!\.)", _NO_VALUE, "booleans are `true` and `false`: write `true`"),
    _slip(r"(?i:no|off)\b(?!\.)", _NO_VALUE, "booleans are `true` and `false`: write `false`"),
    _slip(r"(?i:none|null|nil|undefined)\b", _NO_VALUE, "TOML has no null; remove the key"),
    _slip(
        r"[-+]?(?i:nan|inf|infinity)\b",
        _NO_VALUE,
        "a payload can only have finite numbers; remove the key",
    ),
    _slip(r"\.\d+", "`{0}` is not a number", "write a digit before the decimal point"),
    _slip(r"=", "there is a second `=`", "write `key = value`"),
    _slip(r">", "there is `=>` instead of `=`", "write `key = value`"),
    _slip(r"[ \t]*(?=\n|#|\Z)", "there is no value after `=`", "write a value"),
    _slip(r"[\]}]", "there is no value before `{0}`", "write a value, or remove `{0}`"),
    _slip(r",", "there is no value before `,`", "remove the comma, or write a value"),
    _slip(
        r"(?i:[bfru]{1,2})(?=[\"'])",
        "a string cannot have the prefix `{0}`",
        "TOML strings have no prefix; remove it",
    ),
    _slip(r"\$(?:\w+|\{\w*\})", _NO_VALUE, "variables are not expanded; write the value itself"),
    _slip(r"\(", "`(` does not open an array", "arrays are written in brackets: `[1, 2]`"),
    _slip(r"//", *_COMMENT[1:]),
    _slip(r"[^\s\"'\[\]{},#=]*\\[^\s\"'\[\]{},#=]*", _NO_VALUE, "a string needs quotes: `'{0}'`"),
    _slip(r"[^\s\"'\[\]{},#=]+", _NO_VALUE, 'a string needs quotes: `"{0}"`'),
)
_BAD_REST: Final = (
    _slip(
        r"(?<=\d),\d[^\s#]*", "`{0}` follows the number", "numbers are grouped with `_`: `1_000`"
    ),
    _slip(r"(?<=\d )\d{3}\b", "`{0}` follows the number", "numbers are grouped with `_`: `1_000`"),
    _slip(r",", "`,` follows the value", "a value ends with its line; remove the `,`"),
    _slip(r"(?<=\d)\.(?!\d)", "the number ends with a decimal point", "write a digit after it"),
    _slip(r"(?<=\d)\.[\w.]+", "`{0}` follows the number", "a version is a string: quote it"),
    _slip(r"(?<=[^\d]0)\d+", "the number begins with 0", "remove the leading zero"),
    _slip(r"(?<=\d{4})-[\d-]+", "there is no such date", "quote it if it is a string"),
    _slip(r"(?<=\d):[\d:.]+", "there is no such time", "quote it if it is a string"),
    _slip(r"(?<=\d)__?", "`{0}` does not group digits", "put one `_` between two digits"),
    _slip(r";", "`;` follows the value", "a value ends with its line; remove the `;`"),
    _slip(r"//|/\*", *_COMMENT[1:]),
    _slip(
        r"(?:\*\*?|[/^+-])[ \t]*[\d(][^\s#]*",
        "`{0}` follows the number",
        "TOML has no arithmetic; write the result",
    ),
    _slip(r"\]+", "there is no opening bracket for `{0}`", "leave it out"),
    _slip(
        r"[^\s#]+",
        "`{0}` follows the end of the value",
        "one `key = value` on each line",
    ),
)
_BAD_KEYS: Final = (
    _slip(r":", "there is `:` instead of `=`", "write `key = value`"),
    _slip(r"(?=\n|#|\Z)", "a key without a value", "write `key = value`"),
    _slip(r"[},]", "a key without a value", "write `key = value`"),
    _slip(r"[^\s\"']+|[\"']", "there is `{0}` instead of `=`", "write `key = value`"),
)
_BAD_STATEMENTS: Final = (
    _slip(r"//|/\*|;", *_COMMENT[1:]),
    _slip(r"=", "there is no key before `=`", "write `key = value`"),
    _slip(r"\{", "`{{` opens a table without a name", "write `[table]` and `key = value` lines"),
    _slip(
        r"\S+",
        "`{0}` cannot begin a key or a table",
        "write `key = value` or `[table]`",
    ),
)
_BAD_KEY_PARTS: Final = (
    _slip(r"(?<=\.)\]|=", "there is no name before `{0}`", "write a name, or remove the dot"),
    _slip(r"\]", "the table has no name", "write `[table]`"),
    _slip(r"\.", "there is no name before the dot", "write a name, or remove the dot"),
    _slip(r",", "there is no key before `,`", "remove the comma, or write `key = value`"),
    _slip(r"(?=\n|\Z)", "the key continues after the end of the line", "write it on one line"),
    _slip(r"\S", "`{0}` is not allowed in an unquoted key", 'quote the key: `"…"`'),
)
_SLIPS: Final = {
    "Invalid value": _BAD_VALUES,
    "Expected newline or end of document after a statement": _BAD_REST,
    "Expected '=' after a key in a key/value pair": _BAD_KEYS,
    "Invalid statement": _BAD_STATEMENTS,
    "Invalid initial character for a key part": _BAD_KEY_PARTS,
}
_MESSAGES: Final = {
    "Invalid date or datetime": ("no such date or time", "quote it if it is a string"),
    "Expected ']' at the end of a table declaration": ("the header is not closed", "add `]`"),
    "Expected ']]' at the end of an array declaration": ("the header is not closed", "add `]]`"),
}
_LONGEST: Final = 40
"""Characters that fit beside a message."""


def slip(text: str, message: str, offset: int) -> Cause | None:
    """Return the mistake that is known for a message of the reader at an offset, or None."""
    for known in _SLIPS.get(message, ()):
        match = known.text.match(text, offset)
        if match:
            cut = shown(match[0])
            end = max(match.end(), offset + 1)
            return Cause(known.problem.format(cut), known.hint.format(cut), offset, end)
    if message in _MESSAGES:
        problem, hint = _MESSAGES[message]
        return Cause(problem, hint, offset, offset + 1)
    return None


def shown(text: str) -> str:
    """Return a stretch of the text, cut so that it fits beside a message."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
