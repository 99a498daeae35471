"""Rows by the fast path: a typed decoder that says yes to many lines at once.

It never says why it says no: what it does not accept, ``careful`` explains. Accepting a row
that the schema refuses would be a bug; not accepting a good one only costs time. What is done
for each message is done by iterators of C, because there are millions.
"""

from bisect import bisect_right
from collections import Counter
from itertools import accumulate, chain
from operator import attrgetter, itemgetter
from struct import Struct as Layout
from struct import error as LayoutError  # noqa: N812 - the module's name says nothing here
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta, Raw

from .account import explained, no_key_twice, no_key_twice_in_tools, spaced
from .batch import Batch
from .calls import look_at_calls
from .parts import (
    ARRAY,
    MAYBE_BLANK,
    NULL,
    OBJECT,
    STRING,
    count_tools,
    has_image,
    is_blank,
    is_name,
    says_nothing,
)

_Message: TypeAlias = dict[str, Raw]
"""A turn. Its values stay bytes, of which the length and the first few are looked at."""

_ABSENT: Final = Raw(b"absent")
"""Stands for a key that an object does not have: no JSON value has these bytes."""
_NULL_VALUE: Final = Raw(b"null")


class _Row(msgspec.Struct, gc=False):
    messages: Annotated[list[_Message], Meta(min_length=1)]
    tools: Raw = _ABSENT
    metadata: Raw = _ABSENT


_decode_rows = msgspec.json.Decoder(_Row).decode_lines
_decode_objects = msgspec.json.Decoder(dict[str, Raw]).decode_lines
_decode_string = msgspec.json.Decoder(str).decode
_messages = attrgetter("messages")
_role = itemgetter("role")
_first_two = Layout("2s").unpack_from
"""The first two bytes of a value, as a tuple of one."""

_KNOWN: Final = frozenset({"role", "content", "name", "reasoning", "raw_content"})
"""Keys whose values are told to be sound by their first byte."""
_CONTENT: Final = frozenset((STRING, ARRAY, OBJECT, NULL))
_TEXT: Final = frozenset((STRING, NULL))
_CONTAINER: Final = frozenset((ARRAY, OBJECT))


def accept(text: bytes, count: int) -> Batch | None:
    r"""Return what is known of some rows, or None if one of them is not surely good.

    Args:
        text: whole lines of valid UTF-8, each a row and each ended by one ``\n``.
        count: how many lines these are.

    """
    try:
        rows: list[_Row] = _decode_rows(text)
        turns = _Turns(rows, spaces=spaced(text))
    except (msgspec.DecodeError, RecursionError):
        return None
    except (KeyError, LayoutError):  # a message has no role; a content is a one-digit number
        return None
    batch = Batch(count, Counter())
    if len(rows) != count or not (turns.sound(batch) and _sound_tools(rows, batch, turns.nested)):
        return None
    turns.warn(batch)
    batch.plain = batch.plain and _no_key_twice(text, rows, turns)
    return batch


