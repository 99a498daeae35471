"""Rows as a model is trained on them: tokens and labels, as ``sftc data show`` shows them.

It needs the tokenizer's libraries, and neither torch nor transformers: the processes that read
the rows load only what they need.
"""

import os
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from ..datasets.reading.blocks import Stream
from ..datasets.reading.opening import Unreadable, opened
from ..datasets.tokens import IGNORED, TokenizerFiles
from ..datasets.tokens.block import read_rows
from ..datasets.tokens.labels import labels
from ..datasets.tokens.processes import answers
from ..datasets.tokens.row import RowReader, RowTokens
from ..datasets.tokens.rows import lines
from ..diagnostics import Finding, codes
from ..diagnostics.catalogue import diagnose

_BY_PROCESS: Final = 4_000_000
"""Bytes of a dataset from which on one more process pays."""
_IDS: Final = "i"
"""The type of token ids and labels in arrays: 32 bits."""


class RowsError(Exception):
    """A dataset cannot be trained on.

    Attributes:
        code: the code of the finding.
        line: the line that it is about, from 1; None if it is about all.

    """

    def __init__(self, message: str, code: str, line: int | None = None) -> None:
        super().__init__(message)
        self.code, self.line = code, line


class Row(NamedTuple):
    """A row.

    Attributes:
        ids: its tokens.
        labels: for each of them itself if it is learned, else -100.

    """

    ids: "array[int]"
    labels: "array[int]"


@dataclass(slots=True)
class Rows:
    """The rows of a dataset that teach something, in its order.

    Attributes:
        rows: the rows.
        dropped: how many have nothing to learn, or none of it before the cut.
        cut: how many are cut.
        odd: how many have what is worth a note, by what it is.

    """

    rows: list[Row] = field(default_factory=list)
    dropped: int = 0
    cut: int = 0
    odd: Counter[str] = field(default_factory=Counter)

    @property
    def tokens(self) -> int:
        """The tokens of all rows."""
        return sum(len(row.ids) for row in self.rows)

    @property
    def learned(self) -> int:
        """The tokens that are learned; a label at the first place has nothing to follow from."""
        return sum(len(row.labels) - 1 - row.labels[1:].count(IGNORED) for row in self.rows)

    def facts(self, name: str) -> dict[str, object]:
        """Return the counts as a journal has them."""
        return {
            "name": name,
            "rows": len(self.rows),
            "dropped": self.dropped,
            "cut": self.cut,
            "tokens": self.tokens,
            "learned": self.learned,
        }


def tokenized(path: Path, files: TokenizerFiles, length: int | None, processes: int) -> Rows:
    """Return the rows of a dataset.

    Args:
        path: the dataset, JSONL.
        files: the tokenizer and its chat template.
        length: tokens that rows are cut to; None: no row is cut.
        processes: the most processes that may share the work.

    Raises:
        RowsError: a row is not what a trainer takes, its template refuses it or cannot tell what
            is learned, or no row is left.

    """
    found = Rows()
    jobs = min(processes, 1 + path.stat().st_size // _BY_PROCESS)
    for line, seen in _seen(path, files, jobs):
        if isinstance(seen, str):
            raise RowsError(f"{path.name}, line {line:,}: {seen}", codes.ROW_NOT_TOKENIZED, line)
        if seen.refused is not None or seen.ids is None:
            words = {"template": files.template, "reason": seen.refused or "it has no tokens"}
            raise _error(Finding(codes.TEMPLATE_REFUSES_ROW, (), words), path, line)
        if seen.learned is None:
            words = {"template": files.template, "rows": "this row", "reason": seen.why_unknown}
            raise _error(Finding(codes.LEARNED_UNTOLD, (), words), path, line)
        found.odd.update(f"the chat template drops its {what}" for what in seen.dropped)
        found.odd.update(["it contains the text of a special token"] if seen.special else [])
        _add(found, seen, length)
    if not found.rows:
        raise RowsError(f"{path.name} has no row with a token in the loss", codes.NOTHING_LEARNED)
    return found


def _add(found: Rows, seen: RowTokens, length: int | None) -> None:
    ids = seen.ids or ()
    row = Row(array(_IDS, ids[:length]), array(_IDS, labels(ids, seen.learned or ())[:length]))
    if row.labels[1:].count(IGNORED) == len(row.labels) - 1 or not row.labels:
        found.dropped += 1
        return
    found.cut += len(row.ids) < len(ids)
    found.rows.append(row)


def _seen(path: Path, files: TokenizerFiles, jobs: int) -> Iterator[tuple[int, RowTokens | str]]:
    """Yield each row with its line, or why it has no tokens."""
    try:
        with opened(os.fspath(path)) as reader:
            blocks = lines(Stream(reader, head=None))
            with closing(answers(blocks, _learnable, partial(RowReader, files), jobs)) as answered:
                for block, answer in answered:
                    for place, row in answer or [(0, "its process crashed, or took too long")]:
                        yield block.first + place, row
    except Unreadable as error:
        found = diagnose(error.finding, path.name)
        raise RowsError(f"{path.name}: {found.message}", found.code) from None


def _learnable(reader: RowReader, text: bytes) -> list[tuple[int, RowTokens | str]]:
    """Return the rows of lines without what only people look at, up to one that has no tokens."""
    found: list[tuple[int, RowTokens | str]] = []
    for place, row in read_rows(reader.read, text, reader.kind):
        if row is None:
            found.append((place, "the trainer rejects it; run `sftc data` to see why"))
            break
        found.append(
            (
                place,
                RowTokens(
                    amount=row.amount,
                    ids=row.ids,
                    refused=row.refused,
                    learned=row.learned,
                    why_unknown=row.why_unknown,
                    dropped=row.dropped,
                    special=row.special,
                ),
            )
        )
    return found


def _error(finding: Finding, path: Path, line: int) -> RowsError:
    found = diagnose(finding, path.name)
    return RowsError(f"{path.name}, line {line:,}: {found.message}", found.code, line)
