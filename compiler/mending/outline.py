"""How a text is laid out: sections, lines, comments, and which table each key is written in.

Made once for a text, in one pass over what the index knows; asked for each change.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from ...diagnostics import KeyPath
from ...diagnostics.toml_places import Places

Stretch = tuple[int, int]
_GAP: Final = re.compile(r"[ \t\n]*")


class Section(NamedTuple):
    """A header and what stands directly below it; before the first header there is the root's."""

    path: KeyPath
    start: int
    end: int
    """The offset behind the header."""


class Outline:
    """The layout of one text that can be read."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.text = places.text

    @cached_property
    def sections(self) -> list[Section]:
        """The sections in the order of the text."""
        headers = sorted((start, end, path) for path, (start, end) in self.places.headers.items())
        return [Section((), 0, 0), *(Section(path, start, end) for start, end, path in headers)]

    @cached_property
    def _starts(self) -> list[int]:
        return [section.start for section in self.sections]

    def section(self, offset: int) -> Section:
        """Return the section that an offset is in."""
        return self.sections[bisect_right(self._starts, offset) - 1]

    @cached_property
    def children(self) -> dict[KeyPath, list[KeyPath]]:
        """The keys that are written in each table, however they are written."""
        children: dict[KeyPath, list[KeyPath]] = {}
        seen: set[KeyPath] = set()
        for path in (*self.places.pairs, *self.places.headers):
            for length in range(len(path), 0, -1):
                if path[:length] in seen:
                    break
                seen.add(path[:length])
                children.setdefault(path[: length - 1], []).append(path[:length])
        return children

    @cached_property
    def ends(self) -> dict[KeyPath, int]:
        """The offset behind the last line that stands directly below each header."""
        ends = {section.path: section.end for section in self.sections}
        for start, end in self.places.statements.values():
            path = self.section(start).path
            ends[path] = max(ends[path], end)
        return {path: self.line_end(end) if path or end else 0 for path, end in ends.items()}

    @cached_property
    def dotted(self) -> dict[KeyPath, tuple[int, KeyPath]]:
        """For tables made by dotted keys: the offset behind the last of them, and its section."""
        dotted: dict[KeyPath, tuple[int, KeyPath]] = {}
        for path, (start, end) in self.places.statements.items():
            section = self.section(start).path
            for length in range(len(section) + 1, len(path)):
                known = dotted.get(path[:length], (0, section))
                dotted[path[:length]] = max(known, (self.line_end(end), section))
        return dotted

    @cached_property
    def _comment_at(self) -> dict[int, Stretch]:
        return {comment[0]: comment for comment in self.places.comments}

    @cached_property
    def _comment_starts(self) -> list[int]:
        return [start for start, _ in self.places.comments]

    def comments(self, start: int, end: int) -> list[Stretch]:
        """Return the comments in a stretch."""
        first = bisect_left(self._comment_starts, start)
        last = bisect_left(self._comment_starts, end)
        return self.places.comments[first:last]

    def lead(self, offset: int) -> int:
        """Return the start of the comment lines directly above a line, or of the line itself."""
        top = self.line_start(offset)
        while top > 0:
            above = self.line_start(top - 1)
            start = above + len(self.text[above:top]) - len(self.text[above:top].lstrip())
            if start not in self._comment_at or self.text.startswith("#:", start):
                break
            top = above
        return top

    def lines(self, path: KeyPath) -> tuple[int, int, int] | None:
        """Return the lines that a pair has for itself, comments above and beside it among them.

        That is where they begin, where the pair ends with its comma, and where they end; None
        if other pairs of an inline table stand on them.
        """
        start, end = self.places.pairs[path]
        if path not in self.places.statements:
            comma = self.comma(end)
            if comma is not None and "\n" not in self.text[end:comma]:
                end = comma + 1
            beside = self.text[end : self.line_end(end)].lstrip()
            if self.text[self.line_start(start) : start].strip() or beside[:1] not in ("", "#"):
                return None
        return self.lead(start), end, self.line_end(end)

    def beside(self, path: KeyPath) -> Stretch | None:
        """Return the comment that ends the line of a pair which shares its line with others."""
        _, end = self.places.pairs[path]
        comma = self.comma(end)
        if comma is not None and "\n" not in self.text[end:comma]:
            end = comma + 1
        rest = self.text[end : self.line_end(end)]
        return self._comment_at.get(end + len(rest) - len(rest.lstrip(" \t")))

    def line_start(self, offset: int) -> int:
        """Return where the line of an offset begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Return where the line behind an offset begins, or the end of the text."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    @cached_property
    def inline(self) -> dict[KeyPath, list[KeyPath]]:
        """The pairs of each inline table, in their order, those with dotted keys among them."""
        inline: dict[KeyPath, list[KeyPath]] = {}
        for path in self.places.pairs:
            if path not in self.places.statements:
                inline.setdefault(self.container(path), []).append(path)
        return inline

    def container(self, path: KeyPath) -> KeyPath:
        """Return the inline table that a pair stands in."""
        return next(p for p in _upwards(path[:-1]) if p in self.places.values)

    def statement(self, path: KeyPath) -> KeyPath:
        """Return the statement that a path is inside of, or is."""
        return next(p for p in _upwards(path) if p in self.places.statements)

    def comma(self, offset: int) -> int | None:
        """Return where the comma behind a value is, past white space and comments."""
        while True:
            rest = _GAP.match(self.text, offset)
            offset = rest.end() if rest else offset
            if not self.text.startswith("#", offset):
                return offset if self.text.startswith(",", offset) else None
            offset = self.line_end(offset)

    def headers_below(self, path: KeyPath) -> Iterator[KeyPath]:
        """Yield a table and those in it that are written."""
        yield path
        for child in self.children.get(path, ()):
            if child not in self.places.pairs:
                yield from self.headers_below(child)

    def is_table(self, path: KeyPath) -> bool:
        """Whether a table with keys in it is written at a path."""
        start, _ = self.places.values.get(path, (0, 0))
        inside = path not in self.places.values or self.text.startswith("{", start)
        return inside and self.has_keys(path)

    def has_keys(self, path: KeyPath) -> bool:
        """Whether keys, not the elements of an array, are written below a path."""
        children = self.children.get(path)
        return children is not None and isinstance(children[0][-1], str)

    def only_headers(self, path: KeyPath) -> bool:
        """Whether a table is named in headers alone, not in dotted keys or inline tables."""
        spots = self.places.mentions.get(path, ())
        return bool(spots) and all(self.section(start).end > start for start, _ in spots)


def _upwards(path: KeyPath) -> Iterator[KeyPath]:
    for length in range(len(path), 0, -1):
        yield path[:length]
