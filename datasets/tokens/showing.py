"""Rows as a model sees them, one by one: what a person looks at, or another program takes."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from ...diagnostics import Finding, codes
from ..reading.blocks import Stream
from ..reading.opening import Unreadable, opened
from ..reading.sniffing import sniff
from ..rows.conversation import CONVERSATIONS
from ..rows.kind import RowKind
from .block import show
from .labels import Stretch, labels
from .processes import answers
from .row import RowReader, RowTokens
from .rows import Lines, lines, split
from .tokenizer import TokenizerFiles


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of a file.

    Attributes:
        number: which row of the file, from 1; blank lines are none.
        line: the line that it stands in, from 1.
        tokens: the row as a model sees it; None if it is not what the trainer takes, or is lost.

    """

    number: int
    line: int
    tokens: RowTokens | None

    @property
    def refused(self) -> str | None:
        """Why it has no tokens; None if it has some."""
        if self.tokens is None:
            return "the trainer rejects it; run `sftc data` to see why"
        return self.tokens.refused

    def cut(self, length: int) -> "ShownRow":
        """Return what is left of it when it is cut to so many tokens."""
        return self if self.tokens is None else replace(self, tokens=self.tokens.cut(length))

    @property
    def labels(self) -> list[int] | None:
        """The label of each token; None where they are unknown."""
        row = self.tokens
        if row is None or row.ids is None or row.learned is None:
            return None
        return labels(row.ids, row.learned)

    def parts(self) -> Sequence[tuple[str, bool | None]]:
        """Return the text in parts, with whether each is learned; None: nobody can tell."""
        row = self.tokens
        if row is None or row.text is None:
            return ()
        if row.learned is None:
            return ((row.text, None),)
        found: list[tuple[str, bool | None]] = []
        at = 0
        for start, stop in _spans(row):
            if start > at:
                found.append((row.text[at:start], False))
            found.append((row.text[max(start, at) : stop], True))
            at = stop
        return [*found, (row.text[at:], False)] if at < len(row.text) else found


def shown_rows(
    name: str, files: TokenizerFiles, first: int, last: int, kind: RowKind = CONVERSATIONS
) -> Iterator[ShownRow]:
    """Yield rows of a file, as a model sees them.

    Args:
        name: the file.
        files: the tokenizer.
        first: the number of the first row, from 1.
        last: that of the last one.
        kind: what the rows are.

    Raises:
        Unreadable: the file cannot be read, or is no JSONL.

    """
    with opened(name) as source:
        stream = Stream(source, head=last)
        if what := sniff(stream.start):
            raise Unreadable(Finding(codes.NOT_JSONL, (), {"what": what[0]}, hint=what[1]))
        wanted = _Wanted(first)
        reader = partial(RowReader, files, kind)
        with closing(answers(wanted.of(lines(stream)), show, reader, 1)) as answered:
            for block, answer in answered:
                for place, row in answer or [(0, None)]:
                    line = block.first + place
                    yield ShownRow(wanted.numbers.pop(line), line, row)


class _Wanted:
    """Leaves out the rows before the first one that is wanted.

    Attributes:
        numbers: the number of each row that was let through, by its line.

    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._number = 0
        self.numbers: dict[int, int] = {}

    def of(self, blocks: Iterator[Lines]) -> Iterator[Lines]:
        """Yield what is wanted, a row at a time."""
        for block in blocks:
            rows = [(0, None)] if block.text is None else split(block.text)
            for place, row in rows:
                self._number += 1
                if self._number >= self._first:
                    self.numbers[block.first + place] = self._number
                    yield Lines(row, block.first + place)


def _spans(row: RowTokens) -> Iterator[Stretch]:
    """Yield where in the text the learned tokens stand."""
    for start, stop in row.learned or ():
        yield row.offsets[start][0], row.offsets[stop - 1][1]
