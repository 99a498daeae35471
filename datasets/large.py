"""A row too large to be held: judged piece by piece, part by part, in constant memory.

Each message, tool and call is reduced to what the rules look at, judged like any other, and
forgotten. Of keys that stand twice, only those are noticed that a rule knows.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeAlias

import orjson

from ..diagnostics import Finding, KeyPath
from .batch import Batch
from .blocks import LargeLine
from .careful import at, describe, has_image
from .explain import explain, named
from .passing import Passing
from .rows import accept
from .scanning import Mistake, NotFinite, Scanner, TooDeep
from .tally import Tally

_MEGABYTE: Final = 1_000_000
_TOO_LARGE: Final = 10 * _MEGABYTE

_WARNINGS: Final = "SFT440"
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
_WHOLE: Final[dict[str, Callable[[Any], Any]]] = {
    "row": lambda row: row,
    "message": lambda message: {"messages": [message]},
    "tool": lambda tool: {"messages": [_GOOD["message"]], "tools": [tool]},
    "tool_call": lambda call: {"messages": [{"role": "assistant", "tool_calls": [call]}]},
}
"""A row with a part in its place, for the fast path, which judges rows only."""


def judge_large(line: LargeLine, most: int) -> Tally:
    """Return the tally of one line.

    Args:
        line: the line, whose pieces are consumed.
        most: how many findings to keep; the rest is counted.

    """
    tally = Tally(most, lines=1)
    passing = Passing(line.pieces)
    reading = _Reading(Scanner(iter(passing)), most)
    problem = _problem(reading, passing, line.offset)
    passing.drain()
    if not passing.characters:  # megabytes of white space are no row
        return tally
    tally.rows = 1
    if problem:  # then what was found before it is of no use
        tally.note(0, problem)
    else:
        reading.tell(tally)
    if not (problem or reading.failed):
        tally.hashes.append(passing.digest())
        tally.places.append(0)
        tally.add(reading.batch, [0])
    if passing.bytes > _TOO_LARGE:
        words = {"megabytes": f"{passing.bytes / _MEGABYTE:,.1f}"}
        tally.note(0, Finding("SFT444", (), words))
    tally.lengths[passing.characters] += 1
    return tally


def _problem(reading: "_Reading", passing: "Passing", offset: int) -> Finding | None:
    """Read the row, and return why it could not be read to its end."""
    try:
        reading.row()
    except Mistake as mistake:
        what = mistake.what
        passing.drain()
        if what.cut and not passing.ended:
            return Finding("SFT409", span=at(passing.characters + 1))
        return Finding("SFT408", (), {"problem": what.words}, hint=what.hint, span=at(what.column))
    except NotFinite as found:
        constant, column = found.args
        return Finding("SFT410", (), {"found": constant}, span=at(column))
    except TooDeep:
        return Finding("SFT412")
    except UnicodeDecodeError as error:
        passing.drain()
        if not passing.ended and error.reason == "unexpected end of data":
            return Finding("SFT409", span=at(reading.scanner.characters + 1))
        place = offset + passing.bytes - len(error.object) + error.start
        words = {"byte": f"{error.object[error.start]:02x}", "offset": f"{place:,}"}
        column = reading.scanner.characters + len(error.object[: error.start].decode()) + 1
        return Finding("SFT407", (), words, span=at(column))
    return None


@lru_cache(maxsize=256)
def _accept(part: str, value: bytes) -> Batch | None:
    return accept(orjson.dumps(_WHOLE[part](orjson.loads(value))) + b"\n", 1)


class _Reading:
    """One pass over the parts of a row."""

    def __init__(self, scanner: Scanner, most: int) -> None:
        self.scanner = scanner
        self.failed = False
        self.batch = Batch(1, Counter())
        self._found = Tally(most)
        self._last = ""

    def row(self) -> None:
        """Read the row to its end, and judge it."""
        if not self.scanner.peek():
            return
        row = self._value((), _ROW)
        self.scanner.end()
        self._judge(row, "row", ())
        if self._last != "assistant":
            code = "SFT442" if self.batch.roles["assistant"] else "SFT441"
            self.batch.warned.append((0, code, ("messages",)))

    def tell(self, tally: Tally) -> None:
        """Put what was found into a tally, errors before warnings."""
        for _, finding in sorted(self._found.found, key=lambda found: found[1].code >= _WARNINGS):
            tally.note(0, finding)
        tally.unseen += self._found.unseen

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
                self._found.note(0, Finding("SFT440", (*path, key), words))
            value = self._value((*path, key), keys.get(key))
            if key in keys or len(read) < _OTHER_KEYS:
                read[key] = value
            goes_on = self.scanner.goes_on("{")
        return read

    def _array(self, path: KeyPath, part: str, keys: _Keys) -> list[Any]:
        """Read parts, and return a list with one that stands for all of them."""
        stands: list[Any] = []
        goes_on = self.scanner.opens("[")
        index = 0
        while goes_on:
            at_part = (*path, index)
            value = self._value(at_part, keys)
            if part == "content":  # any value will do, but an image is noticed
                stands = stands if has_image(stands) else [value]
            else:
                stands = [_GOOD[part]]
                batch = self._judge(value, part, at_part)
                if batch and part == "message":
                    self._count(value["role"], batch, at_part)
            goes_on = self.scanner.goes_on("[")
            index += 1
        if part == "tool" and index:
            self.batch.tools = 1
        return stands

    def _judge(self, value: Any, part: Any, path: KeyPath) -> Batch | None:
        """Return what is known of a part that is good; if it is not, say why."""
        batch = _accept(part, orjson.dumps(value))
        if batch is None:
            findings = list(explain(value, part, path))
            for finding in findings:
                self.failed = True
                self._found.note(0, finding)
            if not findings:
                batch = describe(_WHOLE[part](value))
        return batch

    def _count(self, role: str, message: Batch, path: KeyPath) -> None:
        self._last = role
        self.batch.roles[role] += 1
        self.batch.images |= message.images
        self.batch.reasoning |= message.reasoning
        for _, code, _ in message.warned:
            if code == "SFT443":
                self.batch.warned.append((0, code, path))

    def _look_for_half(self, path: KeyPath) -> None:
        if self.scanner.half:
            self.failed = True
            words = {"what": named(path), "point": self.scanner.half}
            self._found.note(0, Finding("SFT411", path, words))
            self.scanner.half = None
