"""Single values of a row by the fast path: tools, calls of tools, contents.

As in ``rows``, a no only means that somebody has to look carefully.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

STRING, ARRAY, OBJECT, NULL = b'"[{n'
"""First bytes of a value, each of which tells its type."""
IMAGES: Final = frozenset({"image", "image_url"})
"""Types of a part of a content that is an image."""


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


_decode_tools = msgspec.json.Decoder(list[Tool] | None).decode
_decode_string = msgspec.json.Decoder(str).decode
_decode_part = msgspec.json.Decoder(Part).decode
_decode_parts = msgspec.json.Decoder(list[Raw]).decode

_BLANK: Final = re.compile(
    rb'null|\[[ \t\r]*\]|\{[ \t\r]*\}|"(?: |\\[tnrf]|\xc2[\x85\xa0]|\xe1\x9a\x80'
    rb"|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80"
    rb"|\\u(?:00(?:09|0[a-dA-D]|1[c-fC-F]|20|85|[aA]0)|1680|200[0-9aA]|202[89fF]|205[fF]|3000)"
    rb')*+"'
)
MAYBE_BLANK: Final = frozenset(
    (start,)
    for start in (
        *(b'""', b'" ', b'"\\', b"[]", b"[ ", b"[\t", b"[\r", b"{}", b"{ ", b"{\t", b"{\r"),
        *(b"nu", b'"\xc2', b'"\xe1', b'"\xe2', b'"\xe3'),
    )
)
"""First two bytes of every value that can be blank, each in a tuple."""


def is_blank(value: Raw) -> bool:
    """Whether a value says nothing: null, empty, or a string of white space."""
    return _BLANK.fullmatch(value) is not None


@lru_cache(maxsize=64)  # the rows of a dataset often have the same tools
def count_tools(value: bytes) -> int | None:
    """Return how many tools there are, or None if they are not surely good."""
    try:
        tools: list[Tool] | None = _decode_tools(value)
    except (msgspec.DecodeError, RecursionError):
        return None
    for tool in tools or ():
        function = tool.function if tool.name is UNSET else tool
        if function is UNSET or not str(function.name).strip():
            return None
    return len(tools or ())


def is_name(value: bytes) -> bool:
    """Whether a value is a string that is not blank."""
    return value[0] == STRING and bool(_decode_string(value).strip())


def says_nothing(message: Mapping[str, Raw]) -> bool:
    """Whether a message has neither content nor calls nor reasoning."""
    for key in ("tool_calls", "content", "reasoning", "raw_content"):
        value = message.get(key)
        if value is not None and not is_blank(value):
            return False
    return True


def has_image(content: bytes) -> bool:
    """Whether a content that is an array or an object has an image in it."""
    parts = _decode_parts(content) if content[0] == ARRAY else [content]
    for part in parts:
        try:
            if _decode_part(part).type in IMAGES:
                return True
        except msgspec.DecodeError:  # not an object, or its type is no string
            continue
    return False
