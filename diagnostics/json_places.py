"""Where the values of a JSON text stand: only looked up when there is something to report."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from .model import Span
from .words import KeyPath

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()

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
    start = _after_space(text, 0)
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
    place = _after_space(text, 0)
    while place < len(text):
        if text[place] in "{[":
            seen.append(set())
        elif text[place] in "]}":
            seen.pop()
        elif text[place] not in ",:":
            value, end = _DECODER.raw_decode(text, place)
            if text.startswith(":", _after_space(text, end)):
                if value in seen[-1]:
                    return value, Lines(text, document).span(place, end)
                seen[-1].add(value)
            place = end - 1
        place = _after_space(text, place + 1)
    raise ValueError("no key stands twice")


def _end(text: str, start: int) -> int:
    return start + 1 if text[start] in "{[" else _DECODER.raw_decode(text, start)[1]


def _find(
    text: str, start: int, wanted: _Wanted, path: KeyPath, starts: dict[KeyPath, int]
) -> None:
    """Note where the wanted members of the object or array at ``start`` begin."""
    if not wanted or text[start] not in "{[":
        return
    keyed = text[start] == "{"
    place, index, left = _after_space(text, start + 1), 0, len(wanted)
    while left and text[place] not in "}]":
        key: str | int = index
        if keyed:
            key, place = _DECODER.raw_decode(text, place)
            place = _after_space(text, _after_space(text, place) + 1)  # past the colon
        if key in wanted:
            here = (*path, key)
            starts[here] = place
            left -= 1
            _find(text, place, wanted[key], here, starts)
        place = _after_space(text, _DECODER.raw_decode(text, place)[1])
        if text[place] == ",":
            place = _after_space(text, place + 1)
        index += 1


def _after_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place
