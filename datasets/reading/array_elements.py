"""The elements of a file that is one JSON array, each as its text, in constant memory."""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from ...diagnostics import Finding, Span, codes
from .blocks import LARGEST, LargeLine, Stream
from .elements import Element
from .json_mistakes import not_json
from .trailing_commas import trailing_commas, without

_NEAR: Final = 64
"""Characters before the end of what was read in which a mistake may only be a value cut in two."""
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_find_end = json.JSONDecoder(
    parse_int=len, parse_float=len, parse_constant=len, object_pairs_hook=len
).raw_decode


class BrokenArray(Exception):  # noqa: N818 - what it carries is a finding
    """The array cannot be read any further.

    Attributes:
        finding: why.
        line: the 0-based line.
        number: the element, from 1; 0 where it is none.

    """

    def __init__(self, finding: Finding, line: int, number: int) -> None:
        """Keep where and why."""
        super().__init__(finding)
        self.finding, self.line, self.number = finding, line, number


def array_elements(
    stream: Stream, *, comma: Callable[[int], None] | None = None
) -> Iterator[Element]:
    """Yield the elements of a file that is one JSON array.

    Args:
        stream: the file.
        comma: called with the 0-based line of each comma before a closing bracket, which is passed
            over; None: it is a mistake.

    Raises:
        BrokenArray: it is not JSON, or has an element too large to be kept.

    """
    return _Array(stream, comma).elements()


class _Array:
    """A place in an array of which only a part is in memory."""

    def __init__(self, stream: Stream, comma: Callable[[int], None] | None) -> None:
        self._pieces = _pieces(stream)
        self._comma = comma
        self._bytes = 0
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._text = ""
        self._at = 0
        self._line = 0
        self._counted = 0  # characters of the text whose lines are counted
        self._column = 0  # characters of the current line before the text
        self._number = 0
        self._ended = False
        self._damage: Finding | None = None  # where the bytes go on that are no text

    def elements(self) -> Iterator[Element]:
        self._take("[")
        if self._peek() != "]":
            self._number = 1
            yield self._element()
            while self._goes_on():
                self._number += 1
                yield self._element()
        self._take("]")
        self._number = 0
        if self._peek():
            raise self._mistake("Extra data", self._at)

    def _goes_on(self) -> bool:
        """Go past the comma behind an element, if another element follows."""
        if self._peek() != ",":
            return False
        line, _ = self._place()
        self._at += 1
        if self._peek() != "]":
            return True
        if self._comma is None:
            raise self._mistake(
                "Illegal trailing comma", max(self._text.rfind(",", 0, self._at), 0)
            )
        self._comma(line)
        return False

    def _element(self) -> Element:
        self._peek()
        while True:
            try:
                _, end = _find_end(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._repair():
                    continue
                cut = error.msg.startswith("Unterminated") or len(self._text) - error.pos < _NEAR
                place = error.pos - self._at  # reading on drops what stands before
                if cut and self._double():
                    continue
                raise self._mistake(error.msg, self._at + place) from None
            except RecursionError:
                raise self._broken(Finding(codes.ROW_NESTED_TOO_DEEP)) from None
            if end < len(self._text) or not self._double():
                break
        line, column = self._place()
        text = self._text[self._at : end]
        self._at = end
        return Element(text.encode(), line, column, self._number)

    def _repair(self) -> bool:
        """Drop the commas before closing brackets from here on; whether there were any."""
        found = trailing_commas(self._text, self._at) if self._comma else []
        if not found or not self._comma:
            return False
        line, column = self._place()
        last = self._at
        for place in found:
            line += self._text.count("\n", last, place)
            last = place
            self._comma(line)
        self._text = without(self._text, found)[self._at :]
        self._column = column - 1
        self._at = self._counted = 0
        return True

    def _peek(self) -> str:
        """Return the next character that is not white space; empty at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def _take(self, char: str) -> None:
        if self._peek() != char:
            raise self._mistake("Expecting ',' delimiter", self._at)
        self._at += 1

    def _place(self) -> tuple[int, int]:
        """Return the 0-based line and the 1-based column of the current place."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        start = self._text.rfind("\n", 0, self._at) + 1
        return self._line, self._at - start + 1 + (0 if start else self._column)

    def _double(self) -> bool:
        """Have twice as much of the text in memory; False at the end."""
        wanted = 2 * (len(self._text) - self._at)
        if wanted > 2 * LARGEST:
            raise self._broken(_too_large())
        read = False
        while len(self._text) - self._at < wanted and self._more():
            read = True
        return read

    def _more(self) -> bool:
        if self._damage:
            raise self._broken(self._damage)
        if self._ended:
            return False
        piece = next(self._pieces, None)
        self._ended = piece is None
        _, column = self._place()
        try:
            text = self._decode(piece or b"", self._ended)
        except UnicodeDecodeError as error:
            # What stands before is still good.
            text = error.object[: error.start].decode()
            before = self._bytes + len(piece or b"") - len(error.object)
            offset = f"{before + error.start:,}"
            words = {"byte": f"{error.object[error.start]:02x}", "offset": offset}
            self._damage = Finding(codes.ROW_NOT_UTF8, (), words)
            self._ended = False
        self._bytes += len(piece or b"")
        self._text = self._text[self._at :] + text
        self._column = column - 1
        self._at = self._counted = 0
        return not self._ended

    def _broken(self, finding: Finding) -> BrokenArray:
        return BrokenArray(finding, self._place()[0], self._number)

    def _mistake(self, message: str, at: int) -> BrokenArray:
        """Return a mistake, in the words of the standard library's."""
        found = not_json(self._text, json.JSONDecodeError(message, self._text, at))
        self._at = min(at, len(self._text))
        line, column = self._place()
        span = Span(1, column, 1, column + 1, "")
        words = {"problem": found.words}
        finding = Finding(codes.ROW_NOT_JSON, (), words, hint=found.hint, span=span)
        return BrokenArray(finding, line, self._number)


def _pieces(stream: Stream) -> Iterator[bytes]:
    for block in stream.blocks():
        if isinstance(block, LargeLine):
            yield from block.pieces
        else:
            yield block.text


def _too_large() -> Finding:
    reason = f"it is longer than {LARGEST:,} bytes"
    return Finding(codes.NOT_CONVERTIBLE, (), {"what": "the row", "reason": reason})
