"""Why a text is not TOML, in words that help: what the reader says, and what was likely meant."""

import re
from typing import Final, NamedTuple

from ...diagnostics import Finding, KeyPath, Span, dotted
from ...diagnostics.lines import Lines
from .index import Definition
from .places import Places

_DEFINED_TWICE: Final = (
    "Cannot declare",
    "Cannot overwrite",
    "Cannot mutate",
    "Cannot redefine",
    "Duplicate inline table key",
)


class _Slip(NamedTuple):
    """A mistake that people make: the text at the place of the error, and what to say of it."""

    text: re.Pattern[str]
    problem: str
    hint: str


_BAD_VALUES: Final = (
    _Slip(
        re.compile(r"(true|false)\b", re.IGNORECASE),
        "`{0}` is not a value",
        "booleans are lowercase: `true` or `false`",
    ),
    _Slip(
        re.compile(r"(none|null|nil)\b", re.IGNORECASE),
        "`{0}` is not a value",
        "TOML has no null; leave the key out",
    ),
    _Slip(re.compile(r"[“”‘’„«»]"), "`{0}` does not open a string", 'use straight quotes: `"`'),
    _Slip(re.compile(r"\.\d+"), "`{0}` is not a number", "write a digit before the point"),
    _Slip(re.compile(r"="), "`=` stands twice", "write `key = value`"),
    _Slip(re.compile(r"[ \t]*(?=\n|#|\Z)"), "there is no value after `=`", "write a value"),
    _Slip(
        re.compile(r"[^\s\"'\[\]{},#=]+"),
        "`{0}` is not a value",
        'a string needs quotes: `"{0}"`',
    ),
)
_BAD_REST: Final = (
    _Slip(
        re.compile(r"(?<=\d),\d[^\s#]*"),
        "`{0}` follows the number",
        "numbers are grouped with `_`: `1_000`",
    ),
    _Slip(re.compile(r"(?<=\d)\.(?!\d)"), "the number ends with a point", "write a digit after it"),
    _Slip(re.compile(r"(?<=[^\d]0)\d+"), "the number begins with 0", "leave the leading zero out"),
    _Slip(re.compile(r"(?<=\d{4})-[\d-]+"), "there is no such date", "quote it if it is a string"),
    _Slip(re.compile(r"%"), "`%` follows the number", "write a fraction: `0.03` for 3 %"),
    _Slip(re.compile(r";"), "`;` follows the value", "the line's end ends it; leave the `;` out"),
    _Slip(re.compile(r"\r"), "a carriage return stands alone", "end lines with LF or CRLF"),
    _Slip(
        re.compile(r"[^\s#]+"),
        "`{0}` follows the end of the value",
        "one `key = value` on each line",
    ),
)
_BAD_KEYS: Final = (
    _Slip(re.compile(r":"), "`:` stands where `=` belongs", "write `key = value`"),
    _Slip(re.compile(r"(?=\n|#|\Z)"), "a key without a value", "write `key = value`"),
    _Slip(re.compile(r"\S+"), "`{0}` stands where `=` belongs", "write `key = value`"),
)
_BAD_STATEMENTS: Final = (
    _Slip(
        re.compile(r"\S+"),
        "`{0}` begins neither a key nor a table",
        "write `key = value` or `[table]`",
    ),
)
_BAD_KEY_PARTS: Final = (
    _Slip(re.compile(r"\]"), "the table has no name", "write `[table]`"),
    _Slip(
        re.compile(r"\S?"),
        "`{0}` cannot be in a key",
        'quote the key: `"…"`',
    ),
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
_UNCLOSED: Final = {
    "Unclosed array": ("the array is not closed", "close it with `]`"),
    "Unclosed inline table": ("the inline table is not closed", "close it with `}`"),
}


def explain(text: str, message: str, offset: int) -> Finding:
    """Return the finding for a text that tomli refuses with a message at an offset."""
    if message.startswith(_DEFINED_TWICE):
        return _defined_twice(text, offset)
    for slip in _SLIPS.get(message, ()):
        match = slip.text.match(text, offset)
        if match:
            shown = _shown(match[0])
            end = max(match.end(), offset + 1)
            return _syntax(text, slip.problem.format(shown), slip.hint.format(shown), offset, end)
    if message in _MESSAGES:
        problem, hint = _MESSAGES[message]
        return _syntax(text, problem, hint, offset, offset + 1)
    if message in _UNCLOSED:
        return _unclosed(text, message, offset)
    if message.startswith("Unescaped"):
        escape = text[offset - 2 : offset]
        hint = "double the backslash, or use single quotes: `'C:\\data'`"
        return _syntax(text, f"`{escape}` is not an escape", hint, offset - 2, offset)
    if message == "Unterminated string" or "'\\n'" in message or message.startswith("Expected"):
        return _open_string(text, offset)
    if match := re.search(r"character '\\x(..)'", message):
        problem = f"the control character U+00{match[1].upper()} cannot stand in TOML"
        hint = f"remove it, or write `\\u00{match[1]}` in a string with double quotes"
        return _syntax(text, problem, hint, offset, offset + 1)
    return _syntax(text, message[0].lower() + message[1:], None, offset, offset + 1)


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 - fits beside a message


def _syntax(text: str, problem: str, hint: str | None, start: int, end: int) -> Finding:
    words = {"problem": problem}
    return Finding("SFT004", words=words, hint=hint, span=_span(text, start, end))


def _span(text: str, start: int, end: int) -> Span:
    """Return the place of a stretch, kept on its first line and inside the text."""
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    return Lines(text).span(start, max(start, min(end, line_end)))


def _unclosed(text: str, message: str, offset: int) -> Finding:
    """Point at the missing comma, or, where the value runs away, at what opens it."""
    opened = Places(text[:offset]).opened
    start = opened[-1] if opened else offset
    rest = re.match(r"[^\s,\]}#]+", text[offset:])
    if rest and "\n" not in text[start:offset]:
        problem = f"a comma is missing before `{_shown(rest[0])}`"
        return _syntax(text, problem, "write `,` between values", offset, offset + rest.end())
    problem, hint = _UNCLOSED[message]
    return _syntax(text, problem, hint, start, start + 1)


def _open_string(text: str, offset: int) -> Finding:
    """Point at the quotes that open a string which nothing closes."""
    start = Places(text[:offset]).end
    quotes = re.match(r"\"\"\"|'''|.", text[start:])
    end = start + (quotes.end() if quotes else 1)
    return _syntax(text, "the string is not closed", "close it with the same quotes", start, end)


def _defined_twice(text: str, offset: int) -> Finding:
    """Point at the second definition, and name the line of the first."""
    line_end = text.find("\n", offset)
    places = Places(text if line_end < 0 else text[:line_end])
    first, second = _clash(places)
    is_header = text[second.start] == "["
    what = f"the table `{dotted(second.path)}`" if is_header else f"`{dotted(second.path)}`"
    hint = None
    if first:
        hint = f"first defined on line {places.lines.span(first.start, first.end).line}"
    span = places.lines.span(second.start, second.end)
    return Finding("SFT005", second.path, {"what": what}, hint=hint, span=span)


def _clash(places: Places) -> tuple[Definition | None, Definition]:
    """Return the first two definitions that cannot stand together."""
    seen: dict[KeyPath, Definition] = {}
    for second in places.definitions:
        path = second.path
        above = (seen[path[:n]] for n in range(1, len(path)) if path[:n] in seen)
        clashing = [d for d in above if _is_closed(places, d.path, second.start)]
        if path in seen:
            clashing.append(seen[path])
        if clashing:
            return min(clashing, key=lambda first: first.start), second
        seen[path] = second
    second = places.definitions[-1]
    for first in places.definitions[:-1]:
        if first.path[: len(second.path)] == second.path:
            return first, second
    return None, second


def _is_closed(places: Places, path: KeyPath, offset: int) -> bool:
    """Whether a key's value ends before an offset, so that nothing there can add to it."""
    return path in places.values and offset >= places.values[path][1]
