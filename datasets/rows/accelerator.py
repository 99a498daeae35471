"""Which lines of a block are surely good rows, and what these hold, for all lines at once.

The accelerator in ``_accelerator.c`` tells them; it is compiled where there is a compiler. Without
it, or with ``SFTC_PURE`` in the environment, no line is surely good, and each is judged alone. The
result is the same.
"""

import os
from collections.abc import Callable
from struct import Struct
from typing import Final, NamedTuple

from ..reading.blocks import BLANK
from .calls import OBJECT, STRING


class Sifted(NamedTuple):
    """The lines of a block, apart from blank ones.

    Attributes:
        lines: how many there are, blank ones included.
        roles: messages of good rows by role.
        tools: good rows with tools.
        images: good rows with images.
        reasoning: good rows with reasoning.
        arguments: the ways in which good rows write the arguments of calls, each with the 0-based
            line of the first.
        hashes: XXH64 of good rows, without white space around them, as native 64-bit numbers.
        lengths: characters of the same, as native 64-bit numbers.
        places: the 0-based line of each of them, as native 32-bit numbers.
        rest: the other rows, as ``REST`` lays them out: a signature, or 0; with a signature the
            hash of the row; its length, or 0; its line; where in the block it starts and stops;
            and whether it is no JSON, and the signature is of its bytes. Of rows with one
            signature the same is to be said.

    """

    lines: int
    roles: dict[str, int]
    tools: int
    images: int
    reasoning: int
    arguments: dict[str, int]
    hashes: bytes
    lengths: bytes
    places: bytes
    rest: bytes


REST: Final = "=3Q4I"
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
            rest.append(pack(0, 0, 0, place, begin, begin + len(row), 0))
        start += len(line) + 1
    count = len(lines) if lines[-1] else len(lines) - 1
    return Sifted(count, {}, 0, 0, 0, {}, b"", b"", b"", b"".join(rest))


def chosen(pure: str = os.environ.get("SFTC_PURE", "")) -> Callable[[bytes], Sifted]:
    """Return how blocks are sifted: without the accelerator if ``pure`` is not empty."""
    if pure:
        return sift_none
    try:
        from . import _accelerator
    except ImportError:  # there was no compiler
        return sift_none

    def sift_some(text: bytes) -> Sifted:
        lines, roles, tools, images, reasoning, objects, strings, *rows = _accelerator.sift(text)
        first = {OBJECT: objects, STRING: strings}
        arguments = {way: line for way, line in first.items() if line >= 0}
        return Sifted(lines, roles, tools, images, reasoning, arguments, *rows)

    return sift_some
