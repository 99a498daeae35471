"""The tools of one row: which it has, and whether its calls name one of them.

Tools and calls come one after another, in any order, so that a row need not be in memory as a
whole.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...diagnostics import Finding, KeyPath, codes
from .explaining import named

_MOST: Final = 10_000
"""Tools of a row, and calls, that are looked at. Of a row with more tools, no call is said to name
none."""
_LONGEST: Final = 256
"""Characters of a name that are compared. The accelerator in C leaves longer names to us."""
_SHOWN: Final = 80
_HINTS: Final = 20
"""Names in one row for which the one that was meant is looked for."""
_CHOICE: Final = 128
"""Tools of the largest row in which it is looked for."""
_LIKELY: Final = 64
"""Characters of the longest name that services take."""


class Tools:
    """The tools of a row and the calls of them, so far."""

    def __init__(self) -> None:
        self._defined: dict[str, KeyPath] = {}
        self._called: dict[str, tuple[KeyPath, KeyPath]] = {}  # the first call, and its name
        self._tools = self._calls = 0

    @property
    def names_called(self) -> int:
        """How many different names the calls have."""
        return len(self._called)

    def define(self, tool: Mapping[str, Any], path: KeyPath) -> Finding | None:
        """Add a tool, which stands at a path; return what is wrong with its name, or None."""
        self._tools += 1
        if self._tools > _MOST:
            return None
        name, where = tool_name(tool, path)
        first = self._defined.get(name)
        if first is None:
            self._defined[name] = path
            return None
        words = {"what": named(path), "found": name[:_SHOWN], "first": named(first)}
        return Finding(codes.TOOL_TWICE, where, words)

    def call(self, message: Mapping[str, Any], path: KeyPath) -> None:
        """Add the calls of a message, which stands at a path."""
        for index, call in enumerate(message.get("tool_calls") or ()):
            at_call = (*path, "tool_calls", index)
            self._add(*call_name(call, at_call), at_call)
        legacy = message.get("function_call")
        name = legacy.get("name") if isinstance(legacy, dict) else None
        if isinstance(name, str) and name.strip():  # the schema says nothing about it
            at_call = (*path, "function_call")
            self._add(name[:_LONGEST], (*at_call, "name"), at_call)

    def undefined(self) -> Iterator[Finding]:
        """Yield the names that calls have and no tool has, each once, at the end of the row."""
        if not self._defined or self._tools > _MOST:
            return
        absent = [name for name in self._called if name not in self._defined]
        for number, name in enumerate(absent):
            at_call, where = self._called[name]
            words = {"what": named(at_call), "found": name[:_SHOWN]}
            hint = self._hint(name) if number < _HINTS else None
            yield Finding(codes.CALL_OF_UNKNOWN_TOOL, where, words, hint=hint)

    def _add(self, name: str, where: KeyPath, at_call: KeyPath) -> None:
        self._calls += 1
        if self._calls <= _MOST:
            self._called.setdefault(name, (at_call, where))

    def _hint(self, name: str) -> str | None:
        # Imported here because most rows call the tools that they have.
        from ...diagnostics.suggest import nearest

        if len(name) > _LIKELY or len(self._defined) > _CHOICE:
            return None
        meant = nearest(name, [tool for tool in self._defined if len(tool) <= _LIKELY])
        return f"write `{meant}`" if meant else None


def tool_name(tool: Mapping[str, Any], path: KeyPath) -> tuple[str, KeyPath]:
    """Return the name of a tool of the right shape, and where it stands."""
    if "name" in tool:
        return tool["name"][:_LONGEST], (*path, "name")
    return tool["function"]["name"][:_LONGEST], (*path, "function", "name")


def call_name(call: Mapping[str, Any], path: KeyPath) -> tuple[str, KeyPath]:
    """Return the name that a call of the right shape has, and where it stands."""
    function = call.get("function")
    if isinstance(function, dict) and isinstance(function.get("name"), str):
        return function["name"][:_LONGEST], (*path, "function", "name")
    return call["name"][:_LONGEST], (*path, "name")
