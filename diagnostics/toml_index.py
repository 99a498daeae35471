"""Where each key, value, table header and comment of a TOML text stands, as offsets.

Not a parser of its own: it runs over text that has been read already and only looks for
borders, so that every stretch is exact whatever the layout. (tomlkit keeps no positions.)
"""

import re
from contextlib import suppress
from typing import Final, NamedTuple

import tomli

from .limits import DEEPEST
from .words import KeyPath

_BLANK: Final = re.compile(r"[ \t]*+")
_SKIP: Final = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
_COMMENT: Final = re.compile(r"#[^\n]*+")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'""")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+(?=[\]=])")
_PLAIN_PAIR: Final = re.compile(
    r"([A-Za-z0-9_-]++)[ \t]*+=[ \t]*+"
    r"(\"[^\"\\\n]*+\"(?!\")|[-+.:\w]++(?=[ \t]*+(?:[\n#,}\]]|\Z)))"
)
"""Nearly every line of nearly every config: a bare key, and a value with nothing special."""
_SCALAR: Final = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|""?(?!"))*+"""(?:"{0,2})'
    r"|'''(?:[^']|''?(?!'))*+'''(?:'{0,2})"
    r'|"(?!"")(?:[^"\\\n]|\\.)*+"'
    r"|'(?!'')[^'\n]*+'"
    r"|\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*+"
    r"|[^\s,\]}#\"'][^\s,\]}#]*+"
)

Stretch = tuple[int, int]


class Definition(NamedTuple):
    """A key or table header in the order of the text, as offsets."""

    path: KeyPath
    start: int
    end: int


class _StopError(Exception):
    """The text goes on in a way that no border can be found."""


class Index:
    """What stands where in one text, as offsets by key path.

    Attributes:
        text: the text. One that cannot be read is indexed as far as it goes.
        keys: each key where it is defined, or else where it is first mentioned.
        mentions: each key wherever it stands, in dotted keys and headers too.
        values: each value, whole; tables below a header have none.
        headers: each header, with its brackets.
        pairs: each ``key = value``, in inline tables too.
        statements: those of the pairs that are lines of their own.
        comments: each comment.
        definitions: keys and headers in the order of the text.
        too_deep: where it nests too deep, if it does.
        end: the offset where the index ends: that of the text, if it can be read.
        opened: the offsets of brackets that are still open where the index ends.

    """

    def __init__(self, text: str) -> None:
        r"""Index a text whose line ends are ``\n``."""
        self.text = text
        self.keys: dict[KeyPath, Stretch] = {}
        self.values: dict[KeyPath, Stretch] = {}
        self.headers: dict[KeyPath, Stretch] = {}
        self.pairs: dict[KeyPath, Stretch] = {}
        self.statements: dict[KeyPath, Stretch] = {}
        self.mentions: dict[KeyPath, list[Stretch]] = {}
        self.comments: list[Stretch] = []
        self.definitions: list[Definition] = []
        self.too_deep: Stretch | None = None
        self.opened: list[int] = []
        self.end = 0
        self._explicit: set[KeyPath] = set()
        self._lengths: dict[KeyPath, int] = {}  # how many [[elements]] an array of tables has
        with suppress(_StopError):
            self._document()

    def _document(self) -> None:
        table: KeyPath = ()
        while True:
            self._skip()
            if self.end >= len(self.text):
                return
            if self.text[self.end] == "[":
                table = self._header()
            else:
                start = self.end
                path = self._pair(table)
                self.statements[path] = (start, self.end)

    def _skip(self) -> None:
        match = _SKIP.match(self.text, self.end)
        if match and match.end() > self.end:
            if "#" in match[0]:
                found = _COMMENT.finditer(self.text, self.end, match.end())
                self.comments += (comment.span() for comment in found)
            self.end = match.end()

    def _header(self) -> KeyPath:
        start = self.end
        brackets = 2 if self.text.startswith("[[", start) else 1
        self.end += brackets
        path: KeyPath = ()
        *parents, last = self._dotted_key()
        for name, stretch in parents:
            path = self._element((*path, name), stretch)
        path = (*path, last[0])
        self._know_key(path, last[1], explicit=True)
        if brackets == 2:  # noqa: PLR2004 - [[
            self._lengths[path] = self._lengths.get(path, 0) + 1
            path = (*path, self._lengths[path] - 1)
        self._expect("]" * brackets)
        self._check_depth(len(path) + 1, (start, self.end))
        self.headers.setdefault(path, (start, self.end))
        self.definitions.append(Definition(path, start, self.end))
        return path

    def _element(self, path: KeyPath, stretch: Stretch) -> KeyPath:
        """Step into a table; of an array of tables that is the last one."""
        self._know_key(path, stretch)
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _pair(self, table: KeyPath) -> KeyPath:
        if plain := _PLAIN_PAIR.match(self.text, self.end):
            path = (*table, plain[1])
            self._know_key(path, plain.span(1), explicit=True)
            self._check_depth(len(path), plain.span(2))
            self.definitions.append(Definition(path, *plain.span(1)))
            self.values.setdefault(path, plain.span(2))
            self.pairs.setdefault(path, plain.span())
            self.end = plain.end()
            return path
        parts = self._dotted_key()
        path = table
        for name, stretch in parts[:-1]:
            path = self._element((*path, name), stretch)
        name, stretch = parts[-1]
        path = (*path, name)
        self._know_key(path, stretch, explicit=True)
        self.definitions.append(Definition(path, parts[0][1][0], stretch[1]))
        self._expect("=")
        self._blank()
        self._value(path)
        self.pairs.setdefault(path, (parts[0][1][0], self.end))
        return path

    def _know_key(self, path: KeyPath, stretch: Stretch, *, explicit: bool = False) -> None:
        """Keep where a key was defined, or else where it was first mentioned."""
        self.mentions.setdefault(path, []).append(stretch)
        if path not in self.keys or (explicit and path not in self._explicit):
            self.keys[path] = stretch
        if explicit:
            self._explicit.add(path)

    def _dotted_key(self) -> list[tuple[str, Stretch]]:
        parts: list[tuple[str, Stretch]] = []
        if plain := _PLAIN_KEY.match(self.text, self.end):
            for name in plain[0].split("."):
                parts.append((name, (self.end, self.end + len(name))))
                self._check_depth(len(parts), parts[-1][1])
                self.end += len(name) + 1
            self.end = plain.end()
            return parts
        while True:
            self._blank()
            match = _KEY.match(self.text, self.end)
            if not match:
                raise _StopError
            self.end = match.end()
            parts.append((_key_value(match[0]), match.span()))
            self._check_depth(len(parts), match.span())
            self._blank()
            if not self.text.startswith(".", self.end):
                return parts
            self.end += 1

    def _value(self, path: KeyPath) -> None:
        start = self.end
        opening = self.text[start : start + 1]
        self._check_depth(len(path) + (opening in ("[", "{")), (start, start + 1))
        if opening in ("[", "{"):
            self.opened.append(start)
            (self._array if opening == "[" else self._inline_table)(path)
            self.opened.pop()
        else:
            match = _SCALAR.match(self.text, start)
            if not match:
                raise _StopError
            self.end = match.end()
        self.values.setdefault(path, (start, self.end))

    def _array(self, path: KeyPath) -> None:
        self.end += 1
        index = 0
        while not self._closes("]"):
            self._value((*path, index))
            index += 1
            self._comma("]")

    def _inline_table(self, path: KeyPath) -> None:
        self.end += 1
        while not self._closes("}"):
            self._pair(path)
            self._comma("}")

    def _closes(self, bracket: str) -> bool:
        self._skip()
        if not self.text.startswith(bracket, self.end):
            return False
        self.end += 1
        return True

    def _comma(self, bracket: str) -> None:
        self._skip()
        if not self.text.startswith(bracket, self.end):
            self._expect(",")

    def _expect(self, token: str) -> None:
        self._blank()
        if not self.text.startswith(token, self.end):
            raise _StopError
        self.end += len(token)

    def _blank(self) -> None:
        match = _BLANK.match(self.text, self.end)
        if match:
            self.end = match.end()

    def _check_depth(self, depth: int, stretch: Stretch) -> None:
        if depth > DEEPEST:
            self.too_deep = stretch
            raise _StopError


def _key_value(text: str) -> str:
    if text[0] not in "\"'":
        return text
    if text[0] == "'" or "\\" not in text:
        return text[1:-1]
    try:
        value: str = tomli.loads(f"key = {text}")["key"]
    except tomli.TOMLDecodeError:  # a key with a wrong escape, in a text that cannot be read
        raise _StopError from None
    return value
