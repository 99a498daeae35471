"""Calls of tools as we write them: with ids, which other formats lack, and their answers."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from ...diagnostics import KeyPath
from .parts import Row, refuse, wrong_type


class CallIds:
    """The calls of one row, and which of them wait for an answer."""

    def __init__(self, messages: Iterable[Any]) -> None:
        """Begin with the messages of a row; their ids are not given again."""
        written = (one.get("tool_calls") for one in messages if isinstance(one, dict))
        self._taken = {
            call["id"]
            for calls in written
            if isinstance(calls, list)
            for call in calls
            if isinstance(call, dict) and isinstance(call.get("id"), str)
        }
        self._last = 0
        self._waiting: set[str] = set()
        self._order: deque[str] = deque()  # of calls, those that were answered among them
        self._named: dict[str, deque[str]] = {}

    def call(self, function: Mapping[str, Any]) -> Row:
        """Return a call of a function with its name and arguments, and wait for its answer."""
        identity = self._new()
        self._wait(identity, function["name"])
        return {"id": identity, "type": "function", "function": dict(function)}

    def known(self, calls: Iterable[Any]) -> None:
        """Wait for the answers to calls that are written as ours are."""
        for call in calls:
            if isinstance(call, dict) and isinstance(call.get("id"), str):
                function = call.get("function")
                name = function.get("name") if isinstance(function, dict) else call.get("name")
                self._wait(call["id"], name)

    def answered(self, name: Any = None) -> str | None:
        """Return the id of the call that is answered: the first of this name, or else of any."""
        named = self._named.get(name) if isinstance(name, str) else None
        return (self._first(named) if named else None) or self._first(self._order)

    def gone(self, identity: Any) -> None:
        """Wait no longer for the answer to a call."""
        if isinstance(identity, str):
            self._waiting.discard(identity)

    def _wait(self, identity: str, name: Any) -> None:
        self._waiting.add(identity)
        self._order.append(identity)
        if isinstance(name, str):
            self._named.setdefault(name, deque()).append(identity)

    def _first(self, queue: deque[str]) -> str | None:
        while queue:
            identity = queue.popleft()
            if identity in self._waiting:
                self._waiting.discard(identity)
                return identity
        return None

    def _new(self) -> str:
        while True:
            self._last += 1
            identity = f"call_{self._last}"
            if identity not in self._taken:
                return identity


def function_of(value: Any, path: KeyPath) -> Row:
    """Return a function that is called, which must have a name."""
    if not isinstance(value, dict):
        wrong_type(path, "an object with `name` and `arguments`", value)
    if not isinstance(value.get("name"), str) or not value["name"].strip():
        refuse(path, "the call has no `name`")
    return value
