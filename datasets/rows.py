"""Rows by the fast path: a typed decoder that says yes to many lines at once.

It never says why it says no: what it does not accept, ``careful`` explains. Accepting a row
that the schema refuses would be a bug; not accepting a good one only costs time.
"""

import re
from bisect import bisect_right
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, chain
from operator import attrgetter, itemgetter
from struct import Struct as Layout
from struct import error as LayoutError  # noqa: N812 - the module's name says nothing here
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from ..diagnostics import KeyPath
from .account import ABSENT, Account

Warned: TypeAlias = tuple[int, str, KeyPath]
"""A warning: the 0-based row it is about, its code, and the path inside the row."""


class Called(msgspec.Struct, gc=False):
    """The function that is called."""

    name: str
    arguments: Raw = ABSENT


class Call(msgspec.Struct, gc=False):
    """A call of a tool."""

    function: Called | None = None
    name: str | None = None
    id: Raw = ABSENT
    type: Raw = ABSENT
    arguments: Raw = ABSENT


class Message(msgspec.Struct, gc=False):
    """A turn. Values stay bytes, of which the length and the first characters are looked at."""

    role: Literal[
        "system", "user", "assistant", "tool", "developer", "function", "human", "gpt", "model"
    ]
    content: Raw = ABSENT
    tool_calls: list[Call] | UnsetType | None = UNSET
    name: Raw = ABSENT
    reasoning: Raw = ABSENT
    raw_content: Raw = ABSENT
    tool_call_id: Raw = ABSENT


class Row(msgspec.Struct, gc=False):
    """A conversation, with the tools that it may use. A known role is decoded fastest."""

    messages: Annotated[list[Message], Meta(min_length=1)]
    tools: Raw = ABSENT
    metadata: Raw = ABSENT


class OtherMessage(Message, gc=False):
    """A turn of whatever role."""

    role: str  # type: ignore[assignment] - wider on purpose: the decoder takes the type as it is


class OtherRow(Row, gc=False):
    """A conversation of whatever roles."""

    messages: Annotated[list[OtherMessage], Meta(min_length=1)]  # type: ignore[assignment] - as above


class Function(msgspec.Struct, gc=False):
    """A function that may be called."""

    name: str
    description: str | None = None
    parameters: dict[str, Raw] | None = None


class Tool(msgspec.Struct, gc=False):
    """A tool: a function, or OpenAI's object around one."""

    name: str | UnsetType = UNSET
    description: str | None = None
    parameters: dict[str, Raw] | None = None
    function: Function | UnsetType = UNSET


class Part(msgspec.Struct, gc=False):
    """A part of a content."""

    type: str | None = None


@dataclass(slots=True)
class Batch:
    """What is known of rows that are good.

    Attributes:
        rows: how many.
        roles: messages by role.
        tools: rows with tools.
        images: rows with images.
        reasoning: rows with reasoning.
        warned: what to warn of.
        plain: whether surely no key stands twice in any of them.

    """

    rows: int
    roles: Counter[str]
    tools: int = 0
    images: int = 0
    reasoning: int = 0
    warned: list[Warned] = field(default_factory=list)
    plain: bool = True


_decode_rows = msgspec.json.Decoder(Row).decode_lines
_decode_other_rows = msgspec.json.Decoder(OtherRow).decode_lines
_decode_tools = msgspec.json.Decoder(list[Tool] | None).decode
_decode_part = msgspec.json.Decoder(Part).decode
_decode_parts = msgspec.json.Decoder(list[Raw]).decode

_messages = attrgetter("messages")
_role = attrgetter("role")
_content = attrgetter("content")
_reasoning = attrgetter("reasoning")
_calls = attrgetter("tool_calls")
_EXTRAS: Final = ("name", "reasoning", "raw_content", "tool_call_id")

_first = itemgetter(0)
_first_two = Layout("2s").unpack_from
"""The first two bytes of a value, as a tuple of one."""

_TEXT: Final = frozenset(b'"n')
_OBJECT: Final = frozenset(b"{n")
_CONTAINER: Final = frozenset(b"[{")
_CONTENT: Final = frozenset(b'"n[{' + bytes(ABSENT)[:1])
_BLANK: Final = re.compile(
    rb'absent|null|\[[ \t]*\]|\{[ \t]*\}|"(?: |\\[tnrf]|\xc2[\x85\xa0]|\xe1\x9a\x80'
    rb"|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80"
    rb"|\\u(?:00(?:09|0[a-dA-D]|1[c-fC-F]|20|85|[aA]0)|1680|200[0-9aA]|202[89fF]|205[fF]|3000)"
    rb')*+"'
)
"""A content that says nothing: none, an empty one, or white space only."""
_MAYBE_BLANK: Final = frozenset(
    (two,)
    for two in (b'""', b'" ', b'"\\', b"[]", b"[ ", b"[\t", b"{}", b"{ ", b"{\t", b"nu", b"ab")
    + (b'"\xc2', b'"\xe1', b'"\xe2', b'"\xe3')
)
IMAGES: Final = frozenset({"image", "image_url"})
"""Types of a part of a content that is an image."""


