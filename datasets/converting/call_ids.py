"""Calls of tools as we write them: with ids, which other formats lack, and their answers.

Which call an answer belongs to is never guessed: what could belong to several gets no id.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeGuard

from ...diagnostics import KeyPath
from .parts import Row, refuse, wrong_type

_LIKE_OURS: Final = re.compile(r'"(call_[0-9]+)"')
"""An id like those that are given here, in the JSON of a text."""


class CallIds:
    """The calls of one row, and which of them wait for an answer."""

    def __init__(self, messages: Iterable[Any]) -> None:
        self._taken = {identity for message in messages for identity in _ids_in(message)}
        self._last = self._without = 0
        self._waiting: dict[str | int, Any] = {}  # with its name; a number is a call without id
        self._named: dict[str, deque[str | int]] = {}
        self._unclear = 0  # answers that may belong to any of those that wait

    def call(self, function: Mapping[str, Any]) -> Row:
        """Return a call of a function with its name and arguments, and wait for its answer.

        A function that comes with an id of its own keeps it as the id of the call.
        """
        own = function.get("id")
        if own is None or _is_name(own):
            function = {key: value for key, value in function.items() if key != "id"}
        identity = own if _is_name(own) else self._new()
        self._wait(identity, function["name"])
        return {"id": identity, "type": "function", "function": dict(function)}

    def known(self, calls: Iterable[Any]) -> None:
        """Wait for the answers to calls that are written as ours are."""
        for call in calls:
            if isinstance(call, dict):
                function = call.get("function")
                name = function.get("name") if isinstance(function, dict) else call.get("name")
                identity = call.get("id")
                self._without += not isinstance(identity, str)
                self._wait(identity if isinstance(identity, str) else self._without, name)

    def answered(self, name: Any = None) -> str | None:
        """Return the id of the call that is answered; None if it is unclear, or has no id.

        Args:
            name: the function whose answer it is; the first call of this name is taken. Without
                a name, the call is the only one that waits.

        """
        identity: str | int | None = None
        if _is_name(name):
            identity = self._first(name)
        elif name is None or isinstance(name, str):
            if len(self._waiting) == 1 and not self._unclear:
                identity, _ = self._waiting.popitem()
            else:
                self._unclear += 1
        return identity if isinstance(identity, str) else None

    def gone(self, identity: Any) -> None:
        """Wait no longer for the answer to a call."""
        if isinstance(identity, str):
            self._waiting.pop(identity, None)

    def _wait(self, identity: str | int, name: Any) -> None:
        if self._unclear:  # the calls before have had their answers, whichever they were
            self._waiting.clear()
            self._unclear = 0
        self._waiting[identity] = name
        if isinstance(name, str):
            self._named.setdefault(name, deque()).append(identity)

    def _first(self, name: str) -> str | int | None:
        queue = self._named.get(name)
        while queue:
            identity = queue.popleft()
            if self._waiting.get(identity) == name:
                del self._waiting[identity]
                return identity
        return None

    def _new(self) -> str:
        while True:
            self._last += 1
            identity = f"call_{self._last}"
            if identity not in self._taken:
                return identity


def _ids_in(message: Any) -> Iterator[str]:
    """Yield the ids that a message has, or may have in the JSON of its text."""
    if not isinstance(message, dict):
        return
    for key in ("tool_calls", "value", "content"):
        calls = message.get(key)
        if isinstance(calls, str):
            yield from _LIKE_OURS.findall(calls) if '"call_' in calls else ()
        for call in calls if isinstance(calls, list) else [calls]:
            if isinstance(call, dict) and isinstance(call.get("id"), str):
                yield call["id"]


def _is_name(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def function_of(value: Any, path: KeyPath) -> Row:
    """Return a function that is called, which must have a name."""
    if not isinstance(value, dict):
        wrong_type(path, "an object with `name` and `arguments`", value)
    if not isinstance(value.get("name"), str) or not value["name"].strip():
        refuse(path, "the call has no `name`")
    return value
