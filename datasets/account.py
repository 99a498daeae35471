"""Whether a key stands twice in a row, told from lengths alone.

Looking at every key of every row would cost more than all other checks together. This adds
up the bytes that the decoded values explain; it knows nothing of what a row must be.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, Protocol

import msgspec
from msgspec import Raw

ABSENT: Final = Raw(b"absent")
"""Stands for a key that a row does not have: no JSON value has these bytes."""


_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class _Called(Protocol):
    name: str
    arguments: Raw


class _Call(Protocol):
    function: _Called | None
    name: str | None
    id: Raw
    type: Raw
    arguments: Raw


class Account:
    """Explains the bytes of some rows by what was decoded of them.

    A decoder reads a key that stands twice as one, so the row is longer than what was read of
    it. Other reasons for extra bytes are keys that the decoder skips and unusual spacing;
    which of them it is, a careful look at the row must tell. To go unnoticed, a row would
    have to break its own spacing by exactly the length of the hidden key.
    """

    __slots__ = ("_bytes", "_nested", "_separators", "_text")

    def __init__(self, text: bytes) -> None:
        r"""Begin with whole lines, each ended by one ``\n``."""
        self._text = text
        self._bytes = 0
        self._separators = 0  # colons and commas, each of which a space may follow
        self._nested = True

    def add_rows(self, rows: int, roles: Counter[str], contents: int, content_bytes: int) -> None:
        """Add rows whose messages have a role, and ``contents`` of them a content."""
        messages = roles.total()
        self._bytes += rows * len('{"messages":[]}\n') + messages - rows
        self._bytes += messages * len('{"role":""}')
        self._bytes += sum(len(role) * times for role, times in roles.items())
        self._bytes += contents * len(',"content":') + content_bytes
        self._separators += rows + (messages - rows) + messages + 2 * contents

    def add_keys(self, key: str, times: int, value_bytes: int) -> None:
        """Add a key that some objects have besides, with the bytes of all its values."""
        self._bytes += times * len(f',"{key}":') + value_bytes
        self._separators += 2 * times

    def add_calls(self, calls: Sequence[_Call] | None) -> None:
        """Add a message's calls of tools: None, or a list of them, each an object."""
        if calls is None:
            self.add_keys("tool_calls", 1, len("null"))
            return
        size = len("[]") + max(len(calls) - 1, 0)
        separators = max(len(calls) - 1, 0)
        for call in calls:
            commas = -1
            if call.function is not None:
                commas += 1
                size += len('"function":{"name":""}') + len(call.function.name)
                separators += 1
                if call.function.arguments is not ABSENT:
                    size += len(',"arguments":') + self._free(call.function.arguments)
                    separators += 2
            if call.name is not None:
                commas += 1
                size += len('"name":""') + len(call.name)
            for key, raw in (("id", call.id), ("type", call.type), ("arguments", call.arguments)):
                if raw is not ABSENT:
                    commas += 1
                    size += len(key) + len('"":') + self._free(raw)
            size += len("{}") + commas
            separators += 2 * commas + 1
        self.add_keys("tool_calls", 1, size)
        self._separators += separators

    def _free(self, raw: Raw) -> int:
        """Look into a value of whatever type, and return its length."""
        if memoryview(raw)[0] in b"[{":
            self.add_nested([bytes(raw)])
        return len(raw)

    def add_nested(self, values: Iterable[bytes]) -> None:
        """Look for keys that stand twice inside values."""
        self._nested = self._nested and all(map(_plain, values))

    def add_tools(self, tools: bytes) -> None:
        """Look for keys that stand twice inside a row's tools, often those of other rows."""
        self._nested = self._nested and _plain_tools(tools)

    def settled(self) -> bool:
        """Whether every byte is explained, so that no key stands twice."""
        colon = self._text.find(b":")
        spaced = self._text[colon + 1 : colon + 2] == b" "
        explained = self._bytes + (self._separators if spaced else 0)
        return self._nested and explained == len(self._text)


def _plain(text: bytes) -> bool:
    """Whether a JSON value surely has no key twice: written again, it has as many quotes."""
    try:
        again = _encode(_decode(text))
    except (msgspec.DecodeError, RecursionError):  # a number beyond a double is one reason
        return False
    return again.count(b'"') == text.count(b'"') and b"\\u0022" not in text


_plain_tools = lru_cache(maxsize=64)(_plain)
