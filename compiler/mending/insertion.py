"""Where keys go into a text: below their header, into their inline table, beside dotted keys."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from ...diagnostics import KeyPath, dotted
from .outline import Outline

Change = tuple[int, int, str]
Name = Callable[[KeyPath], KeyPath]


@dataclass(slots=True)
class Block:
    """A key with its value, and what belongs to it.

    Attributes:
        table: the table it goes into.
        pair: ``key = value``.
        source: the key path that it comes from.
        at: the offset that it comes from.
        above: comments for lines of their own above it.
        beside: the comment behind it, with the space before.

    """

    table: KeyPath
    pair: str
    source: KeyPath
    at: int
    above: list[str] = field(default_factory=list)
    beside: str = ""

    def lines(self, prefix: str = "") -> str:
        """Return the lines that it makes."""
        return "".join(f"{line}\n" for line in (*self.above, f"{prefix}{self.pair}{self.beside}"))


def insertions(outline: Outline, blocks: Iterable[Block], written: Name, now: Name) -> list[Change]:
    """Return the changes that put blocks into their tables.

    Args:
        outline: the layout of the text.
        blocks: what to put in.
        written: the name that a table has in the text, from the one that it will have.
        now: the name that a table will have, from the one that it has in the text.

    """
    ordered = sorted(blocks, key=lambda block: (len(block.table), block.table, block.at))
    found = [
        spot
        for table, group in groupby(ordered, key=lambda block: block.table)
        for spot in _spots(outline, table, list(group), written, now)
    ]
    # Below an existing header first: a new one would take what follows it.
    found.sort(key=lambda spot: spot[:2])
    changes = []
    for at, together in groupby(found, key=lambda spot: spot[0]):
        text = "".join(text for _, _, text in together)
        broken = at == 0 or outline.text.startswith("\n", at - 1) or not text.endswith("\n")
        changes.append((at, at, text if broken else f"\n{text}"))
    return changes


def _spots(
    outline: Outline, table: KeyPath, blocks: list[Block], written: Name, now: Name
) -> Iterator[tuple[int, bool, str]]:
    """Yield offsets, whether a header is new there, and what to put in."""
    places = outline.places
    lines = "".join(block.lines() for block in blocks)
    for length in range(len(table), -1, -1):
        above, rest = written(table[:length]), table[length:]
        if above in places.headers or not above:
            at = outline.ends[above] if not rest or above else len(outline.text)
            yield at, bool(rest), f"\n[{dotted(table)}]\n{lines}" if rest else lines
            return
        if above in places.values:
            yield from _inline(outline, above, blocks, f"{dotted(rest)}." if rest else "")
            return
        if above in outline.dotted:
            at, section = outline.dotted[above]
            prefix = f"{dotted(table[len(now(section)) :])}."
            yield at, False, "".join(block.lines(prefix) for block in blocks)
            return


def _inline(
    outline: Outline, table: KeyPath, blocks: list[Block], prefix: str
) -> Iterator[tuple[int, bool, str]]:
    """Yield what puts pairs into an inline table; their comments go above its statement."""
    places = outline.places
    pairs = ", ".join(prefix + block.pair for block in blocks)
    comments = [c for block in blocks for c in (*block.above, block.beside.strip()) if c]
    if comments:
        start = outline.line_start(places.statements[outline.statement(table)][0])
        yield start, False, "".join(f"{comment}\n" for comment in comments)
    inside = outline.inline.get(table, ())
    if not inside:
        yield places.values[table][0] + 1, False, f" {pairs} "
        return
    end = places.pairs[inside[-1]][1]
    comma = outline.comma(end)
    yield (end, False, f", {pairs}") if comma is None else (comma + 1, False, f" {pairs},")
