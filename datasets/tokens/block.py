"""A block of lines to numbers: what each row has in tokens, and what is to be said of it.

A function of its arguments alone, for any process to do.
"""

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..rows.kind import RowKind
from .labels import amount
from .limits import SECONDS, limited_time
from .row import RowReader, RowTokens
from .rows import good_rows

UNKNOWN: Final = -1
"""How many tokens are learned, where that is unknown."""
_SLOW: Final = 3
"""Rows of a block that may take too long; after them, it is the template that does."""
_TOO_SLOW: Final = f"rendering it takes more than {SECONDS} seconds"


@dataclass(slots=True)
class BlockTokens:
    """What the good rows of some lines have in tokens, in order.

    Attributes:
        places: the 0-based line of each row that has tokens.
        tokens: how many it has.
        learned: how many of them are learned; ``UNKNOWN``.
        kept: how many of these are left when the row is cut.
        odd: rows of which there is more to say, by their lines, without their tokens.
        stuck: whether the template took too long for too many rows, so that the rest is missing.

    """

    places: "array[int]" = field(default_factory=lambda: array("I"))
    tokens: "array[int]" = field(default_factory=lambda: array("Q"))
    learned: "array[int]" = field(default_factory=lambda: array("q"))
    kept: "array[int]" = field(default_factory=lambda: array("q"))
    odd: list[tuple[int, RowTokens]] = field(default_factory=list)
    stuck: bool = False


def read_rows(
    read: Callable[[Mapping[str, Any]], RowTokens], text: bytes, kind: RowKind
) -> Iterator[tuple[int, RowTokens | None]]:
    """Yield the rows of lines, read, with their 0-based lines; None for one that is not good."""
    for place, row in good_rows(text, kind):
        if row is None:
            yield place, None
            continue
        try:
            seen = limited_time(read, row)
        except TimeoutError:
            seen = RowTokens(refused=_TOO_SLOW, is_slow=True)
        yield place, seen


def count(reader: RowReader, text: bytes, length: int | None = None) -> BlockTokens:
    """Return what the rows of lines have in tokens, cut to a length if there is one."""
    block = BlockTokens()
    slow = 0
    for place, row in read_rows(reader.count, text, reader.kind):
        if row is None:
            continue
        if row.amount is not None:
            block.places.append(place)
            block.tokens.append(row.amount)
            block.learned.append(UNKNOWN if row.learned is None else amount(row.learned))
            block.kept.append(UNKNOWN if row.learned is None else amount(row.learned, length))
        if row.is_odd:
            block.odd.append((place, replace(row, learned=None)))
        slow += row.is_slow
        if slow == _SLOW:
            block.stuck = True
            break
    return block


def show(reader: RowReader, text: bytes) -> list[tuple[int, RowTokens | None]]:
    """Return the rows of lines, whole."""
    return list(read_rows(reader.read, text, reader.kind))
