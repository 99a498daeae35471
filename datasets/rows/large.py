"""A row too large to be held: judged piece by piece, part by part, in constant memory.

Each message, tool and call is reduced to what the rules look at, judged like any other, and
forgotten. Of keys that stand twice, only those are noticed that a rule knows.
"""

from collections import Counter
from dataclasses import replace
from typing import Any, Final, TypeAlias

from ...diagnostics import Finding, KeyPath, codes
from ..counting.tally import Tally
from ..reading.blocks import LargeLine
from ..reading.json_scanner import Mistake, NotFinite, Scanner, TooDeep
from ..reading.line_pieces import LinePieces
from .contents import Contents, contents_of, has_image, unanswered
from .explaining import Part, explain, named
from .shape import CHECKS
from .validating import at, warning

_MEGABYTE: Final = 1_000_000
_TOO_LARGE: Final = 10 * _MEGABYTE

_WARNINGS: Final = codes.KEY_TWICE
_OTHER_KEYS: Final = 32
"""Keys of an object that are kept though no rule knows them: they may be misspelt."""

_Keys: TypeAlias = dict[str, Any]
"""What to keep of an object: its keys, each with None, with more keys, or for an array of parts
with the name of the part and what to keep of each."""

_FUNCTION: Final[_Keys] = {"name": None, "description": None, "parameters": None}
_CALL: Final[_Keys] = {"name": None, "function": {"name": None}}
_MESSAGE: Final[_Keys] = {
    "role": None,
    "content": ("content", {"type": None}),
    "tool_calls": ("tool_call", _CALL),
    "name": None,
    "reasoning": None,
    "raw_content": None,
}
_ROW: Final[_Keys] = {
    "messages": ("message", _MESSAGE),
    "tools": ("tool", {**_FUNCTION, "function": _FUNCTION}),
    "metadata": None,
}
_SAID: Final = (("content",), ("reasoning",), ("raw_content",))
_GOOD: Final[dict[str, Any]] = {
    "message": {"role": "assistant"},
    "tool": {"name": "f"},
    "tool_call": {"name": "f"},
}
"""What takes the place of a part that was judged."""


def validate_large_row(line: LargeLine, tally: Tally, place: int) -> None:
    """Add one line to a tally.

    Args:
        line: the line, whose pieces are consumed.
        tally: what to add it to.
        place: which of the tally's lines it is.

    """
    pieces = LinePieces(line.pieces)
    reading = _Reading(Scanner(iter(pieces)), tally.most)
    problem = _problem(reading, pieces, line.offset)
    pieces.drain()
    if not pieces.characters:  # megabytes of white space are no row
        return
    if problem:  # then what was found before it is of no use
        tally.note(place, problem)
    else:
        reading.tell(tally, place)
    if not (problem or reading.failed):
        tally.add(place, reading.held, pieces.digest())
        tally.roles.update(reading.roles)
    if pieces.bytes > _TOO_LARGE:
        words = {"megabytes": f"{pieces.bytes / _MEGABYTE:,.1f}"}
        tally.note(place, Finding(codes.ROW_TOO_LARGE, (), words))
    tally.lengths.append(pieces.characters)


def _problem(reading: "_Reading", pieces: "LinePieces", offset: int) -> Finding | None:
    """Read the row, and return why it could not be read to its end."""
    try:
        reading.row()
    except Mistake as mistake:
        what = mistake.what
        pieces.drain()
        if what.cut and not pieces.ended:
            return Finding(codes.CUT_OFF, span=at(pieces.characters + 1))
        return Finding(
            codes.ROW_NOT_JSON, (), {"problem": what.words}, hint=what.hint, span=at(what.column)
        )
    except NotFinite as found:
        constant, column = found.args
        return Finding(codes.ROW_NOT_FINITE, (), {"found": constant}, span=at(column))
    except TooDeep:
        return Finding(codes.ROW_NESTED_TOO_DEEP)
    except UnicodeDecodeError as error:
        pieces.drain()
        if not pieces.ended and error.reason == "unexpected end of data":
            return Finding(codes.CUT_OFF, span=at(reading.scanner.characters + 1))
        place = offset + pieces.bytes - len(error.object) + error.start
        words = {"byte": f"{error.object[error.start]:02x}", "offset": f"{place:,}"}
        column = reading.scanner.characters + len(error.object[: error.start].decode()) + 1
        return Finding(codes.ROW_NOT_UTF8, (), words, span=at(column))
    return None


