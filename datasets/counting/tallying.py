"""A block of lines to its tally: what is surely good at once, and each other row with care.

A pure function of its arguments, so that any thread may do it.
"""

from array import array
from collections import Counter
from struct import iter_unpack

import xxhash

from ...diagnostics import Finding, codes
from ..reading.blocks import Block, LargeLine
from ..rows.accelerator import LEFT, REST, UNTAUGHT, chosen
from ..rows.validating import validate_row, warning
from .tally import Tally

_sift = chosen()
_LARGE = 256 * 1024
"""Bytes from which on a row is not taken apart as a whole: as values, it may need 30 times them."""


def tally_block(block: Block | LargeLine, most: int) -> Tally:
    """Return what the lines of a block give.

    Args:
        block: the lines, or one large one.
        most: how many findings to keep; the rest is counted.

    """
    if isinstance(block, LargeLine):
        # Imported here because few datasets have such a row.
        from ..rows.large import validate_large_row

        tally = Tally(most, lines=1)
        validate_large_row(block, tally, 0)
        return tally
    sifted = _sift(block.text)
    tally = Tally(
        most,
        lines=sifted.lines,
        roles=Counter(sifted.roles),
        tools=sifted.tools,
        images=sifted.images,
        reasoning=sifted.reasoning,
        lengths=array("Q", sifted.lengths),
        hashes=array("Q", sifted.hashes),
        places=array("I", sifted.places),
    )
    surely_good = len(tally.hashes)
    for place, start, stop, why in iter_unpack(REST, sifted.rest):
        if why == LEFT:
            _judge_row(block, start, stop, place, tally)
        else:
            finding = warning(
                codes.NO_ASSISTANT if why == UNTAUGHT else codes.NOT_ENDING_WITH_ASSISTANT,
                ("messages",),
            )
            _note(tally, place, finding, block.text[_begin(block.text, start) : stop])
    _in_order(tally, surely_good)
    return tally


def _judge_row(block: Block, start: int, stop: int, place: int, tally: Tally) -> None:
    """Add one row, which is this stretch of a block."""
    begin = _begin(block.text, start)
    line = block.text[begin:stop]
    offset = block.offset + begin
    ended = block.text.find(b"\n", stop) >= 0  # white space is all that may stand between
    if len(line) > _LARGE:
        from ..rows.large import validate_large_row

        pieces = iter((line + b"\n" if ended else line,))
        validate_large_row(LargeLine(pieces, offset), tally, place)
        return
    seen = validate_row(line, offset=offset, ended=ended)
    tally.lengths.append(seen.length)
    for finding in seen.findings:
        _note(tally, place, finding, line)
    if seen.held is not None:
        row = line if begin == start else line[start - begin :]
        tally.add(place, seen.held, xxhash.xxh64_intdigest(row))


def _begin(text: bytes, start: int) -> int:
    """Return where the line of a row begins: white space before the row counts in columns."""
    return text.rfind(b"\n", 0, start) + 1


def _note(tally: Tally, place: int, finding: Finding, line: bytes) -> None:
    """Note a finding, and where in its line it is if it is kept."""
    if not tally.full:
        # Imported here because most datasets are good.
        from ..rows.locating import located

        finding = located(finding, line.decode("utf-8", "replace"))
    tally.note(place, finding)


def _in_order(tally: Tally, surely_good: int) -> None:
    """Put good rows that were judged alone among the other good rows."""
    if 0 < surely_good < len(tally.places):
        rows = sorted(zip(tally.places, tally.hashes, strict=True))
        tally.places = array("I", [place for place, _ in rows])
        tally.hashes = array("Q", [digest for _, digest in rows])
