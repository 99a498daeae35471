"""One pass over a dataset for its tokens: counted on all cores, in constant memory, in order."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from ...diagnostics import Diagnostic, Finding, Severity, codes
from ...diagnostics.catalogue import diagnose
from ..counting.lengths import Lengths
from ..counting.measured import Measured, Tokens
from ..counting.measuring import MOST, measure
from ..counting.threads import available
from ..reading.blocks import Stream
from ..reading.opening import STDIN, Unreadable, opened, size
from ..rows.conversation import CONVERSATIONS
from ..rows.kind import RowKind
from .block import UNKNOWN, BlockTokens, count
from .noting import Notes
from .processes import answers
from .row import RowReader
from .rows import Lines, lines
from .tokenizer import TokenizerFiles

_WORTH_PROCESSES: Final = 1024 * 1024
"""Bytes from which on the start of several processes is repaid."""
_PERCENTILES: Final = (5, 25, 50, 75, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Counted:
    """What counting the tokens of a dataset gives.

    Attributes:
        tokens: the tokens.
        diagnostics: what is added up over the file, and the first findings of each severity
            about rows, errors first, by line; equal ones of many rows are one.
        counts: how many findings there are by severity, those that are not among the
            diagnostics included.
        sha256: the digest of what was read; None if it could not all be read.

    """

    tokens: Tokens
    diagnostics: tuple[Diagnostic, ...]
    counts: Mapping[Severity, int]
    sha256: str | None

    def added_to(self, measured: Measured) -> Measured:
        """Return what was measured with its tokens, and the findings of both passes."""
        more = list(self.diagnostics)
        counts = Counter(self.counts)
        if self.sha256 not in {None, measured.sha256}:
            more.append(diagnose(Finding(codes.CHANGED_WHILE_READ), measured.file))
            counts[more[-1].severity] += 1
        return replace(measured.also(more, counts), tokens=self.tokens)


def measure_tokens(
    name: str,
    files: TokenizerFiles,
    *,
    length: int | None = None,
    head: int | None = None,
    most: int | None = MOST,
) -> Measured:
    """Read a dataset twice, and return what it is, its tokens too, and what is wrong with it.

    Args:
        name: the file; ``*.gz`` and ``*.zst`` are decompressed as they are read.
        files: the tokenizer.
        length: cut rows to so many tokens.
        head: read only this many first rows.
        most: how many kinds of findings of each severity to keep, of rows and of their tokens;
            None: all findings, each alone.

    """
    measured = measure(name, head=head, most=most)
    if measured.sha256 is None:
        return measured
    counted = count_tokens(name, files, length=length, head=head, most=most, judged=True)
    return counted.added_to(measured)


def count_tokens(
    name: str,
    files: TokenizerFiles,
    *,
    length: int | None = None,
    head: int | None = None,
    most: int | None = MOST,
    judged: bool = False,
    kind: RowKind = CONVERSATIONS,
    jobs: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Counted:
    """Read a dataset once, and return what it has in tokens.

    Rows that are not what the trainer takes have none; ``measure`` says what is wrong with them.

    Args:
        name: the file, as ``measure`` takes it.
        files: the tokenizer.
        length: cut rows to so many tokens.
        head: read only this many first rows.
        most: how many kinds of findings of each severity to keep; the rest is counted. None:
            all findings, each alone.
        judged: whether the rows are judged as well, strictly, which says of a row that it has no
            turn of the assistant.
        kind: what the rows are.
        jobs: how many processes share the work; None: as many as the file is worth.
        progress: called now and then with how many bytes were read.

    """
    if jobs is None:
        jobs = available() if (size(name) or 0) >= _WORTH_PROCESSES else 1
    notes = Notes("<stdin>" if name == STDIN else name, files.template, length, most, judged=judged)
    total = _Total(files.name, length, notes)
    sha256 = None
    try:
        with opened(name) as reader:
            stream = Stream(reader, head=head)
            work = partial(count, length=length)
            with closing(
                answers(lines(stream), work, partial(RowReader, files, kind), jobs)
            ) as answered:
                for block, answer in answered:
                    total.add(block, answer)
                    if progress:
                        progress(stream.bytes)
                    if answer is not None and answer.stuck:
                        break
                else:
                    sha256 = stream.sha256
    except Unreadable as error:
        total.notes.unreadable(error.finding)
    return total.counted(sha256)


class _Total:
    """Adds up blocks."""

    def __init__(self, tokenizer: str, length: int | None, notes: Notes) -> None:
        self._tokenizer, self._length = tokenizer, length
        self.notes = notes
        self._lengths = Lengths()
        self._sums: Counter[str] = Counter()

    def add(self, block: Lines, answer: BlockTokens | None) -> None:
        """Add the next lines of the file."""
        if answer is None:
            self.notes.lost(block)
            return
        sums, length = self._sums, self._length
        sums["rows"] += len(answer.tokens)
        sums["tokens"] += sum(answer.tokens)
        self._lengths.add(answer.tokens)
        odd = dict(answer.odd)
        rows = zip(answer.places, answer.tokens, answer.learned, answer.kept, strict=True)
        for place, tokens, learned, kept in rows:
            line = block.first + place
            if length is not None and tokens > length:
                sums["cut"] += 1
                sums["tokens_cut"] += tokens - length
                self.notes.cut(line, tokens - length)
            if learned == UNKNOWN:
                sums["unknown"] += 1
                self.notes.labels_unknown(line, odd[place].why_unknown)
            else:
                sums["known"] += 1
                sums["trained"] += kept
                if not kept:
                    sums["unlabelled"] += 1
                    self.notes.nothing_learned(line, learned, odd.get(place))
        for place, row in answer.odd:
            sums["refused"] += row.refused is not None
            sums["dropped"] += bool(row.dropped)
            self.notes.odd(block.first + place, row)
        if answer.stuck:
            self.notes.stuck(block.first + answer.odd[-1][0])

    def counted(self, sha256: str | None) -> Counted:
        """Return the result."""
        sums, lengths = self._sums, self._lengths
        known = sums["known"] > 0 or not sums["rows"]
        percentiles = {
            "min": lengths.shortest,
            **{f"p{share}": lengths.percentile(share) for share in _PERCENTILES},
            "max": lengths.longest,
        }
        tokens = Tokens(
            tokenizer=self._tokenizer,
            sequence_length=self._length,
            rows=sums["rows"],
            total=sums["tokens"],
            cut=sums["tokens_cut"],
            trained=sums["trained"] if known else None,
            rows_refused=sums["refused"],
            rows_cut=sums["cut"],
            rows_without_labels=sums["unlabelled"] if known else None,
            rows_labels_unknown=sums["unknown"],
            rows_tools_dropped=sums["dropped"],
            percentiles=percentiles if sums["rows"] else {},
            histogram=lengths.histogram(),
        )
        return Counted(tokens, self.notes.diagnostics(), self.notes.counts(), sha256)
