"""The usual kind of row by the fastest path: known keys, known roles, texts as contents.

It accepts less than ``rows``, which takes over whenever this says no. What is done for each
message is done by iterators of C, a column at a time, because there are millions.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from operator import attrgetter
from struct import Struct as Layout
from struct import error as LayoutError  # noqa: N812 - the module's name says nothing here
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from .account import no_key_twice, no_key_twice_in_tools, spaced
from .batch import Batch
from .parts import MAYBE_BLANK, NULL, OBJECT, STRING, count_tools, is_blank

_ABSENT: Final = Raw(b"absent")
"""Stands for a key that an object does not have: no JSON value has these bytes."""


class _Function(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    name: str
    arguments: Raw


class _Call(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    function: _Function
    id: str
    type: Literal["function"]


class _Message(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    # A known role is the same object each time it is decoded.
    role: Literal["system", "user", "assistant", "tool", "developer", "human", "gpt"]
    content: Raw = _ABSENT
    tool_calls: list[_Call] | UnsetType | None = UNSET
    tool_call_id: str = ""
    name: Raw = _ABSENT
    reasoning: Raw = _ABSENT


class _Row(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    messages: Annotated[list[_Message], Meta(min_length=1)]
    tools: Raw = _ABSENT
    metadata: Raw = _ABSENT


_decode = msgspec.json.Decoder(_Row).decode_lines
_messages = attrgetter("messages")
_role = attrgetter("role")
_content = attrgetter("content")
_function = attrgetter("function")
_name = attrgetter("name")
_id = attrgetter("id")
_arguments = attrgetter("arguments")
_reasoning = attrgetter("reasoning")
_extras = attrgetter("tool_calls", "tool_call_id", "name", "reasoning")
_NO_EXTRAS: Final = (UNSET, "", _ABSENT, _ABSENT)
_first = Layout("B").unpack_from
_first_two = Layout("2s").unpack_from
_STRINGS: Final = {(STRING,)}
_STRINGS_OR_NULL: Final = {(STRING,), (NULL,)}


class _Unusual(Exception):  # noqa: N818 - not an error: another path takes over
    """A row is of another kind, or bad."""


class _Size:
    """Adds up the bytes of what was decoded, by which a key that stands twice is noticed."""

    __slots__ = ("bytes", "separators")

    def __init__(self) -> None:
        self.bytes = 0
        self.separators = 0

    def add(self, text: str, times: int, separators: int) -> None:
        """Add what is written around values, with its colons and commas, some times."""
        self.bytes += len(text) * times
        self.separators += separators * times

    def add_texts(self, key: str, column: Iterable[Raw]) -> None:
        """Add a key that some objects have, and whose values are strings or null."""
        present = [raw for raw in column if raw is not _ABSENT]
        if not _STRINGS_OR_NULL.issuperset(map(_first, present)):
            raise _Unusual
        self.add(f',"{key}":', len(present), 2)
        self.bytes += sum(map(len, present))


def accept_usual(text: bytes, count: int) -> Batch | None:
    r"""Return what is known of some rows, or None if one of them is not of the usual kind.

    Args:
        text: whole lines of valid UTF-8, each a row and each ended by one ``\n``.
        count: how many lines these are.

    """
    try:
        rows: list[_Row] = _decode(text)
        return _batch(text, rows) if len(rows) == count else None
    except (msgspec.DecodeError, RecursionError, LayoutError, _Unusual):
        return None


def _batch(text: bytes, rows: list[_Row]) -> Batch:
    lists: list[list[_Message]] = list(map(_messages, rows))
    messages: list[_Message] = list(chain.from_iterable(lists))
    size = _Size()
    size.add('{"messages":[]}\n', len(rows), 1)
    size.add(",", len(messages) - len(rows), 1)
    batch = Batch(len(rows), Counter(map(_role, messages)))
    for role, times in batch.roles.items():
        size.add(f'{{"role":"{role}"}}', times, 1)
    starts = _contents(messages, size)
    _add_extras(lists, messages, batch, size)
    _add_tools(rows, batch, size)
    spaces = size.separators if spaced(text) else 0
    if size.bytes + spaces != len(text):
        raise _Unusual
    _warn(lists, messages, starts, batch)
    return batch


def _contents(messages: list[_Message], size: _Size) -> list[tuple[bytes]]:
    """Add the contents, and return the first two bytes of each."""
    contents: list[Raw] = list(map(_content, messages))
    starts: list[tuple[bytes]] = list(map(_first_two, contents))
    if any(start[0] not in (STRING, NULL) for (start,) in set(starts)):
        raise _Unusual  # an array or an object, a wrong type, or no content at all
    size.add(',"content":', len(contents), 2)
    size.bytes += sum(map(len, contents))
    return starts


def _add_extras(
    lists: list[list[_Message]], messages: list[_Message], batch: Batch, size: _Size
) -> None:
    extras = [values for values in map(_extras, messages) if values != _NO_EXTRAS]
    if not extras:
        return
    calls, answered, names, reasons = zip(*extras, strict=True)
    size.add(',"tool_calls":null', calls.count(None), 2)
    _add_calls([some for some in calls if isinstance(some, list)], size)
    size.add(',"tool_call_id":""', len(answered) - answered.count(""), 2)
    size.bytes += sum(map(len, answered))
    if names.count(_ABSENT) < len(names):
        size.add_texts("name", names)
    if reasons.count(_ABSENT) < len(reasons):
        size.add_texts("reasoning", reasons)
        ends = list(accumulate(map(len, lists)))
        told = [at for at, raw in enumerate(map(_reasoning, messages)) if raw is not _ABSENT]
        batch.reasoning = len({bisect_right(ends, at) for at in told if _reasons(messages[at])})


def _reasons(message: _Message) -> bool:
    return message.reasoning is not _ABSENT and not is_blank(message.reasoning)


def _add_calls(lists: Sequence[Sequence[_Call]], size: _Size) -> None:
    calls = list(chain.from_iterable(lists))
    functions: list[_Function] = list(map(_function, calls))
    names = Counter(map(_name, functions))
    if not all(map(str.strip, names)):
        raise _Unusual
    size.add(',"tool_calls":[]', len(lists), 2)
    commas = len(calls) - sum(map(bool, lists))
    size.add(",", commas, 1)
    size.add('{"id":"","type":"function","function":{"name":"","arguments":}}', len(calls), 8)
    arguments = list(map(_arguments, functions))
    if not _STRINGS.issuperset(map(_first, arguments)):
        raise _Unusual  # an object, perhaps
    size.bytes += sum(len(name) * times for name, times in names.items())
    size.bytes += sum(map(len, map(_id, calls))) + sum(map(len, arguments))


def _add_tools(rows: list[_Row], batch: Batch, size: _Size) -> None:
    tools = [bytes(row.tools) for row in rows if row.tools is not _ABSENT]
    for value in tools:
        count = count_tools(value)
        if count is None or not no_key_twice_in_tools(value):
            raise _Unusual
        batch.tools += count > 0
    metadata = [bytes(row.metadata) for row in rows if row.metadata is not _ABSENT]
    if any(value[0] not in (OBJECT, NULL) for value in metadata) or not no_key_twice(metadata):
        raise _Unusual
    size.add(',"tools":', len(tools), 2)
    size.add(',"metadata":', len(metadata), 2)
    size.bytes += sum(map(len, tools)) + sum(map(len, metadata))


def _warn(
    lists: list[list[_Message]],
    messages: list[_Message],
    starts: list[tuple[bytes]],
    batch: Batch,
) -> None:
    """Warn of rows from which there is little to learn."""
    for row, turns in enumerate(lists):
        if turns[-1].role != "assistant":
            taught = any(message.role == "assistant" for message in turns)
            batch.warned.append((row, "SFT442" if taught else "SFT441", ("messages",)))
    if MAYBE_BLANK.isdisjoint(starts):
        return
    for at in [at for at, start in enumerate(starts) if start in MAYBE_BLANK]:
        message = messages[at]
        if (
            message.role == "assistant"
            and not message.tool_calls
            and is_blank(message.content)
            and not _reasons(message)
        ):
            ends = list(accumulate(map(len, lists)))
            row = bisect_right(ends, at)
            turn = at - (ends[row - 1] if row else 0)
            batch.warned.append((row, "SFT443", ("messages", turn)))
