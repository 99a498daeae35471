"""OpenAI's rows from before there were tools: ``functions``, ``function_call``, role function."""

from dataclasses import replace
from typing import Any, Final

from ...diagnostics import Finding
from ..rows.roles import meant_role
from .call_ids import CallIds, function_of
from .parts import Row, kept_aside, objects_at, refuse, required

_OURS: Final = ("messages", "tools", "functions", "metadata")


def to_row(row: Row, notes: list[Finding]) -> Row:
    """Return our row for one of OpenAI's legacy format."""
    objects_at(required(row, "messages", ()), ("messages",))
    for key, value in row.items():
        if key not in _OURS:
            aside = kept_aside((key,), value)
            notes.append(replace(aside, words=aside.words | {"where": "the row"}))
    return modern(row)


def modern(row: Row) -> Row:
    """Return a row with tools for its functions and tool calls for its function calls.

    Raises:
        Unconvertible: a function or a call is not one, or there are both kinds.

    """
    ours: Row = {}
    for key, value in row.items():
        if key == "functions":
            if not value and (value is None or isinstance(value, list)):
                continue
            if row.get("tools"):
                refuse((key,), "the row also has `tools`", "keep one of the two")
            functions = objects_at(value, (key,))
            ours["tools"] = [one if _is_tool(one) else _tool(one) for one in functions]
        elif key != "tools" or not row.get("functions"):
            ours[key] = value
    if isinstance(row.get("messages"), list):
        calls = CallIds(row["messages"])
        ours["messages"] = [
            _message(message, index, calls) for index, message in enumerate(row["messages"])
        ]
    return ours


def _is_tool(function: Row) -> bool:
    return function.get("type") == "function" and isinstance(function.get("function"), dict)


def _tool(function: Row) -> Row:
    return {"type": "function", "function": function}


def _message(message: Any, index: int, calls: CallIds) -> Any:
    if not isinstance(message, dict):
        return message
    written = message.get("role")
    role = meant_role(written) if isinstance(written, str) else written
    if role == "assistant":
        return _turn(message, index, calls)
    if role in ("tool", "function"):
        return _answer(message, calls, is_legacy=role == "function")
    return message


def _turn(message: Row, index: int, calls: CallIds) -> Row:
    """Return a turn of the assistant with the legacy call in it as a tool call."""
    path = ("messages", index, "function_call")
    legacy = message.get("function_call")
    if legacy and message.get("tool_calls"):
        refuse(path, "the message also has `tool_calls`", "keep one of the two")
    if isinstance(message.get("tool_calls"), list):
        calls.known(message["tool_calls"])
    ours: Row = {}
    for key, value in message.items():
        if key == "function_call":
            if legacy is not None and legacy != {}:
                ours["tool_calls"] = [calls.call(function_of(legacy, path))]
        elif key != "tool_calls" or not legacy:
            ours[key] = value
    return ours


def _answer(message: Row, calls: CallIds, *, is_legacy: bool) -> Row:
    identity = message.get("tool_call_id")
    if identity is not None:
        calls.gone(identity)
    else:
        identity = calls.answered(message.get("name"))
    if not is_legacy:
        return message
    ours: Row = {}
    for key, value in message.items():
        if key == "role":
            ours[key] = "tool"
            if identity is not None:
                ours["tool_call_id"] = identity
        elif key != "tool_call_id" or identity is None:
            ours[key] = value
    return ours
