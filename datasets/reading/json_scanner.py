"""JSON read piece by piece: what is kept of a value is small, however large the value is.

It knows JSON and nothing of rows. Texts are cut short, the insides of other values are only
checked. Mistakes are those of the standard library, and so are their words.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from .integers import LongInteger, integer
from .json_mistakes import NotJson
from .small_objects import DEEPEST, small_object
from .text_window import LOOKAHEAD, Mistake, Window

_KEPT: Final = 120
"""Characters that are kept of a text."""
_LONGEST_NUMBER: Final = 64 * 1024

_ESCAPE: Final = (
    r'\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}'
    r"|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_PLAIN: Final = r'[^"\\\x00-\x1f]'
_SOME: Final = re.compile(rf"(?:{_PLAIN}|{_ESCAPE}){{0,{_KEPT}}}+")
_REST: Final = re.compile(rf"(?:{_PLAIN}++|{_ESCAPE})*+")
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_SPACE: Final = re.compile(r"[ \t\r\n]*+")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+")
_DIGITS: Final = re.compile(r"[0-9]*+")
_FRACTION: Final = re.compile(r"[.eE]")
_WORD: Final = re.compile(r"-?[A-Za-z]++")
_CLOSING: Final = {"{": "}", "[": "]"}
_SAMPLES: Final[dict[tuple[str, bool], Any]] = {
    ("{", False): {},
    ("{", True): {"": 0},
    ("[", False): [],
    ("[", True): [0],
}
_WORDS: Final = {"true": True, "false": False, "null": None}


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where a match ends that may be empty, so that there always is one."""
    match = pattern.match(text, at)
    return match.end() if match else at


class TooDeep(Exception):  # noqa: N818 - what is wrong, not that something failed
    """Values are nested deeper than readers can follow."""


class NotFinite(Exception):  # noqa: N818 - as above
    """``NaN`` or ``Infinity`` stands in the text, at the column given second."""


class Scanner(Window):
    """A place in a JSON text of which only a part is in memory."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """Begin at the start of a text in UTF-8.

        Attributes:
            half: the hex digits of an escape of half a character, if one was read.
            long: the digits of an integer beyond 64 bits, if one was read; the longest.

        """
        super().__init__(pieces)
        self.half: str | None = None
        self.long = 0

    def peek(self) -> str:
        """Return the first character of the next token; empty at the end."""
        while True:
            if len(self._text) - self._at >= LOOKAHEAD:
                char = self._text[self._at]
                if char not in " \t\r\n":
                    return char
            self._at = _end(_SPACE, self._text, self._at)
            if self._at < len(self._text):
                self._see()
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, char: str, otherwise: str) -> None:
        """Go past a character that must come next, or report the other mistake."""
        if self.peek() != char:
            raise self.mistake(otherwise)
        self._at += 1

    def text(self, most: int = 0) -> str:
        """Read a text, and return its beginning: enough of it to tell whether it is blank.

        Args:
            most: how many characters to return at least, if it has so many.

        """
        most = max(most, _KEPT)
        column = self.column
        self._at += 1
        kept = ""
        while True:
            if len(self._text) - self._at < LOOKAHEAD:
                self._see()
            # Of a text that begins with white space, the first other character is kept too.
            pattern = _SOME if len(kept) < most or not kept.strip() else _REST
            end = _end(pattern, self._text, self._at)
            if pattern is _SOME:
                some = self._text[self._at : end]
                some = json.loads(f'"{some}"') if "\\" in some else some
                kept = ((kept if kept.strip() or len(kept) < most else "") + some)[:most]
            moved, self._at = end > self._at, end
            left = self._text[end : end + 1]
            if left == '"':
                self._at += 1
                return kept
            if moved or (len(self._text) - end < LOOKAHEAD and self._more()):
                continue
            if not left:
                cut = NotJson(column, "a string has no closing quote", cut=True)
                raise Mistake(cut)
            half = _HALF.match(self._text, end)
            if not half:
                raise self.mistake(
                    "Invalid \\escape" if left == "\\" else "Invalid control character"
                )
            self.half = self.half or half[0][2:].lower()
            kept += "\N{REPLACEMENT CHARACTER}"
            self._at = half.end()

    def scalar(self) -> Any:
        """Read a number or a word, and return a value of its type."""
        while len(self._text) - self._at < _LONGEST_NUMBER and self._more():
            pass
        word = _WORD.match(self._text, self._at)
        if word and word[0] in _WORDS:
            self._at = word.end()
            return _WORDS[word[0]]
        if word and word[0] in ("NaN", "Infinity", "-Infinity"):
            raise NotFinite(word[0], self.column)
        number = _NUMBER.match(self._text, self._at)
        if not number:
            raise self.mistake("Expecting value")
        self._at = number.end()
        if self._at == len(self._text) and not self._ended:
            return self._endless(len(number[0]))
        return self._value_of(number[0])

    def _endless(self, digits: int) -> float:
        """Go past the rest of a number that is longer than what is kept of any."""
        while self._at == len(self._text) and self._more():
            end = _end(_DIGITS, self._text, 0)
            digits += end
            self._at = end
        self.long = max(self.long, digits)
        return 2

    def _value_of(self, number: str) -> float:
        if _FRACTION.search(number):
            return float(number)
        value = integer(number)
        if isinstance(value, LongInteger):
            self.long = max(self.long, value.digits)
        return value

    def key(self) -> str:
        """Read a key of an object with its colon, and return its beginning."""
        if self.peek() != '"':
            raise self.mistake("Expecting property name enclosed in double quotes")
        key = self.text()
        self.take(":", "Expecting ':' delimiter")
        return key

    def opens(self, bracket: str) -> bool:
        """Go past an opening bracket; whether there is anything before the closing one."""
        self._at += 1
        if self.peek() != _CLOSING[bracket]:
            return True
        self._at += 1
        return False

    def goes_on(self, bracket: str) -> bool:
        """Go past what follows a value in brackets: a comma, or the closing one."""
        goes_on = self.peek() == ","
        if goes_on:
            self._at += 1
        else:
            self.take(_CLOSING[bracket], "Expecting ',' delimiter")
        return goes_on

    def skip(self, most: int = 0) -> Any:
        """Read a value of any type, and return a small one of the same type, empty or not.

        Args:
            most: of a text, how many characters to return at least, if it has so many.

        """
        outermost = self.peek()
        if outermost not in _CLOSING:
            return self.text(most) if outermost == '"' else self.scalar()
        inside: list[str] = []
        filled = False
        while True:
            bracket = self.peek()
            if bracket in _CLOSING:
                if len(inside) == DEEPEST:
                    raise TooDeep
                if self.opens(bracket):
                    inside.append(bracket)
                    filled = True
                    if bracket == "{":
                        self.key()
                    continue
            else:
                self._simple(bracket)
            while inside and not self.goes_on(inside[-1]):
                inside.pop()
            if not inside:
                return _SAMPLES[outermost, filled]
            if inside[-1] == "{":
                self.key()

    def at_once(self) -> dict[str, Any] | None:
        """Read an object as a whole, if it is small and there is nothing odd in it; else None."""
        found = small_object(self._text, self._at)
        if found is None:
            return None
        value, self._at = found
        return value

    def _simple(self, char: str) -> Any:
        return self.text() if char == '"' else self.scalar()

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.peek():
            raise self.mistake("Extra data")
