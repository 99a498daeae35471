"""Near duplicates: rows of one file with the same content in different bytes."""

from collections.abc import Callable

import xxhash

from ...diagnostics import Diagnostic, Finding, codes
from ...diagnostics.catalogue import diagnose
from ..counting.repeats import Repeats, not_compared
from ..reading.opening import Unreadable
from .content import normalised, squeezed
from .diagnosing import Pairs
from .lines import rows

_hash = xxhash.xxh64_intdigest


def near_duplicates(
    name: str,
    *,
    head: int | None = None,
    shown: str | None = None,
    each: bool = False,
    progress: Callable[[int], None] | None = None,
) -> tuple[Diagnostic, ...]:
    """Return what there is to say of rows that are the same apart from how they are written.

    Rows that are the same byte for byte are left to ``measure`` (SFT445). A file that cannot be
    read gives the one finding that says why.

    Args:
        name: the path, ``*.gz`` and ``*.zst`` decompressed.
        head: look at this many first rows only.
        shown: the name of the file in findings, where this is not the path.
        each: give a finding for each row, not one for all.
        progress: called now and then with how many bytes were read, at the first reading.

    """
    file = shown or name
    pairs = Pairs(codes.ROW_NEARLY_TWICE, (file, file), each=each)
    try:
        maybe, is_full = _maybe(name, head, progress)
        if any(maybe):
            _confirm(name, head, maybe, pairs)
    except Unreadable as error:
        return (diagnose(error.finding, file),)
    found = pairs.diagnostics()
    if is_full:
        found.append(diagnose(not_compared(), file))
    return tuple(found)


def _maybe(
    name: str, head: int | None, progress: Callable[[int], None] | None
) -> tuple[bytearray, bool]:
    """Return a 1 for each row that may be like another, and whether there are too many rows."""
    raw, contents = Repeats(), Repeats()
    maybe = bytearray()
    for row in rows(name, head=head, progress=progress):
        maybe.append(0)
        if raw.add((_hash(row.raw),), (0,), 0):
            continue
        text, is_json = row.content()
        # Of the first such row the number is kept, not the line.
        for _, first in contents.add(
            (_hash(squeezed(text) if is_json else text),), (0,), len(maybe)
        ):
            maybe[first - 1] = maybe[-1] = 1
    return maybe, contents.is_full


def _confirm(name: str, head: int | None, maybe: bytearray, pairs: Pairs) -> None:
    """Add the rows that are like others."""
    contents = Repeats()
    number = -1
    for number, row in enumerate(rows(name, head=head)):
        if number < len(maybe) and maybe[number]:
            text, is_json = row.content()
            digest = _hash(normalised(text) if is_json else text)
            for _, first in contents.add((digest,), (0,), row.line):
                pairs.add(row.line, first)
    if number + 1 != len(maybe):
        raise Unreadable(Finding(codes.CHANGED_WHILE_READ))
