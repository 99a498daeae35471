"""Calls of tools as we write them: with ids, which other formats lack, and their answers."""

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
        self._waiting: list[tuple[str, str]] = []  # id and name

    def call(self, function: Mapping[str, Any]) -> Row:
        """Return a call of a function with its name and arguments, and wait for its answer."""
        identity = self._new()
        self._waiting.append((identity, str(function["name"])))
        return {"id": identity, "type": "function", "function": dict(function)}

    def known(self, calls: Iterable[Any]) -> None:
        """Wait for the answers to calls that are written as ours are."""
        for call in calls:
            if isinstance(call, dict) and isinstance(call.get("id"), str):
                function = call.get("function")
                name = function.get("name") if isinstance(function, dict) else call.get("name")
                self._waiting.append((call["id"], str(name)))

    def answered(self, name: Any = None) -> str | None:
        """Return the id of the call that is answered: the first of this name, or else of any."""
        if not self._waiting:
            return None
        named = (place for place, (_, of) in enumerate(self._waiting) if of == name)
        identity, _ = self._waiting.pop(next(named, 0))
        return identity

    def gone(self, identity: Any) -> None:
        """Wait no longer for the answer to a call."""
        self._waiting = [one for one in self._waiting if one[0] != identity]

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
