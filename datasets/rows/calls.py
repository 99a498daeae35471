"""Calls of tools in one row: their arguments, and which answer belongs to which call."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

import orjson

from ...diagnostics import Finding, KeyPath, codes
from .explaining import found, named

_MOST: Final = 10_000
"""Calls of a row whose answers are looked for; in a row with more, none are."""

OBJECT, STRING = "object", "string"
"""The two ways to write arguments."""


class Calls:
    """The calls of a row that wait for an answer."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[KeyPath]] = {}
        self._nameless: list[KeyPath] = []  # calls without an id
        self._count = 0

    def called(self, call: Mapping[str, Any], path: KeyPath) -> Finding | None:
        """Add a call, which stands at a path; return what is wrong with its id, or None."""
        self._count += 1
        if self._count > _MOST:
            return None
        identity = call.get("id")
        if not isinstance(identity, str):
            self._nameless.append(path)
            return None
        waiting = self._waiting.setdefault(identity, [])
        waiting.append(path)
        if len(waiting) == 1:
            return None
        words = {"what": named(path), "found": identity[:80]}
        return Finding(codes.CALL_ID_TWICE, (*path, "id"), words)

    def answered(self, message: Mapping[str, Any], path: KeyPath) -> Finding | None:
        """Take the answer in a message; return what is wrong with it, or None."""
        identity = message.get("tool_call_id")
        if not isinstance(identity, str):
            identity = None
        if identity is not None and identity in self._waiting:
            self._take(identity)
        elif self._nameless:
            self._nameless.pop(0)
        elif self._waiting:
            self._take(next(iter(self._waiting)))  # the one it was most likely meant for
            if identity is not None and self._count <= _MOST:
                where = (*path, "tool_call_id")
                return Finding(
                    codes.ANSWER_TO_ANOTHER_ID, where, {"what": named(path), "found": identity[:80]}
                )
        elif self._count <= _MOST:
            return Finding(codes.ANSWER_WITHOUT_CALL, path, {"what": named(path)})
        return None

    def unanswered(self, last: KeyPath) -> Iterator[Finding]:
        """Yield the calls without an answer at the end of the row.

        Args:
            last: the last message; a call in it may be what the row is to teach.

        """
        if self._count > _MOST:
            return
        waiting = sorted(
            [*self._nameless, *(path for some in self._waiting.values() for path in some)]
        )
        for path in waiting:
            if path[: len(last)] != last:
                yield Finding(codes.CALL_WITHOUT_ANSWER, path, {"what": named(path)})
        if waiting and waiting[-1][: len(last)] == last:
            yield Finding(codes.ENDS_WITH_CALL, last)

    def _take(self, identity: str) -> None:
        paths = self._waiting[identity]
        paths.pop(0)
        if not paths:
            del self._waiting[identity]


def arguments(call: Mapping[str, Any], path: KeyPath) -> tuple[str | None, Finding | None]:
    """Return how the arguments of a call are written, and what is wrong with them.

    Args:
        call: the call, or the function in it.
        path: where it stands.

    """
    function = call.get("function")
    if isinstance(function, dict):
        call, path = function, (*path, "function")
    value = call.get("arguments")
    if value is None:
        return None, None
    if isinstance(value, dict):
        return OBJECT, None
    if isinstance(value, str) and is_json(value):
        return STRING, None
    path = (*path, "arguments")
    words = {"what": named(path), "found": found(value)}
    hint = "write it with json.dumps" if isinstance(value, str) and value.strip() else None
    return None, Finding(codes.ARGUMENTS_NOT_JSON, path, words, hint=hint)


def is_json(text: str) -> bool:
    """Whether a text is JSON; of one that is nested too deep to tell, yes."""
    try:
        orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        pass  # it may be a depth, a number or half a character that only orjson refuses
    else:
        return True
    try:
        json.loads(text, parse_int=len, parse_float=len, parse_constant=_refuse)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
