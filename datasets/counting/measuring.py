"""One pass over a dataset: hashing, counting and judging, with the findings in order.

The result does not depend on how many threads share the work.
"""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace

from ...diagnostics import Diagnostic, Finding, Related, Severity, Span, codes
from ...diagnostics.catalogue import CODES, diagnose
from ..reading.blocks import Stream
from ..reading.opening import STDIN, Unreadable, opened, size
from ..reading.sniffing import sniff
from .lengths import Lengths
from .measured import Measured, Statistics
from .repeats import Repeats
from .tally import Tally
from .tallying import tally_block
from .threads import available, tallies

_MOST = 20
_WORTH_THREADS = 32 * 1024 * 1024
"""Bytes from which on starting threads is repaid."""
_START = Span(1, 1, 1, 1, "")


def measure(
    name: str,
    *,
    head: int | None = None,
    most: int = _MOST,
    jobs: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Measured:
    """Read a dataset once, and return what it is and what is wrong with it.

    Args:
        name: the file, ``*.gz`` and ``*.zst`` decompressed; ``-`` is standard input.
        head: read only this many first rows.
        most: how many findings to keep; the rest is counted.
        jobs: how many threads judge the rows; None: as many as the file is worth.
        progress: is told now and then how many bytes were read.

    Raises:
        ValueError: ``head`` is not positive.

    """
    if head is not None and head < 1:
        message = "head must be at least 1"
        raise ValueError(message)
    if jobs is None:
        jobs = available() if (size(name) or 0) >= _WORTH_THREADS else 1
    total = _Total(name, most)
    whole: Stream | None = None
    try:
        with opened(name) as reader:
            stream = Stream(reader, head=head)
            complete = _read(stream, total, most, jobs, progress)
        whole = stream if complete else None
    except Unreadable as error:
        total.note(-total.lines, error.finding)
    return total.measured(whole, head)


def _read(
    stream: Stream,
    total: "_Total",
    most: int,
    jobs: int,
    progress: Callable[[int], None] | None,
) -> bool:
    """Add up a stream, and return whether it was worth reading to its end."""
    if what := sniff(stream.start):
        total.note(0, Finding(codes.NOT_JSONL, (), {"what": what[0]}, hint=what[1]))
        return False
    if stream.marked:
        total.note(0, Finding(codes.DATASET_BYTE_ORDER_MARK))
    with closing(_tallies(stream, most, jobs)) as tallies:
        for tally in tallies:
            total.add(tally)
            if progress:
                progress(stream.bytes)
    if not total.rows:
        total.note(-total.lines, Finding(codes.NO_ROWS))
    return True


def _tallies(stream: Stream, most: int, jobs: int) -> Generator[Tally]:
    """Yield the tally of each block, in order."""
    if jobs > 1:
        yield from tallies(stream.blocks(), most, jobs)
    else:
        for block in stream.blocks():
            yield tally_block(block, most)


class _Total:
    """Adds up tallies, and puts findings in their places."""

    def __init__(self, name: str, most: int) -> None:
        self.rows = 0
        self.lines = 0
        self._file = "<stdin>" if name == STDIN else name
        self._most = most
        self._roles: Counter[str] = Counter()
        self._tools = self._images = self._reasoning = 0
        self._lengths = Lengths()
        self._repeats = Repeats()
        self._diagnostics: list[Diagnostic] = []
        self._unseen: Counter[Severity] = Counter()

    def add(self, tally: Tally) -> None:
        """Add the next lines of the file."""
        found = tally.found
        for place, first in self._repeats.add(tally.hashes, tally.places, self.lines + 1):
            same = Related(Span(first, 1, first, 1, self._file), "the first such row")
            words = {"first": f"{first:,}"}
            found.append((place, Finding(codes.ROW_TWICE, (), words, related=(same,))))
        found.sort(key=lambda located: located[0])
        for place, finding in found:
            self.note(place, finding)
        self._unseen += tally.unseen
        self.rows += tally.rows
        self.lines += tally.lines
        self._roles += tally.roles
        self._tools += tally.tools
        self._images += tally.images
        self._reasoning += tally.reasoning
        self._lengths.add(tally.lengths)

    def note(self, place: int, finding: Finding) -> None:
        """Keep a finding that is ``place`` lines below the last tally's, or count it."""
        if len(self._diagnostics) >= self._most:
            self._unseen[CODES[finding.code].severity] += 1
            return
        line = self.lines + place + 1
        span = (finding.span or _START)._replace(line=line, end_line=line, document=self._file)
        self._diagnostics.append(diagnose(replace(finding, span=None), span))

    def measured(self, stream: Stream | None, head: int | None) -> Measured:
        """Return the result."""
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
            diagnostics=tuple(self._diagnostics),
            unseen=dict(self._unseen),
            head=head,
        )
