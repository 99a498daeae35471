"""A block of lines to its tally: the fast path for all lines at once, then for each, then care.

A pure function of its arguments, so that any process may do it.
"""

from collections import Counter

import xxhash

from .blocks import BLANK, Block, LargeLine
from .careful import look
from .rows import accept
from .tally import Tally
from .usual import accept_usual

_hash = xxhash.xxh3_64_intdigest  # Python's own hash differs from process to process
_OPEN, _CLOSE = b"{}"
_LARGE = 256 * 1024
"""Bytes from which on a row is not taken apart as a whole: as values, it may need 30 times them."""


def judge(block: Block | LargeLine, most: int) -> Tally:
    """Return what the lines of a block give.

    Args:
        block: the lines, or one large one.
        most: how many findings to keep; the rest is counted.

    """
    if isinstance(block, LargeLine):
        # Imported here because few datasets have such a row.
        from .large import judge_large

        return judge_large(block, most)
    return _all_at_once(block.text, most) or _one_by_one(block, most)


def _all_at_once(text: bytes, most: int) -> Tally | None:
    """Return the tally of lines that are all rows, and all good; or None."""
    if text.endswith(b"\r\n"):
        text = text.replace(b"\r\n", b"\n")
    if not text.endswith(b"\n"):
        return None
    lengths, hashes = _lines_of_objects(text)
    if not lengths:
        return None
    count = len(lengths)
    batch = accept_usual(text, count) or accept(text, count)
    if batch is None or not batch.plain:
        return None
    tally = Tally(most)
    tally.lines = tally.rows = count
    tally.hashes.extend(hashes)
    tally.lengths = Counter(lengths)
    tally.places.extend(range(tally.rows))
    tally.add(batch, tally.places)
    return tally


def _lines_of_objects(text: bytes) -> tuple[list[int], list[int]]:
    """Return the length and the hash of each line; of none, if one is no object at all.

    With one object a line and nothing around it, no object spans lines, so that a decoder of
    the whole text finds one row in each.
    """
    lengths: list[int] = []
    hashes: list[int] = []
    view = memoryview(text)
    ascii_only = text.isascii()
    start = 0
    try:
        while (end := text.find(b"\n", start)) >= 0:
            if text[start] != _OPEN or text[end - 1] != _CLOSE:
                return [], []
            line = view[start:end]
            lengths.append(end - start if ascii_only else len(str(line, "utf-8")))
            hashes.append(_hash(line))
            start = end + 1
    except UnicodeDecodeError:
        return [], []
    return lengths, hashes


def _one_by_one(block: Block, most: int) -> Tally:
    tally = Tally(most)
    offset = block.offset
    for line in _lines(block.text):
        row = line.strip(BLANK)
        if row:
            tally.join(_judge_row(row, line, offset, most))
        else:
            tally.lines += 1
        offset += len(line)
    return tally


def _lines(text: bytes) -> list[bytes]:
    """Return the lines with their ends."""
    *lines, last = text.split(b"\n")
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _judge_row(row: bytes, line: bytes, offset: int, most: int) -> Tally:
    """Return the tally of one row."""
    tally = Tally(most, lines=1, rows=1)
    try:
        length = len(row.decode("utf-8"))
        batch = accept(row + b"\n", 1)
    except UnicodeDecodeError:
        length = len(row.decode("utf-8", "replace"))
        batch = None
    tally.lengths[length] = 1
    if batch is None or not batch.plain:
        if len(row) > _LARGE:
            return judge(LargeLine(iter((line,)), offset), most)
        seen = look(row, offset=offset + line.index(row), ended=line.endswith(b"\n"))
        batch = batch or seen.batch
        for finding in seen.findings:
            tally.note(0, finding)
    if batch is not None:
        tally.hashes.append(_hash(row))
        tally.places.append(0)
        tally.add(batch, (0,))
    return tally
