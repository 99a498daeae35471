"""Where in a line a finding is, and the text around it: looked up only for what is shown."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from ...diagnostics import Aim, Excerpt, Finding, KeyPath, Span

_BEFORE: Final = 40
"""Characters that are shown before a place."""
_SHOWN: Final = 120
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_read = json.JSONDecoder(parse_int=len, parse_float=len).raw_decode


class _Member(NamedTuple):
    """A value inside another one: its key or index, and where both of them are."""

    step: str | int
    key: tuple[int, int]
    value: tuple[int, int]


def located(finding: Finding, text: str) -> Finding:
    """Return a finding with its place and an excerpt.

    Args:
        finding: with a span, or with a path into the row.
        text: the line, which is JSON if there is no span.

    """
    span = finding.span
    if span is None:
        start, end = _place(text, finding.path, finding.aim)
        span = Span(1, start + 1, 1, end + 1, "")  # the line and the file come later
    first = max(span.column - 1 - _BEFORE, 0)
    shown = Excerpt(text[first : first + _SHOWN], first + 1, goes_on=len(text) > first + _SHOWN)
    return replace(finding, span=span, excerpt=shown)


def _place(text: str, path: KeyPath, aim: Aim) -> tuple[int, int]:
    """Return where the key or value at a path starts and ends, of a container its bracket."""
    start = _past_space(text, 0)
    place = start, start + 1
    for depth, step in enumerate(path, start=1):
        # Of a key that stands twice the last one counts.
        there = [member for member in _members(text, place[0]) if member.step == step]
        if not there:
            break
        place = there[-1].value
        if aim is Aim.KEY and depth == len(path):
            return there[-1].key
    start, end = place
    return (start, start + 1) if text[start] in "{[" else (start, end)


def _members(text: str, start: int) -> Iterator[_Member]:
    """Yield what is inside an object or array, which is JSON."""
    closing = {"{": "}", "[": "]"}.get(text[start])
    at = _past_space(text, start + 1)
    index = 0
    while closing and text[at] != closing:
        key = at, at
        step: str | int = index
        if closing == "}":
            step, end = _read(text, at)
            key = at, end
            at = _past_space(text, _past_space(text, end) + len(":"))
        _, end = _read(text, at)
        yield _Member(step, key, (at, end))
        at = _past_space(text, end)
        if text[at] == ",":
            at = _past_space(text, at + 1)
        index += 1


def _past_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at