def accept(text: bytes, count: int) -> Batch | None:
    r"""Return what is known of some rows, or None if one of them is not surely good.

    Args:
        text: whole lines of valid UTF-8, each a row and each ended by one ``\n``.
        count: how many lines these are.

    """
    rows = _decode(text)
    if rows is None or len(rows) != count:
        return None
    messages: list[Message] = list(chain.from_iterable(map(_messages, rows)))
    contents: list[Raw] = list(map(_content, messages))
    try:
        starts: list[tuple[bytes]] = list(map(_first_two, contents))
    except LayoutError:  # a number of one digit
        return None
    distinct = set(starts)
    batch = Batch(count, Counter(map(_role, messages)))
    if not all(two[0] in _CONTENT for (two,) in distinct):
        return None
    if not all(map(str.strip, batch.roles)):
        return None
    account = Account(text)
    absent = contents.count(ABSENT)
    content_bytes = sum(map(len, contents)) - absent * len(ABSENT)
    account.add_rows(count, batch.roles, len(contents) - absent, content_bytes)
    # When these are all the bytes there are, no message has any other key.
    if not account.settled() and not (
        _tools_are_sound(rows, batch, account)
        and _calls_are_sound(messages, account)
        and _extras_are_sound(rows, messages, batch, account)
    ):
        return None
    _warn(rows, messages, starts, batch)
    if not _CONTAINER.isdisjoint(two[0] for (two,) in distinct):
        _look_at_parts(rows, batch, account)
    batch.plain = account.settled()
    return batch


def _decode(text: bytes) -> list[Row] | None:
    for decode in (_decode_rows, _decode_other_rows):
        with suppress(msgspec.DecodeError, RecursionError):
            return decode(text)
    return None


def _tools_are_sound(rows: list[Row], batch: Batch, account: Account) -> bool:
    present = [bytes(row.tools) for row in rows if row.tools is not ABSENT]
    account.add_keys("tools", len(present), sum(map(len, present)))
    for tools in present:
        found = _count_tools(tools)
        if found is None:
            return False
        batch.tools += found > 0
        account.add_tools(tools)
    present = [bytes(row.metadata) for row in rows if row.metadata is not ABSENT]
    account.add_keys("metadata", len(present), sum(map(len, present)))
    account.add_nested(present)
    return _OBJECT.issuperset(map(_first, present))


@lru_cache(maxsize=64)  # rows of one dataset often have the same tools
def _count_tools(raw: bytes) -> int | None:
    try:
        tools: list[Tool] | None = _decode_tools(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
    for tool in tools or ():
        named = tool.function if tool.name is UNSET else tool
        if named is UNSET or not str(named.name).strip():
            return None
    return len(tools or ())


def _calls_are_sound(messages: list[Message], account: Account) -> bool:
    for calls in map(_calls, messages):
        if calls is UNSET:
            continue
        account.add_calls(calls)
        for call in calls or ():
            name = call.function.name if call.function else call.name
            if name is None or not name.strip():
                return False
    return True


def _extras_are_sound(
    rows: list[Row], messages: list[Message], batch: Batch, account: Account
) -> bool:
    for key in _EXTRAS:
        column = list(map(attrgetter(key), messages))
        if column.count(ABSENT) == len(column):
            continue
        present = [bytes(raw) for raw in column if raw is not ABSENT]
        account.add_keys(key, len(present), sum(map(len, present)))
        starts = set(map(_first, present))
        if key != "tool_call_id" and not starts <= _TEXT:
            return False
        if not starts.isdisjoint(_CONTAINER):
            account.add_nested(raw for raw in present if raw[0] in _CONTAINER)
        if key == "reasoning":
            batch.reasoning = sum(any(map(_has_reasoning, row.messages)) for row in rows)
    return True


def _warn(
    rows: list[Row], messages: list[Message], starts: list[tuple[bytes]], batch: Batch
) -> None:
    """Warn of rows from which there is little to learn."""
    last = [row.messages[-1].role for row in rows]
    if last.count("assistant") < len(last):
        for index, row in enumerate(rows):
            if last[index] != "assistant":
                taught = any(message.role == "assistant" for message in row.messages)
                batch.warned.append((index, "SFT442" if taught else "SFT441", ("messages",)))
    ends: list[int] = []  # of each row's messages, counted only when they are needed
    for at in [at for at, start in enumerate(starts) if start in _MAYBE_BLANK]:
        if messages[at].role == "assistant" and _says_nothing(messages[at]):
            ends = ends or list(accumulate(len(row.messages) for row in rows))
            index = bisect_right(ends, at)
            turn = at - (ends[index - 1] if index else 0)
            batch.warned.append((index, "SFT443", ("messages", turn)))


def _says_nothing(message: Message) -> bool:
    return not message.tool_calls and all(
        raw is ABSENT or _BLANK.fullmatch(raw)
        for raw in (message.content, message.reasoning, message.raw_content)
    )


def _has_reasoning(message: Message) -> bool:
    raw = message.reasoning
    return raw is not ABSENT and _BLANK.fullmatch(raw) is None


def _look_at_parts(rows: list[Row], batch: Batch, account: Account) -> None:
    """Count the rows with images, and look for keys that stand twice in a content."""
    for row in rows:
        image = False
        for message in row.messages:
            if memoryview(message.content)[0] in _CONTAINER:
                account.add_nested([bytes(message.content)])
                image = image or _has_image(message.content)
        batch.images += image


def _has_image(content: Raw) -> bool:
    parts = _decode_parts(content) if memoryview(content)[0] == ord("[") else [content]
    for part in parts:
        try:
            if _decode_part(part).type in IMAGES:
                return True
        except msgspec.DecodeError:  # not an object, or its type is no string
            continue
    return False
