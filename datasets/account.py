"""Whether a key stands twice in an object, told from lengths alone.

Looking at every key of every row would cost more than all other checks together. This adds
up the bytes that the decoded values explain; it knows nothing of what a row must be.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import msgspec

Shape: TypeAlias = tuple[str, ...]
"""The keys of an object, in order."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def spaced(text: bytes) -> bool:
    """Whether the objects of a text have a space after each colon and comma."""
    colon = text.find(b":")
    return text[colon + 1 : colon + 2] == b" "


def explained(shapes: Counter[Shape], values: int, arrays: int = 0, *, spaces: bool) -> int:
    """Return how many bytes some objects have in which no key stands twice.

    A decoder reads a key that stands twice as one, so a row that has one is longer than what
    was read of it. Unusual spacing, or an escape in a key, is the other reason for a row to be
    longer; which of them it is, a careful look must tell. To go unnoticed, a row would have to
    break its own spacing by exactly the length of the hidden key.

    Args:
        shapes: the objects, counted by their shape.
        values: the bytes of their values.
        arrays: how many arrays they are the elements of, none of them empty; 0: of none.
        spaces: whether a space follows each colon and comma.

    """
    total = values
    separators = 0
    for keys, times in shapes.items():
        commas = max(len(keys) - 1, 0)
        total += times * (len("{}") + sum(map(len, keys)) + len('"":') * len(keys) + commas)
        separators += times * (len(keys) + commas)
    if arrays:
        commas = shapes.total() - arrays
        total += len("[]") * arrays + commas
        separators += commas
    return total + (separators if spaces else 0)


def no_key_twice(values: Sequence[bytes]) -> bool:
    """Whether surely no key stands twice inside some values.

    Written again, they then have as many quotes as before.
    """
    text = b"[%b]" % b",".join(values)
    try:
        again = _encode(_decode(text))
    except (msgspec.DecodeError, RecursionError):  # a number beyond a double, for example
        return False
    return again.count(b'"') == text.count(b'"') and b"\\u0022" not in text


@lru_cache(maxsize=64)
def no_key_twice_in_tools(tools: bytes) -> bool:
    """Whether surely no key stands twice in the tools of a row, often those of other rows."""
    return no_key_twice((tools,))
