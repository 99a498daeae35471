"""The row schema as functions that say yes, many times as fast as from the schema itself.

They never say why they say no: ``explain`` does. Hypothesis holds their verdict against that
of jsonschema.
"""

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, Final

_TEXT: Final = frozenset((str, NoneType))
_OBJECT: Final = frozenset((dict, NoneType))
_CONTENT: Final = frozenset((str, list, dict, NoneType))


def is_row(row: Any) -> bool:
    """Whether a value is a row."""
    return (
        isinstance(row, dict)
        and bool(row.get("messages"))
        and _are_all(is_message, row["messages"])
        and _are_none_or_all(is_tool, row.get("tools"))
        and type(row.get("metadata")) in _OBJECT
    )


def is_message(message: Any) -> bool:
    """Whether a value is a message."""
    return (
        isinstance(message, dict)
        and _is_name(message.get("role"))
        and type(message.get("content")) in _CONTENT
        and _are_none_or_all(is_call, message.get("tool_calls"))
        and type(message.get("name")) in _TEXT
        and type(message.get("reasoning")) in _TEXT
        and type(message.get("raw_content")) in _TEXT
    )


def is_tool(tool: Any) -> bool:
    """Whether a value is a tool, plain or nested as OpenAI has it."""
    if isinstance(tool, dict) and "function" in tool and "name" not in tool:
        return _is_function(tool["function"])
    return _is_function(tool)


def is_call(call: Any) -> bool:
    """Whether a value is a call of a tool."""
    if not isinstance(call, dict):
        return False
    function = call.get("function")
    if isinstance(function, dict) and isinstance(function.get("name"), str):
        return _is_name(function["name"])
    return _is_name(call.get("name"))


def _is_function(function: Any) -> bool:
    return (
        isinstance(function, dict)
        and _is_name(function.get("name"))
        and type(function.get("description")) in _TEXT
        and type(function.get("parameters")) in _OBJECT
    )


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_all(check: Callable[[Any], bool], values: Any) -> bool:
    return isinstance(values, list) and all(map(check, values))


def _are_none_or_all(check: Callable[[Any], bool], values: Any) -> bool:
    return values is None or _are_all(check, values)


CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "row": is_row,
    "message": is_message,
    "tool": is_tool,
    "tool_call": is_call,
}
"""The function for each part of a row that can be judged alone."""