class _Reading:
    """One pass over the parts of a row."""

    def __init__(self, scanner: Scanner, most: int) -> None:
        self.scanner = scanner
        self.failed = False
        self.roles: Counter[str] = Counter()
        self.held = Contents([])  # of the roles, only counts
        self._found = Tally(most)
        self._quiet = Tally(most)  # messages that say nothing, of which there may be millions
        self._last = ""

    def row(self) -> None:
        """Read the row to its end, and judge it."""
        if not self.scanner.peek():
            return
        row = self._value((), _ROW)
        self.scanner.end()
        self._judge(row, "row", ())
        if self._last != "assistant":
            self.held.warned.append((unanswered(self.roles), ("messages",)))

    def tell(self, tally: Tally, place: int) -> None:
        """Put what was found into a tally, errors before warnings."""
        for _, finding in sorted(self._found.found, key=lambda found: found[1].code >= _WARNINGS):
            tally.note(place, finding)
        tally.unseen += self._found.unseen
        if not self.failed:
            for code, path in self.held.warned:
                tally.note(place, warning(code, path))
            for _, finding in self._quiet.found:
                tally.note(place, finding)
            tally.unseen += self._quiet.unseen

    def _value(self, path: KeyPath, guide: Any) -> Any:
        """Read a value, and return what the rules look at of it."""
        char = self.scanner.peek()
        part, keys = guide if isinstance(guide, tuple) else (None, guide)
        if char == "{" and keys:
            return self._object(path, keys)
        if char == "[" and part:
            return self._array(path, part, keys)
        value = self.scanner.skip()
        self._look_for_half(path)
        # Of what is said, only whether anything is; so messages come to be the same.
        said = path[-1:] in _SAID and isinstance(value, str) and value.strip()
        return "…" if said else value

    def _object(self, path: KeyPath, keys: _Keys) -> dict[str, Any]:
        read: dict[str, Any] = {}
        goes_on = self.scanner.opens("{")
        while goes_on:
            key = self.scanner.key()
            self._look_for_half(path)
            if key in read and key in keys:
                words = {"what": named(path), "key": key}
                self._found.note(0, Finding(codes.KEY_TWICE, (*path, key), words))
            value = self._value((*path, key), keys.get(key))
            if key in keys or len(read) < _OTHER_KEYS:
                read[key] = value
            goes_on = self.scanner.goes_on("{")
        return read

    def _array(self, path: KeyPath, part: Any, keys: _Keys) -> list[Any]:
        """Read parts, and return a list with one that stands for all of them."""
        stands: list[Any] = []
        goes_on = self.scanner.opens("[")
        index = 0
        while goes_on:
            at_part = (*path, index)
            self.scanner.peek()
            column = self.scanner.column
            value = self._value(at_part, keys)
            if part == "content":  # any value will do, but an image is noticed
                stands = stands if has_image(stands) else [value]
            else:
                stands = [_GOOD[part]]
                if self._judge(value, part, at_part, column) and part == "message":
                    self._count(value, at_part)
            goes_on = self.scanner.goes_on("[")
            index += 1
        if part == "tool" and index:
            self.held.tools = True
        return stands

    def _judge(self, value: Any, part: Part, path: KeyPath, column: int = 1) -> bool:
        """Return whether a part, which begins at a column, is good; if it is not, say why."""
        good = CHECKS[part](value)
        if not good:
            self.failed = True
            for finding in explain(value, part, path):
                self._found.note(0, replace(finding, span=at(column)))
        return good

    def _count(self, message: dict[str, Any], path: KeyPath) -> None:
        self._last = message["role"]
        alone = contents_of({"messages": [message]})
        self.roles[self._last] += 1
        self.held.images |= alone.images
        self.held.reasoning |= alone.reasoning
        for code, _ in alone.warned:
            if code == codes.EMPTY_TURN:
                self._quiet.note(0, warning(code, path))

    def _look_for_half(self, path: KeyPath) -> None:
        if self.scanner.half:
            self.failed = True
            words = {"what": named(path), "point": self.scanner.half}
            self._found.note(0, Finding(codes.LONE_SURROGATE, path, words))
            self.scanner.half = None
