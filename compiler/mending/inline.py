"""Pairs taken out of an inline table, with their commas; the others stay to the letter."""

from collections.abc import Iterator, Mapping, Sequence

from ...diagnostics import KeyPath
from .insertion import Block
from .outline import Outline

Change = tuple[int, int, str]


def without(
    outline: Outline, table: KeyPath, gone: Sequence[KeyPath], blocks: Mapping[KeyPath, Block]
) -> Iterator[Change]:
    """Yield the changes that take pairs out of an inline table.

    Args:
        outline: the layout of the text.
        table: the inline table.
        gone: the pairs, in any order.
        blocks: those of them that move, which take along the comments on lines of their own.

    """
    leaves = set(gone)
    pairs = outline.inline[table]
    kept = [path for path in pairs if path not in leaves]
    last = pairs[-1]
    end = outline.places.pairs[last][1]
    tail: set[KeyPath] = set()
    if kept and last in leaves and outline.comma(end) is None:
        before = outline.comma(outline.places.pairs[kept[-1]][1])
        tail = set(pairs[pairs.index(kept[-1]) + 1 :])
        if before is not None:
            if outline.comments(before, end) or "\n" in outline.text[before:end]:
                yield before, before + 1, ""
                tail = set()
            else:
                yield before, end, ""
    for path in gone:
        if path not in tail:
            yield _without(outline, path, blocks.get(path))


def _without(outline: Outline, path: KeyPath, block: Block | None) -> Change:
    text = outline.text
    start, end = outline.places.pairs[path]
    lines = outline.lines(path)
    if lines:
        top, _, bottom = lines
        comments = [] if block else outline.comments(top, bottom)
        return top, bottom, "".join(f"{text[slice(*comment)]}\n" for comment in comments)
    comma = outline.comma(end)
    if comma is not None and "\n" not in text[end:comma]:
        end = comma + 1
    comment = outline.beside(path)
    if comment and block:
        return start, comment[1], ""
    rest = text[end : outline.line_end(end)]
    return start, end + len(rest) - len(rest.lstrip(" \t")), ""
