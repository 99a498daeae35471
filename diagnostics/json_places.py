"""Where the values of a JSON text stand: only looked up when there is something to report."""

import json
import re
from typing import Final

from .model import Span
from .words import KeyPath

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()


def json_span(text: str, path: KeyPath) -> Span:
    """Return the place of the value at a path of a JSON text that can be read.

    For a path that the text does not have, it is the place of the nearest value above it. An
    object or an array is its opening bracket.
    """
    from .lines import Lines  # a text without findings needs none

    start = _after_space(text, 0)
    for part in path:
        below = _child(text, start, part)
        if below is None:
            break
        start = below
    end = start + 1 if text[start] in "{[" else _DECODER.raw_decode(text, start)[1]
    return Lines(text).span(start, end)


def _child(text: str, start: int, part: str | int) -> int | None:
    """Return where a member of the object or array at ``start`` begins."""
    if text[start] not in "{[":
        return None
    keyed = text[start] == "{"
    place, index = _after_space(text, start + 1), 0
    while text[place] not in "}]":
        key: str | int = index
        if keyed:
            key, place = _DECODER.raw_decode(text, place)
            place = _after_space(text, _after_space(text, place) + 1)  # past the colon
        if key == part:
            return place
        place = _after_space(text, _DECODER.raw_decode(text, place)[1])
        if text[place] == ",":
            place = _after_space(text, place + 1)
        index += 1
    return None


def _after_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place
