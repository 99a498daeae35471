"""A block of lines to its tally: the fast path for all lines at once, then for each, then care.

A pure function of its arguments, so that any process may do it.
"""

from collections import Counter
from operator import itemgetter

import xxhash

from .blocks import BLANK, Block, LargeLine
from .careful import look
from .rows import accept
from .tally import Tally

_hash = xxhash.xxh3_64_intdigest  # Python's own hash differs from process to process
_first, _last = itemgetter(slice(0, 1)), itemgetter(slice(-1, None))
_OPEN, _CLOSE = b"{", b"}"
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
    lines = text.split(b"\n")
    lines.pop()
    # One object a line, and nothing around it: then no object spans lines, and a decoder of
    # the whole text finds one row in each.
    if set(map(_first, lines)) != {_OPEN} or set(map(_last, lines)) != {_CLOSE}:
        return None
    try:
        lengths = [len(line) if line.isascii() else len(line.decode("utf-8")) for line in lines]
    except UnicodeDecodeError:
        return None
    batch = accept(text, len(lines))
    if batch is None or not batch.plain:
        return None
    tally = Tally(most)
    tally.lines = tally.rows = len(lines)
    tally.hashes.extend(map(_hash, lines))
    tally.lengths = Counter(lengths)
    tally.places.extend(range(tally.rows))
    tally.add(batch, tally.places)
    return tally


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