class _Turns:
    """The messages of some rows, in columns."""

    def __init__(self, rows: list[_Row], *, spaces: bool) -> None:
        self.spaces = spaces
        lists: list[list[_Message]] = list(map(_messages, rows))
        self.messages: list[_Message] = list(chain.from_iterable(lists))
        self.shapes = Counter(map(tuple, self.messages))
        self.ends = list(accumulate(map(len, lists)))
        self.roles = list(map(bytes, map(_role, self.messages)))
        self.contents = self._column("content")
        self.starts: list[tuple[bytes]] = list(map(_first_two, self.contents))
        self.nested: list[bytes] = []  # values in which a key may stand twice
        self._assistant: set[bytes] = set()

    def _column(self, key: str) -> list[Raw]:
        if all(key in shape for shape in self.shapes):
            return list(map(itemgetter(key), self.messages))
        return [message.get(key, _NULL_VALUE) for message in self.messages]

    def _values(self, key: str) -> list[bytes]:
        """Return the values of a key, where it is."""
        if not any(key in shape for shape in self.shapes):
            return []
        return [bytes(message[key]) for message in self.messages if key in message]

    def sound(self, batch: Batch) -> bool:
        """Whether all messages are good; count them."""
        for raw, times in Counter(self.roles).items():
            if not is_name(raw):
                return False
            role = _decode_string(raw)
            batch.roles[role] += times
            if role == "assistant":
                self._assistant.add(raw)
        starts = {start[0] for (start,) in set(self.starts)}
        if not starts <= _CONTENT:
            return False
        if not starts.isdisjoint(_CONTAINER):
            self._look_into_contents(batch)
        for key in set(chain.from_iterable(self.shapes)) - {"role", "content"}:
            if not self._sound_key(key, batch):
                return False
        return True

    def _sound_key(self, key: str, batch: Batch) -> bool:
        values = self._values(key)
        starts = {value[0] for value in values}
        if key == "tool_calls":
            plain = look_at_calls(values, spaces=self.spaces)
            if plain is None:
                return False
            batch.plain = batch.plain and plain
        elif key in _KNOWN and not starts <= _TEXT:
            return False
        elif not starts.isdisjoint(_CONTAINER):
            self.nested += (value for value in values if value[0] in _CONTAINER)
        if key == "reasoning":
            told = (
                at
                for at, message in enumerate(self.messages)
                if key in message and not is_blank(message[key])
            )
            batch.reasoning = len({self._row(at) for at in told})
        return True

    def _row(self, at: int) -> int:
        """Return the row of a message."""
        return bisect_right(self.ends, at)

    def _look_into_contents(self, batch: Batch) -> None:
        images = set()
        for at, (start,) in enumerate(self.starts):
            if start[0] in _CONTAINER:
                content = bytes(self.contents[at])
                self.nested.append(content)
                if has_image(content):
                    images.add(self._row(at))
        batch.images = len(images)

    def warn(self, batch: Batch) -> None:
        """Warn of rows from which there is little to learn."""
        last = [self.roles[end - 1] for end in self.ends]
        if not self._assistant.issuperset(last):
            for row, role in enumerate(last):
                if role not in self._assistant:
                    start = self.ends[row - 1] if row else 0
                    taught = self._assistant.intersection(self.roles[start : self.ends[row]])
                    batch.warned.append((row, "SFT442" if taught else "SFT441", ("messages",)))
        if MAYBE_BLANK.isdisjoint(self.starts):
            return
        for at in [at for at, start in enumerate(self.starts) if start in MAYBE_BLANK]:
            if self.roles[at] in self._assistant and says_nothing(self.messages[at]):
                row = self._row(at)
                turn = at - (self.ends[row - 1] if row else 0)
                batch.warned.append((row, "SFT443", ("messages", turn)))


def _sound_tools(rows: list[_Row], batch: Batch, nested: list[bytes]) -> bool:
    """Whether all tools and metadata are good; count them."""
    for row in rows:
        if row.tools is not _ABSENT:
            value = bytes(row.tools)
            tools = count_tools(value)
            if tools is None:
                return False
            batch.tools += tools > 0
            batch.plain = batch.plain and no_key_twice_in_tools(value)
        if row.metadata is not _ABSENT:
            value = bytes(row.metadata)
            if value[0] not in (OBJECT, NULL):
                return False
            nested.append(value)
    return True


def _no_key_twice(text: bytes, rows: list[_Row], turns: _Turns) -> bool:
    """Whether surely no key stands twice in a row or in a message."""
    spaces = turns.spaces
    values = sum(map(len, chain.from_iterable(map(dict.values, turns.messages))))
    messages = explained(turns.shapes, values, len(rows), spaces=spaces)
    shapes = Counter(map(_shape, rows))
    values = messages + sum(
        len(value)
        for value in chain(map(_tools, rows), map(_metadata, rows))
        if value is not _ABSENT
    )
    if not no_key_twice(turns.nested):
        return False
    if len(text) == explained(shapes, values, spaces=spaces) + len(rows):
        return True
    # A row has keys that the decoder skips, or something is unusual.
    objects: list[dict[str, Raw]] = _decode_objects(text)
    shapes = Counter(map(tuple, objects))
    values = sum(map(len, chain.from_iterable(map(dict.values, objects))))
    if len(text) != explained(shapes, values, spaces=spaces) + len(rows):
        return False
    if messages != sum(len(row["messages"]) for row in objects):
        return False
    skipped = set(chain.from_iterable(shapes)) - {"messages", "tools", "metadata"}
    return no_key_twice([bytes(row[key]) for key in skipped for row in objects if key in row])


_tools = attrgetter("tools")
_metadata = attrgetter("metadata")


def _shape(row: _Row) -> tuple[str, ...]:
    if row.tools is _ABSENT:
        return ("messages",) if row.metadata is _ABSENT else ("messages", "metadata")
    if row.metadata is _ABSENT:
        return "messages", "tools"
    return "messages", "tools", "metadata"
