"""Which lines of a block are surely good rows, and what these hold, for all lines at once.

The accelerator in ``_sift.c`` tells them; it is compiled where there is a compiler. Without it,
or with ``SFTC_PURE`` in the environment, no line is surely good, and each is judged alone. The
result is the same.
"""

import os
from collections.abc import Callable
from struct import Struct
from typing import Final, NamedTuple

from ..reading.blocks import BLANK

LEFT, UNTAUGHT, UNANSWERED = range(3)
"""Why a line is in ``rest``: it must be judged, or it is good but for this warning."""


class Sifted(NamedTuple):
    """The lines of a block, apart from blank ones.

    Attributes:
        lines: how many there are, blank ones included.
        roles: messages of good rows by role.
        tools: good rows with tools.
        images: good rows with images.
        reasoning: good rows with reasoning.
        hashes: XXH64 of good rows, without white space around them, as native 64-bit numbers.
        lengths: characters of the same, as native 64-bit numbers.
        places: the 0-based line of each of them, as native 32-bit numbers.
        rest: other rows, and rows to warn of, as four native 32-bit numbers each: the line,
            where in the block the row starts and stops, and why it is here.

    """

    lines: int
    roles: dict[str, int]
    tools: int
    images: int
    reasoning: int
    hashes: bytes
    lengths: bytes
    places: bytes
    rest: bytes


REST: Final = "4I"
"""The layout of an element of ``rest``."""


def sift_none(text: bytes) -> Sifted:
    """Leave all rows to be judged."""
    pack = Struct(REST).pack
    rest = []
    start = 0
    lines = text.split(b"\n")
    for place, line in enumerate(lines):
        row = line.strip(BLANK)
        if row:
            begin = start if row[0] == line[0] else start + line.index(row)
            rest.append(pack(place, begin, begin + len(row), LEFT))
        start += len(line) + 1
    count = len(lines) if lines[-1] else len(lines) - 1
    return Sifted(count, {}, 0, 0, 0, b"", b"", b"", b"".join(rest))


def chosen(pure: str = os.environ.get("SFTC_PURE", "")) -> Callable[[bytes], Sifted]:
    """Return how blocks are sifted: without the accelerator if ``pure`` is not empty."""
    if pure:
        return sift_none
    try:
        from ._accelerator import sift
    except ImportError:  # there was no compiler
        return sift_none
    return lambda text: Sifted(*sift(text))
