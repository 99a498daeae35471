"""A file of another format, row by row: what is handed on is ours, and passes our own checks."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from struct import iter_unpack
from typing import Final

from ...diagnostics import Finding, codes
from ..counting.measuring import MOST
from ..counting.report import Report
from ..counting.tallying import Judge
from ..reading.array_elements import BrokenArray, array_elements
from ..reading.blocks import LARGEST, READ, Stream
from ..reading.elements import Element, line_elements
from ..reading.exact import Inexact, as_line, exact_value
from ..reading.marks import WithoutMarks
from ..reading.opening import STDIN, Unreadable, opened
from ..reading.sniffing import is_array, sniff
from ..rows.accelerator import REST
from ..rows.conversation import CONVERSATIONS
from ..rows.grouping import Findings
from ..rows.validating import validate_row
from ..rows.verdict import at, is_error
from .converted import Converted
from .formats import converted, is_legacy
from .parts import Row, Unconvertible, refused, wrong_type

_KINDS: Final = 1000
"""Kinds of findings that are kept apart: rows may have any keys."""
_READING: Final = frozenset(
    {
        codes.ROW_NOT_UTF8,
        codes.ROW_NOT_JSON,
        codes.CUT_OFF,
        codes.ROW_NOT_FINITE,
        codes.LONE_SURROGATE,
        codes.ROW_NESTED_TOO_DEEP,
    }
)
"""What is wrong with a row whatever format it has."""


def convert(
    name: str,
    source: str,
    write: Callable[[bytes], None],
    *,
    most: int = MOST,
    progress: Callable[[int], None] | None = None,
) -> Converted:
    """Convert a file, JSONL or one JSON array, to rows of ours.

    Args:
        name: the file, ``*.gz`` and ``*.zst`` decompressed; ``-`` is standard input.
        source: its format, a key of ``FORMATS``.
        write: takes lines as they are made; rows with an error are not among them.
        most: how many kinds of findings of each severity to keep; the rest is counted.
        progress: called now and then with how many bytes were read.

    """
    run = _Run("<stdin>" if name == STDIN else name, source, write, most)
    complete = False
    try:
        with opened(name) as reader:
            unmarked = WithoutMarks(reader)
            stream = Stream(unmarked)
            before = unmarked.marks * len(BOM_UTF8)
            for element in run.elements(stream):
                run.add(element._replace(offset=element.offset + before) if before else element)
                if progress:
                    progress(stream.bytes)
            complete = not run.broken
    except Unreadable as error:
        run.report.note(0, error.finding)
    return run.converted(complete=complete)


class _Run:
    """One file on its way."""

    def __init__(self, file: str, source: str, write: Callable[[bytes], None], most: int) -> None:
        self.report = Report(file, Judge(most))
        self.broken = False
        self._file, self._source, self._write = file, source, write
        self._findings = Findings(most, kinds=_KINDS)
        self._rows = self._written = self._size = 0
        self._made: list[tuple[Element, bytes]] = []
        self._is_legacy = False

    def elements(self, stream: Stream) -> Iterator[Element]:
        """Yield the rows of a file; what it is instead, or where it breaks off, is noted."""
        if is_array(stream.start):
            try:
                yield from array_elements(stream)
            except BrokenArray as error:
                self.broken = True
                self.report.note(error.line, in_element(error.finding, error.number))
        elif what := sniff(stream.start):
            self.broken = True
            self.report.note(0, Finding(codes.NOT_JSONL, (), {"what": what[0]}, hint=what[1]))
        else:
            yield from line_elements(stream)

    def add(self, element: Element) -> None:
        """Convert a row, or note why it cannot be."""
        self._rows += 1
        notes: list[Finding] = []
        try:
            made = self._line_of(element, notes)
        except Unconvertible as error:
            self._note(element, [error.finding])
            return
        self._note(element, notes)
        self._made.append((element, made))
        self._size += len(made)
        if self._size > READ:
            self._flush()

    def converted(self, *, complete: bool) -> Converted:
        """Return the result."""
        self._flush()
        if complete and not self._rows:
            self.report.note(0, Finding(codes.NO_ROWS))
        elif complete and self._source == "openai-legacy" and not self._is_legacy:
            self.report.note(0, Finding(codes.ALREADY_OURS))
        self.report.add(self._findings, 0)
        return Converted(
            file=self._file,
            source=self._source,
            rows=self._rows,
            written=self._written,
            complete=complete,
            diagnostics=self.report.diagnostics(),
            counts=self.report.counts(),
        )

    def _line_of(self, element: Element, notes: list[Finding]) -> bytes:
        """Return our row for a source row, as a line."""
        if element.text is None:
            reason = f"it is longer than {LARGEST:,} bytes"
            raise Unconvertible(refused((), reason))
        try:
            value = exact_value(element.text.decode())
        except (Inexact, UnicodeDecodeError):
            raise Unconvertible(_unreadable(element)) from None
        if not isinstance(value, dict):
            wrong_type((), "an object", value)
        self._is_legacy = self._is_legacy or is_legacy(value)
        row: Row = converted(value, self._source, notes)
        try:
            return as_line(row)
        except Inexact:
            raise Unconvertible(_unreadable(element)) from None

    def _flush(self) -> None:
        """Write the rows that were made, but for those that our own checks refuse."""
        text = b"".join(line for _, line in self._made)
        doubtful = {
            place for _, _, _, place, *_ in iter_unpack(REST, CONVERSATIONS.sift(text).rest)
        }
        good = []
        for place, (element, line) in enumerate(self._made):
            found = validate_row(line.rstrip(b"\n")).findings if place in doubtful else []
            # The paths are those of the row that was made; the line is that of its source.
            self._note(element, [replace(finding, span=at(element.column)) for finding in found])
            if not any(map(is_error, found)):
                good.append(line)
        self._written += len(good)
        self._made, self._size = [], 0
        if good:
            self._write(b"".join(good))

    def _note(self, element: Element, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if element.number is None:
                self._findings.note(element.line, finding, element.text)
                continue
            placed = replace(finding, span=at(element.column))
            self._findings.note(element.line, in_element(placed, element.number))


def in_element(finding: Finding, number: int) -> Finding:
    """Return a finding that says which element of an array it is about; 0 is none."""
    if not number:
        return finding
    words = finding.words
    if "what" in words:
        element = f"element {number:,}"
        what = element if words["what"] == "the row" else f"{words['what']} of {element}"
        return replace(finding, words=words | {"what": what})
    where = f"this is element {number:,}"
    return replace(finding, hint=f"{finding.hint}; {where}" if finding.hint else where)


def _unreadable(element: Element) -> Finding:
    """Return why a row cannot be read, or not without losing something."""
    text = element.text or b""
    found = validate_row(text, offset=element.offset, ended=element.ended).findings
    for finding in found:
        if finding.code in _READING:
            return finding
    for finding in found:
        if finding.code == codes.KEY_TWICE:
            return refused(finding.path[:-1], f"it has `{finding.path[-1]}` twice")
    # In JSON inside of JSON, which nobody looks into but for calls and tools.
    return refused((), "it has a lone surrogate, or is nested more than 250 levels deep")
