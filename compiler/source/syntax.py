"""Why a text is not TOML, in words that help: what the reader says, and what was likely meant."""

import re
from typing import Final

from ...diagnostics import Finding, KeyPath, Related, Span, codes, dotted
from ...diagnostics.lines import Lines
from ...diagnostics.mistaken import is_path
from ...diagnostics.toml_index import Definition, Index
from ...diagnostics.toml_places import Places
from ...diagnostics.units import without_unit
from .escapes import is_windows_path, wrong_escape
from .lookalikes import lookalike
from .other_formats import other_format
from .slips import Cause, shown, slip

_DEFINED_TWICE: Final = (
    "Cannot declare",
    "Cannot overwrite",
    "Cannot mutate",
    "Cannot redefine",
    "Duplicate inline table key",
)


_UNCLOSED: Final = {
    "Unclosed array": ("the array is not closed", "close it with `]`"),
    "Unclosed inline table": ("the inline table is not closed", "close it with `}`"),
}
_ESCAPES: Final = ("Unescaped", "Invalid hex value", "Escaped character")
_OPEN: Final = ("Unterminated string", 'Expected "\'"', "Expected \"'''\"")
_AFTER: Final = "Expected newline or end of document after a statement"
_NUMBER: Final = re.compile(r"[-+\d_.eE]*\d[ \t]*\Z", re.ASCII)
_UNIT: Final = re.compile(r"(?:%|[A-Za-z]+)(?=[ \t]*(?:[\n#,\]}]|\Z))")
_WIDEST: Final = 100
"""Characters before an error that are looked at; a line may be millions long."""


def explain(text: str, document: str, message: str, offset: int) -> Finding:
    """Return the finding for a document that tomli refuses with a message at an offset."""
    if message.startswith(_DEFINED_TWICE):
        return _defined_twice(text, document, offset)
    cause = _cause(text, message, offset)
    words = {"problem": cause.problem}
    span = _span(text, document, cause.start, cause.end)
    return Finding(codes.SYNTAX, words=words, hint=cause.hint, span=span)


def _cause(text: str, message: str, offset: int) -> Cause:
    return (
        _path(text)
        or other_format(text, offset)
        or _in_a_string(text, message, offset)
        or lookalike(text, message, offset)
        or _unit(text, offset)
        or _trailing(text, message, offset)
        or slip(text, message, offset)
        or (_unclosed(text, message, offset) if message in _UNCLOSED else None)
        or Cause(message[0].lower() + message[1:], None, offset, offset + 1)
    )


def _path(text: str) -> Cause | None:
    """Return the cause where a program passed the path of a config in place of its text."""
    if not is_path(text):
        return None
    hint = "pass the text of the file: `Path(…).read_text()`"
    return Cause(
        f"`{shown(text.strip())}` is the path of a file, not the text of a config",
        hint,
        0,
        len(text),
    )


def _in_a_string(text: str, message: str, offset: int) -> Cause | None:
    if message.startswith(_ESCAPES) and text[offset - 1 : offset] != "\n":
        return wrong_escape(text, offset, Index(text[:offset]).end)
    if match := re.search(r"character '\\x(..)'", message):
        problem = f"the control character U+00{match[1].upper()} is not allowed in TOML"
        hint = f"remove it, or write `\\u00{match[1]}` in a string with double quotes"
        return Cause(problem, hint, offset, offset + 1)
    if message in _OPEN or "'\\n'" in message or message.startswith(_ESCAPES):
        return _open_string(text, offset)
    return None


def _unit(text: str, offset: int) -> Cause | None:
    """Return the cause where a unit follows a number."""
    line = max(text.rfind("\n", 0, offset) + 1, offset - _WIDEST)
    number, unit = _NUMBER.search(text[line:offset]), _UNIT.match(text, offset)
    if number is None or unit is None:
        return None
    written = number[0] + unit[0]
    hint = without_unit(written)
    if hint is None:
        return None
    return Cause(f"`{written}` is not a number", hint, line + number.start(), unit.end())


