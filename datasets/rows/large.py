"""A row too large to be held: judged piece by piece, part by part, in constant memory.

Each message, tool and call is reduced to what the rules look at, judged like any other, and
forgotten. Of keys that stand twice, only those are noticed that a rule knows.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from ...diagnostics import Finding, KeyPath, codes
from ..reading.blocks import LargeLine
from ..reading.json_scanner import NotFinite, Scanner, TooDeep
from ..reading.line_pieces import LinePieces
from ..reading.text_window import Mistake
from .explaining import Part, explain, long_integer, named
from .grouping import Findings, Kind
from .kept import NAME, ROW, WHOLE, Keys
from .shape import CHECKS
from .tools import call_name
from .turns import Conversation, has_image, says
from .verdict import LargeVerdict, at, is_error

_MEGABYTE: Final = 1_000_000
_TOO_LARGE: Final = 10 * _MEGABYTE

_OTHER_KEYS: Final = 32
"""Keys of an object that are kept though no rule knows them: they may be misspelt."""
_CALLS: Final = 10_001
"""Calls of one message that are kept: more than a row may have for answers to be looked for."""
_LONGEST_ARGUMENTS: Final = 64 * 1024
"""Characters of the longest arguments that are read as JSON; longer ones are taken for it."""
_LONGEST: Final = {WHOLE: _LONGEST_ARGUMENTS, NAME: 256}
"""Characters that are kept of a text, where it is not just its beginning."""
_KINDS: Final = 1_000
"""Kinds of findings that are kept apart in one row."""
_SEEN: Final = 1_000
"""Turns that are remembered, so that the like of them need not be judged again."""

_SAID: Final = (("content",), ("reasoning",), ("raw_content",))
_GOOD: Final[dict[str, Any]] = {"message": {"role": "assistant"}, "tool": {"name": "f"}}
"""What takes the place of a part that was judged."""


def validate_large_row(
    line: LargeLine, most: int | None, *, allowed: frozenset[str] = frozenset()
) -> LargeVerdict:
    """Return what there is to say of one row.

    Args:
        line: the line, whose pieces are consumed.
        most: how many kinds of findings of each severity may come to be shown; None: all.
        allowed: the codes that are not looked for.

    """
    pieces = LinePieces(line.pieces)
    reading = _Reading(Scanner(iter(pieces)), most, allowed)
    problem = _problem(reading, pieces, line.offset)
    pieces.drain()
    findings = Findings(most)
    if problem:  # then what was found before it is of no use
        findings.note(0, problem)
    else:
        findings.merge(reading.shape, 0)
    if not (problem or reading.misshapen):
        findings.merge(reading.rules, 0)
    if pieces.characters and pieces.bytes > _TOO_LARGE:
        words = {"megabytes": f"{pieces.bytes / _MEGABYTE:,.1f}"}
        findings.note(0, Finding(codes.ROW_TOO_LARGE, (), words))
    good = not (problem or reading.failed)
    contents = reading.conversation.contents if good else None
    return LargeVerdict(pieces.characters, findings, contents, pieces.digest())


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

    def __init__(self, scanner: Scanner, most: int | None, allowed: frozenset[str]) -> None:
        self.scanner = scanner
        self.shape = Findings(most, kinds=_KINDS)
        self.rules = Findings(most, kinds=_KINDS)  # of use only if the shape is right
        self.misshapen = self.failed = False
        self.conversation = Conversation()
        self._allowed = allowed
        self._columns: dict[
            KeyPath, int
        ] = {}  # of the messages that call a tool for the first time
        self._seen: dict[Any, list[Kind]] = {}  # what plain turns break, by what was before them

    def row(self) -> None:
        """Read the row to its end, and judge it."""
        if not self.scanner.peek():
            return
        row = self._value((), ROW)
        self.scanner.end()
        self._has_shape(row, "row", ())
        for finding in self.conversation.end():
            of_call = finding.code == codes.CALL_OF_UNKNOWN_TOOL
            self._break([finding], self._columns[finding.path[:2]] if of_call else None)

    def _note(self, finding: Finding) -> None:
        self.failed = self.failed or is_error(finding)
        self.shape.note(0, finding)

    def _break(self, findings: Iterable[Finding], column: int | None = None) -> list[Kind]:
        """Note which rules the turns break, the last of which begins at a column."""
        kinds = []
        for finding in findings:
            if finding.code in self._allowed:
                continue
            self.failed = self.failed or is_error(finding)
            # There may be millions of turns, and only the first few places are of interest.
            placed = column is not None and not self.rules.is_exemplified(finding)
            span = at(column) if placed and column else finding.span
            kinds.append(self.rules.note(0, replace(finding, span=span) if placed else finding))
        return kinds

    def _value(self, path: KeyPath, guide: Any) -> Any:
        """Read a value, and return what the rules look at of it."""
        char = self.scanner.peek()
        part, keys = guide if isinstance(guide, tuple) else (None, guide)
        if char == "{" and isinstance(keys, dict):
            return self._object(path, keys)
        if char == "[" and part:
            return self._array(path, part, keys)
        value = self.scanner.skip(_LONGEST.get(guide, 0) if isinstance(guide, str) else 0)
        self._look_for_oddities(path)
        if guide is WHOLE and isinstance(value, str) and len(value) >= _LONGEST_ARGUMENTS:
            return "{}"
        # Of what is said, only whether anything is; so messages come to be the same.
        said = path[-1:] in _SAID and isinstance(value, str) and value.strip()
        return "…" if said else value

    def _object(self, path: KeyPath, keys: Keys) -> dict[str, Any]:
        read: dict[str, Any] = {}
        goes_on = self.scanner.opens("{")
        while goes_on:
            key = self.scanner.key()
            self._look_for_oddities(path)
            if key in read and key in keys:
                words = {"what": named(path), "key": key}
                self._note(Finding(codes.KEY_TWICE, (*path, key), words))
            value = self._value((*path, key), keys.get(key))
            if key in keys or len(read) < _OTHER_KEYS:
                read[key] = value
            goes_on = self.scanner.goes_on("{")
        return read

    def _array(self, path: KeyPath, part: Any, keys: Keys) -> list[Any]:
        """Read parts, and return a list with one that stands for all of them."""
        stands: list[Any] = []
        goes_on = self.scanner.opens("[")
        index = 0
        while goes_on:
            at_part = (*path, index)
            self.scanner.peek()
            column = self.scanner.column
            value = self.scanner.at_once() if part == "message" else None
            if value is None:
                value = self._value(at_part, keys)
            if part == "content":  # any value will do, but what it says is noticed
                if not has_image(stands) and (has_image([value]) or not says(stands)):
                    stands = [value]
            else:
                good = self._has_shape(value, part, at_part, column)
                if part == "tool_call" and good and len(stands) < _CALLS:
                    stands.append(self._reduced(value, at_part))
                elif part != "tool_call" or not stands:
                    stands = [_GOOD.get(part, {"name": "f"})]
                if part == "message" and good:
                    self._turn(value, at_part, column)
                elif part == "tool" and good:
                    self._break(self.conversation.tool(value, at_part), column)
            goes_on = self.scanner.goes_on("[")
            index += 1
        return stands

    def _reduced(self, call: dict[str, Any], path: KeyPath) -> dict[str, Any]:
        """Judge the arguments of a call, and return what is needed to find its tool and answer."""
        self._break(self.conversation.written(call, path))
        name, where = call_name(call, ())
        called = {"name": name}
        return {"id": call.get("id"), **(called if len(where) == 1 else {"function": called})}

    def _turn(self, message: dict[str, Any], path: KeyPath, column: int) -> None:
        plain = all(type(value) is str for value in message.values())
        key = (self.conversation.before, *message.items()) if plain else None
        kinds = self._seen.get(key)
        if kinds is not None:
            self.conversation.repeat(message["role"], path)
            for kind in kinds:
                self.rules.again(kind, 0, 1)
            return
        names = self.conversation.tools.names_called
        kinds = self._break(self.conversation.turn(message, path), column)
        if self.conversation.tools.names_called > names:
            self._columns[path] = column
        if key and len(self._seen) < _SEEN and not self.conversation.answers:
            groups = self.rules.groups
            if all(kind in groups and groups[kind].exemplified for kind in kinds):
                self._seen[key] = kinds

    def _has_shape(self, value: Any, part: Part, path: KeyPath, column: int = 1) -> bool:
        """Return whether a part, which begins at a column, has its shape; if not, say why."""
        good = CHECKS[part](value)
        if not good:
            self.misshapen = True
            for finding in explain(value, part, path):
                self._note(replace(finding, span=at(column)))
        return good

    def _look_for_oddities(self, path: KeyPath) -> None:
        if self.scanner.half:
            self.misshapen = True
            words = {"what": named(path), "point": self.scanner.half}
            self._note(Finding(codes.LONE_SURROGATE, path, words))
            self.scanner.half = None
        if self.scanner.long:
            self._note(long_integer(self.scanner.long, path))
            self.scanner.long = 0
