"""A file repaired as it is read, and checked as it is handed on, in one pass."""

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from struct import iter_unpack
from typing import Any, Final

from ...diagnostics import Diagnostic, Finding, Severity, codes
from ...diagnostics.catalogue import diagnose
from ..converting.converting import in_element
from ..counting.measured import Measured
from ..counting.measuring import MOST, measure_reader
from ..reading.array_elements import BrokenArray, array_elements
from ..reading.blocks import BLANK, READ, LargeLine, Stream
from ..reading.marks import WithoutMarks
from ..reading.opening import STDIN, Reader, Unreadable, opened
from ..reading.sniffing import is_array, sniff
from ..rows.accelerator import REST
from ..rows.conversation import CONVERSATIONS
from ..rows.kind import RowKind
from ..rows.verdict import at
from . import repairs
from .encodings import Utf8Reader
from .repaired_row import repaired
from .repairs import Legacy, Repair, Repairs

_LEGACY: Final = re.compile(rb'"function(?:s|_call)?"')
"""What stands in a good row that may be repaired all the same."""
_LINE_END: Final = re.compile(rb"[ \t]*[\r\n][ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file that was repaired.

    Attributes:
        file: its name.
        changes: what was changed; nothing if the file could not be read to its end.
        measured: what was handed on, and what is still wrong with it; None if the file could not
            be read to its end.
        problem: why it could not.
        legacy: rows whose legacy functions, calls or answers are left.
        source: the other format that most rows are in, as ``sftc data convert --from`` takes it.

    """

    file: str
    changes: tuple[Repair, ...]
    measured: Measured | None
    problem: Diagnostic | None = None
    legacy: Legacy | None = None
    source: str | None = None

    @property
    def valid(self) -> bool:
        """Whether no error is left."""
        return self.measured is not None and self.measured.valid

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is still wrong, or why the file could not be read."""
        if self.measured is not None:
            return self.measured.diagnostics
        return () if self.problem is None else (self.problem,)

    @property
    def unseen(self) -> Mapping[Severity, int]:
        """How many findings are not among the diagnostics, by severity."""
        return self.measured.unseen if self.measured is not None else {}

    def facts(self) -> dict[str, Any]:
        """Return all but the findings, for JSON."""
        measured = self.measured
        facts = measured.facts() if measured else {"errors": 1, "warnings": 0, "notes": 0}
        numbers = {key: facts[key] for key in ("errors", "warnings", "notes")}
        return {
            "file": self.file,
            "complete": measured is not None,
            "rows": measured.rows if measured else 0,
            "changes": [change.facts() for change in self.changes],
            "legacy": self.legacy.facts() if self.legacy else None,
            "source": self.source,
            **numbers,
        }


def fix(
    name: str,
    write: Callable[[bytes], None],
    *,
    to: str | None = None,
    most: int | None = MOST,
    kind: RowKind = CONVERSATIONS,
    progress: Callable[[int], None] | None = None,
) -> Fixed:
    """Repair a file, JSONL or one JSON array.

    Args:
        name: the file, ``*.gz`` and ``*.zst`` decompressed; ``-`` is standard input.
        write: takes the bytes of the repaired file as they are made.
        to: the name of that file, in which what is still wrong is to be found.
        most: how many findings of each severity to keep of what is still wrong.
        kind: what the rows are to be.
        progress: called now and then with how many bytes were read.

    """
    file = "<stdin>" if name == STDIN else name
    done = Repairs()
    try:
        with opened(name) as reader:
            repairing = _Repairing(_utf8(reader, done), done, write, progress, kind)
            measured = measure_reader(repairing, to or file, most=most, kind=kind)
            repairing.drain()
        source = done.source(measured.rows)
        return Fixed(file, done.all(), measured, legacy=done.legacy, source=source)
    except Unreadable as error:
        return Fixed(file, (), None, diagnose(error.finding, file))
    except BrokenArray as error:
        line = error.line + 1
        span = (error.finding.span or at(1))._replace(line=line, end_line=line, document=file)
        finding = replace(in_element(error.finding, error.number), span=span)
        return Fixed(file, (), None, diagnose(finding, file))


def _utf8(reader: Reader, done: Repairs) -> Stream:
    utf8 = Utf8Reader(reader)
    if utf8.recoded:
        done.note(repairs.UTF16, 0)
    unmarked = WithoutMarks(utf8)
    if unmarked.marks:
        done.note(repairs.MARK, 0, unmarked.marks)
    return Stream(unmarked)


class _Repairing:
    """The repaired bytes of a file, which are handed on as they are read."""

    def __init__(
        self,
        stream: Stream,
        done: Repairs,
        write: Callable[[bytes], None],
        progress: Callable[[int], None] | None,
        kind: RowKind,
    ) -> None:
        self._stream, self._done, self._write, self._progress = stream, done, write, progress
        self._kind = kind
        self._line = 0
        self._rest = memoryview(b"")
        self._pieces = self._repaired()

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
            if self._rest:
                self._write(bytes(self._rest))
            if self._progress:
                self._progress(self._stream.bytes)
        piece, self._rest = self._rest[:size], self._rest[size:]
        return bytes(piece)

    def drain(self) -> None:
        """Hand on the rest."""
        while self.read(READ):
            pass

    def _repaired(self) -> Iterator[bytes]:
        """Yield the pieces of the file, none of them empty."""
        start = self._stream.start
        if is_array(start):
            yield from self._elements()
            return
        if what := sniff(start):
            raise Unreadable(Finding(codes.NOT_JSONL, (), {"what": what[0]}, hint=what[1]))
        for block in self._stream.blocks():
            if isinstance(block, LargeLine):
                yield from self._large(block)
                self._line += 1
            else:
                yield self._block(block.text)

    def _elements(self) -> Iterator[bytes]:
        """Yield the elements of an array as lines."""
        comma = partial(self._done.note, repairs.COMMAS)
        for element in array_elements(self._stream, comma=comma):
            self._done.note(repairs.ARRAY, element.line)
            # A line end is white space between two tokens: in a text it would be an escape.
            row = _LINE_END.sub(b" ", element.text or b"")
            yield self._row(row, element.line) + b"\n"

    def _large(self, block: LargeLine) -> Iterator[bytes]:
        """Yield a line that is too large to be repaired, with its line end alone."""
        rest = b""
        for piece in block.pieces:
            text = rest + piece
            rest = b""
            if text.endswith(b"\r\n"):
                text = text[:-2] + b"\n"
                self._done.note(repairs.LINE_ENDS, self._line)
            elif text.endswith(b"\r"):
                text, rest = text[:-1], b"\r"
            if text:
                yield text
        if rest:
            yield rest

    def _block(self, text: bytes) -> bytes:
        """Return whole lines, repaired."""
        doubtful = {place for _, _, _, place, *_ in iter_unpack(REST, self._kind.sift(text).rest)}
        if not doubtful and b"\r" not in text and not _LEGACY.search(text):
            self._line += text.count(b"\n")
            return text
        *lines, last = text.split(b"\n")
        lines_after = [self._row_in(line, place, doubtful) for place, line in enumerate(lines)]
        if last:  # the end of the file
            row = last.rstrip(BLANK)
            kept = self._row(row, self._line + len(lines)) if row else row
            lines_after.append(kept + last[len(row) :])
        else:
            lines_after.append(b"")
        self._line += len(lines)
        return b"\n".join(lines_after)

    def _row_in(self, line: bytes, place: int, doubtful: Container[int]) -> bytes:
        """Return a line, repaired if it needs to be."""
        if line.endswith(b"\r"):
            line = line[:-1]
            self._done.note(repairs.LINE_ENDS, self._line + place)
        if place in doubtful or _LEGACY.search(line):
            return self._row(line, self._line + place)
        return line

    def _row(self, line: bytes, number: int) -> bytes:
        row = repaired(line, self._kind)
        for kind, count in row.changes.items():
            self._done.note(kind, number, count)
        if row.source is not None:
            self._done.of_format(row.source)
        if row.legacy is not None:
            self._done.leave(number, row.legacy)
        return row.text