def _trailing(text: str, message: str, offset: int) -> Cause | None:
    """Return the cause where something follows a header, or a string of several lines."""
    if message != _AFTER:
        return None
    index = Index(text[:offset])
    last = index.definitions[-1]
    rest = re.compile(r"[^\s#]+").match(text, offset)
    if rest is None:
        return None
    what, end = shown(rest[0]), rest.end()
    if text[last.start] == "[" and not what.startswith("]"):
        problem = f"`{what}` follows the header"
        return Cause(problem, "write it on a line of its own", offset, end)
    start, stop = index.values.get(last.path, (offset, offset))
    if text.startswith(('"""', "'''"), start) and "\n" in text[start:stop]:
        line = text.count("\n", 0, start) + 1
        problem = f"`{what}` follows the string that starts on line {line}"
        return Cause(problem, f"close the string that starts on line {line}", offset, end)
    return None


def _span(text: str, document: str, start: int, end: int) -> Span:
    """Return the place of a stretch, kept on its first line and inside the text."""
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    return Lines(text, document).span(start, max(start, min(end, line_end)))


def _unclosed(text: str, message: str, offset: int) -> Cause:
    """Point at the missing comma, or, where the value runs away, at what opens it."""
    opened = Index(text[:offset]).opened
    start = opened[-1] if opened else offset
    rest = re.compile(r"[^\s,\]}#]+").match(text, offset)
    if rest and "\n" not in text[start:offset]:
        problem = f"a comma is missing before `{shown(rest[0])}`"
        return Cause(problem, "write `,` between values", offset, rest.end())
    return Cause(*_UNCLOSED[message], start, start + 1)


def _open_string(text: str, offset: int) -> Cause:
    """Point at the quotes that open a string which nothing closes."""
    start = Index(text[:offset]).end
    opening = re.compile(r"\"\"\"|'''|.").match(text, start)
    quotes = opening[0] if opening else ""
    hint = f"close it with `{quotes}`" if quotes else None
    line = text[start : start + _WIDEST].partition("\n")[0]
    if is_windows_path(line[1:]) and line.endswith('\\"'):
        hint = "its last backslash escapes the quote; write the path in single quotes"
    elif curly := re.search(r"([\u2018-\u201f])[ \t]*(?:#.*)?\Z", line):
        hint = f"it ends with the curly quote `{curly[1]}`; close it with `{quotes}`"
    return Cause("the string is not closed", hint, start, start + len(quotes))


def _defined_twice(text: str, document: str, offset: int) -> Finding:
    """Point at the second definition, and at the first."""
    line_end = text.find("\n", offset)
    places = Places(text if line_end < 0 else text[:line_end], document)
    first, second = _clash(places)
    path = second.path[:-1] if isinstance(second.path[-1], int) else second.path
    what = f"`{dotted(path)}`" if text[second.start] != "[" else f"the table `{dotted(path)}`"
    related: tuple[Related, ...] = ()
    if first:
        related = (Related(places.lines.span(first.start, first.end), "first defined here"),)
    span = places.lines.span(second.start, second.end)
    return Finding(codes.DEFINED_TWICE, second.path, {"what": what}, span=span, related=related)


def _clash(index: Index) -> tuple[Definition | None, Definition]:
    """Return the first two definitions that cannot stand together."""
    seen: dict[KeyPath, Definition] = {}
    depth = 0  # of the tables that may be added to here, although a header defined them
    for second in index.definitions:
        path = second.path
        if index.text[second.start] == "[":
            depth = len(path)
        clashing = [seen[path]] if path in seen else []
        for length in range(1, len(path)):
            first = seen.get(path[:length])
            by_header = first and index.text[first.start] == "["
            is_array = isinstance(path[-1], int) and length == len(path) - 1
            if first and (
                (by_header and (length > depth or is_array))
                or _is_closed(index, first.path, second.start)
            ):
                clashing.append(first)
        if clashing:
            return min(clashing, key=lambda first: first.start), second
        seen[path] = second
    second = index.definitions[-1]
    for first in index.definitions[:-1]:
        if first.path[: len(second.path)] == second.path:
            return first, second
    return None, second


def _is_closed(index: Index, path: KeyPath, offset: int) -> bool:
    """Whether a key's value ends before an offset, so that nothing there can add to it."""
    return path in index.values and offset >= index.values[path][1]
