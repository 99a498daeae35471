"""Calls of tools by the fast path: those of many messages at once, in columns.

As in ``rows``, a no only means that somebody has to look carefully.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from struct import Struct as Layout
from typing import TypeAlias

import msgspec
from msgspec import Raw

from .account import explained, no_key_twice
from .parts import ARRAY, OBJECT, is_name

_Object: TypeAlias = dict[str, Raw]

_decode_objects = msgspec.json.Decoder(list[_Object]).decode
_decode_lists = msgspec.json.Decoder(list[list[_Object] | None]).decode
_first = Layout("B").unpack_from
_CONTAINERS = frozenset(((ARRAY,), (OBJECT,)))


def look_at_calls(values: Sequence[bytes], *, spaces: bool) -> bool | None:
    """Return whether surely no key stands twice in some calls, or None if one may be bad.

    Args:
        values: what stands under ``tool_calls`` in some messages.
        spaces: whether a space follows each colon and comma.

    """
    try:
        lists: list[list[_Object] | None] = _decode_lists(_joined(values))
        calls = list(chain.from_iterable(filter(None, lists)))
        texts = [call["function"] for call in calls if "function" in call]
        functions: list[_Object] = _decode_objects(_joined(texts))
        names = {bytes(function["name"]) for function in functions}
        names |= {bytes(call["name"]) for call in calls if "function" not in call}
    except (msgspec.DecodeError, RecursionError, KeyError):
        return None
    if not all(map(is_name, names)):
        return None
    filled = list(filter(None, lists))
    size = sum(len(value) for value, calls_ in zip(values, lists, strict=True) if calls_)
    return (
        size == _size(calls, len(filled), spaces=spaces)
        and sum(map(len, texts)) == _size(functions, 0, spaces=spaces)
        and no_key_twice(list(_nested(functions, ())))
        and no_key_twice(list(_nested(calls, ("function",))))
    )


def _joined(values: Iterable[Raw | bytes]) -> bytes:
    return b"[%b]" % b",".join(values)


def _size(objects: list[_Object], arrays: int, *, spaces: bool) -> int:
    values = sum(map(len, chain.from_iterable(map(dict.values, objects))))
    return explained(Counter(map(tuple, objects)), values, arrays, spaces=spaces)


def _nested(objects: list[_Object], but: tuple[str, ...]) -> Iterable[bytes]:
    """Yield the arrays and objects under all keys but some."""
    for key in set(chain.from_iterable(objects)).difference(but):
        column = [value[key] for value in objects if key in value]
        if not _CONTAINERS.isdisjoint(map(_first, column)):
            yield from (bytes(raw) for raw in column if _first(raw) in _CONTAINERS)
