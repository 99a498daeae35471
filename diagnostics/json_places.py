"""Where the values of a JSON text stand: only looked up when there is something to report."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from .model import Span
from .words import KeyPath

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_read = json.JSONDecoder(parse_int=len, parse_float=len).raw_decode  # no number is too long for it

_Wanted: TypeAlias = dict[str | int, Any]
"""What is asked for below a value, by key or index: a tree whose leaves are empty."""


def json_span(text: str, document: str, path: KeyPath) -> Span:
    """Return the place of the value at a path of a JSON document that can be read.

    For a path that the text does not have, it is the place of the nearest value above it. An
    object or an array is its opening bracket.
    """
    return json_spans(text, document, [path])[0]


def json_spans(text: str, document: str, paths: Sequence[KeyPath]) -> list[Span]:
    """Return the place of each path, as ``json_span`` has it, in one pass over the text."""
    from .lines import Lines  # a text without findings needs none

    wanted: _Wanted = {}
    for path in paths:
        below = wanted
        for part in path:
            below = below.setdefault(part, {})
    start = past_space(text, 0)
    starts: dict[KeyPath, int] = {(): start}
    _find(text, start, wanted, (), starts)
    lines = Lines(text, document)
    found = []
    for path in paths:
        there = next(
            place for n in range(len(path), -1, -1) if (place := starts.get(path[:n])) is not None
        )
        found.append(lines.span(there, _end(text, there)))
    return found


def repeated_key(text: str, document: str) -> tuple[str, Span]:
    """Return the first key that stands twice in one object of a JSON text, and where it does again.

    Raises:
        ValueError: there is none.

    """
    from .lines import Lines

    seen: list[set[str]] = []
    place = past_space(text, 0)
    while place < len(text):
        if text[place] in "{[":
            seen.append(set())
        elif text[place] in "]}":
            seen.pop()
        elif text[place] not in ",:":
            value, end = _read(text, place)
            if text.startswith(":", past_space(text, end)):
                if value in seen[-1]:
                    return value, Lines(text, document).span(place, end)
                seen[-1].add(value)
            place = end - 1
        place = past_space(text, place + 1)
    raise ValueError("no key stands twice")


class Member(NamedTuple):
    """A value inside an object or array.

    Attributes:
        step: its key, or its index.
        key: where its key starts and ends; of an index, where the value starts, twice.
        value: where it starts and ends itself.

    """

    step: str | int
    key: tuple[int, int]
    value: tuple[int, int]


def members(text: str, start: int) -> Iterator[Member]:
    """Yield what is inside the object or array at ``start``; of any other value, nothing.

    The text must be JSON up to the end of the last member that is taken.
    """
    closing = {"{": "}", "[": "]"}.get(text[start])
    at = past_space(text, start + 1)
    index = 0
    while closing and text[at] != closing:
        key = at, at
        step: str | int = index
        if closing == "}":
            step, end = _read(text, at)
            key = at, end
            at = past_space(text, past_space(text, end) + len(":"))
        _, end = _read(text, at)
        yield Member(step, key, (at, end))
        at = past_space(text, end)
        if text[at] == ",":
            at = past_space(text, at + 1)
        index += 1


def past_space(text: str, at: int) -> int:
    """Return where the white space at a place of a JSON text ends."""
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _end(text: str, start: int) -> int:
    return start + 1 if text[start] in "{[" else _read(text, start)[1]


def _find(
    text: str, start: int, wanted: _Wanted, path: KeyPath, starts: dict[KeyPath, int]
) -> None:
    """Note where the wanted members of the object or array at ``start`` begin."""
    left = len(wanted)
    if not left:
        return
    for step, _, (place, _) in members(text, start):
        if step in wanted:
            here = (*path, step)
            starts[here] = place
            _find(text, place, wanted[step], here, starts)
            left -= 1
            if not left:
                return
