"""One pass over a dataset: hashing, counting and judging.

The result does not depend on how many threads share the work.
"""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Final

from ...diagnostics import Finding, Related, Span, codes
from ..reading.blocks import Stream
from ..reading.opening import STDIN, Reader, Unreadable, opened, size
from ..reading.sniffing import sniff
from ..rows.calls import OBJECT, STRING
from ..rows.conversation import CONVERSATIONS
from ..rows.kind import RowKind
from .lengths import Lengths
from .measured import Measured, Statistics
from .repeats import Repeats, not_compared
from .report import Report
from .tally import Tally
from .tallying import Judge
from .threads import available, hashing, tallies

MOST: Final = 20
"""Findings of each severity that are kept, where nobody asks for more."""
_WORTH_THREADS: Final = 32 * 1024 * 1024
"""Bytes from which on starting threads is repaid."""


def measure(
    name: str,
    *,
    head: int | None = None,
    most: int | None = MOST,
    allowed: frozenset[str] = frozenset(),
    kind: RowKind = CONVERSATIONS,
    jobs: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Measured:
    """Read a dataset once, and return what it is and what is wrong with it.

    Args:
        name: the file, ``*.gz`` and ``*.zst`` decompressed; ``-`` is standard input.
        head: read only this many first rows.
        most: how many findings of each severity to keep, equal ones in many rows being one;
            the rest is counted. None: all of them, each alone, in memory that grows with them.
        allowed: the codes that are not looked for, such as ``ALLOWED_BY_REFERENCE``.
        kind: what the rows are to be.
        jobs: how many threads judge the rows; None: as many as the file is worth.
        progress: called now and then with how many bytes were read.

    Raises:
        ValueError: ``head`` is not positive.

    """
    if head is not None and head < 1:
        message = "head must be at least 1"
        raise ValueError(message)
    if jobs is None:
        jobs = available() if (size(name) or 0) >= _WORTH_THREADS else 1
    total = _Total("<stdin>" if name == STDIN else name, Judge(most, allowed, kind))
    whole: Stream | None = None
    try:
        with hashing(jobs) as digest, opened(name) as reader:
            stream = Stream(reader, head=head, digest=digest)
            if _read(stream, total, jobs, progress):
                whole = stream
    except Unreadable as error:
        whole = None
        total.report.note(0, error.finding)
    return total.measured(whole, head)


def measure_reader(
    reader: Reader, file: str, *, most: int | None = MOST, kind: RowKind = CONVERSATIONS
) -> Measured:
    """Return what ``measure`` does, of bytes that are on their way.

    Args:
        reader: the bytes; those of a file that is no JSONL are not read to their end.
        file: the name that findings give them.
        most: as for ``measure``.
        kind: as well.

    Raises:
        Unreadable: the reader does.

    """
    total = _Total(file, Judge(most, kind=kind))
    stream = Stream(reader)
    complete = _read(stream, total, 1, None)
    return total.measured(stream if complete else None, None)


def _read(
    stream: Stream, total: "_Total", jobs: int, progress: Callable[[int], None] | None
) -> bool:
    """Add up a stream, and return whether it was worth reading to its end."""
    if what := sniff(stream.start):
        total.report.note(0, Finding(codes.NOT_JSONL, (), {"what": what[0]}, hint=what[1]))
        return False
    if stream.marked:
        total.report.note(0, Finding(codes.DATASET_BYTE_ORDER_MARK))
    with closing(_tallies(stream, total.judge, jobs)) as tallies:
        for tally in tallies:
            total.add(tally)
            if progress:
                progress(stream.bytes)
    if not total.rows:
        total.report.note(0, Finding(codes.NO_ROWS))
    return True


def _tallies(stream: Stream, judge: Judge, jobs: int) -> Generator[Tally]:
    """Yield the tally of each block, in order."""
    if jobs > 1:
        yield from tallies(stream.blocks(), judge, jobs)
    else:
        for block in stream.blocks():
            yield judge.tally(block)


class _Total:
    """Adds up tallies."""

    def __init__(self, file: str, judge: Judge) -> None:
        self.judge = judge
        self.report = Report(file, judge)
        self.rows = 0
        self._file = file
        self._lines = 0
        self._roles: Counter[str] = Counter()
        self._tools = self._images = self._reasoning = 0
        self._arguments: dict[str, int] = {}
        self._lengths = Lengths()
        self._repeats = Repeats()

    def add(self, tally: Tally) -> None:
        """Add the next lines of the file."""
        self.report.add(tally.findings, self._lines)
        self.report.add_repeats(
            self._repeats.add(tally.hashes, tally.places, self._lines + 1), self._lines
        )
        for way, place in tally.arguments.items():
            self._arguments.setdefault(way, self._lines + place)
        self.rows += tally.rows
        self._lines += tally.lines
        for role, count in tally.roles.items():
            self._roles[role] += count
        self._tools += tally.tools
        self._images += tally.images
        self._reasoning += tally.reasoning
        self._lengths.add(tally.lengths)

    def measured(self, stream: Stream | None, head: int | None) -> Measured:
        """Return the result."""
        self._compare_arguments()
        if self._repeats.is_full:
            self.report.note(0, not_compared())
        statistics = Statistics(
            roles=dict(sorted(self._roles.items(), key=lambda item: (-item[1], item[0]))),
            tools=self._tools,
            images=self._images,
            reasoning=self._reasoning,
            shortest=self._lengths.shortest,
            median=self._lengths.median(),
            longest=self._lengths.longest,
            histogram=self._lengths.histogram(),
        )
        return Measured(
            file=self._file,
            rows=self.rows,
            bytes=stream.bytes if stream else 0,
            sha256=stream.sha256 if stream else None,
            statistics=statistics,
            diagnostics=self.report.diagnostics(),
            counts=self.report.counts(),
            head=head,
        )

    def _compare_arguments(self) -> None:
        """Note whether arguments of calls are written in both ways."""
        lines = {way: line + 1 for way, line in self._arguments.items()}
        if len(lines) > 1 and codes.ARGUMENTS_OF_TWO_KINDS not in self.judge.allowed:
            words = {"objects": f"{lines[OBJECT]:,}", "strings": f"{lines[STRING]:,}"}
            first, later = sorted(lines.values())
            there = Related(
                Span(first, 1, first, 1, self._file), "the first one, written differently"
            )
            finding = Finding(codes.ARGUMENTS_OF_TWO_KINDS, (), words, related=(there,))
            self.report.note(later - 1, finding)
