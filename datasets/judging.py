"""A block of lines to its tally: the fast path for all lines at once, then for each, then care.

A pure function of its arguments, so that any process may do it.
"""

from array import array
from collections import Counter

import xxhash

from .blocks import BLANK, Block, LargeLine
from .careful import look
from .rows import accept
from .tally import Tally

_hash = xxhash.xxh3_64_intdigest  # Python's own hash differs from process to process
_OPEN, _CLOSE = b"{}"


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
    tally = Tally(most)
    hashes, lengths = tally.hashes, []
    ascii_only = text.isascii()
    start = 0
    try:
        while (end := text.find(b"\n", start)) >= 0:
            # One object a line, and nothing around it: then no object spans lines, and a
            # decoder of the whole text finds one row in each.
            line = text[start:end]
            if not line or line[0] != _OPEN or line[-1] != _CLOSE:
                return None
            hashes.append(_hash(line))
            lengths.append(len(line) if ascii_only else len(line.decode("utf-8")))
            start = end + 1
    except UnicodeDecodeError:
        return None
    tally.lines = tally.rows = len(lengths)
    batch = accept(text, tally.rows)
    if batch is None or not batch.plain:
        return None
    tally.lengths = Counter(lengths)
    tally.places = array("I", range(tally.rows))
    tally.add(batch, list(range(tally.rows)))
    return tally


def _one_by_one(block: Block, most: int) -> Tally:
    tally = Tally(most)
    offset = block.offset
    for raw in _lines(block.text):
        line = raw.strip(BLANK)
        if line:
            _row(tally, line, offset + raw.index(line), ended=raw.endswith(b"\n"))
        tally.lines += 1
        offset += len(raw)
    return tally


def _lines(text: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in text.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _row(tally: Tally, line: bytes, offset: int, *, ended: bool) -> None:
    tally.rows += 1
    try:
        tally.lengths[len(line.decode("utf-8"))] += 1
        batch = accept(line + b"\n", 1)
    except UnicodeDecodeError:
        tally.lengths[len(line.decode("utf-8", "replace"))] += 1
        batch = None
    if batch is None or not batch.plain:
        seen = look(line, offset=offset, ended=ended)
        batch = batch or seen.batch
        for finding in seen.findings:
            tally.note(tally.lines, finding)
    if batch is not None:
        tally.hashes.append(_hash(line))
        tally.places.append(tally.lines)
        tally.add(batch, [tally.lines])
