"""ShareGPT's rows: ``conversations`` of ``from`` and ``value``, and what grew around them."""

from typing import Any, Final

from ...diagnostics import Finding, KeyPath
from ..reading.exact import Inexact, exact_value
from ..rows.roles import meant_role
from .call_ids import CallIds, function_of
from .parts import (
    Row,
    kept_aside,
    objects_at,
    optional_text,
    refuse,
    required,
    with_the_rest,
    wrong_type,
)

FUNCTION_CALL: Final = "function_call"
"""The role of a turn whose text is JSON: the call, or a list of calls."""
_WEIGHTS: Final = ("weight", "loss", "train")
"""Keys that say whether a turn is learned."""
_ABSENT_IF_NULL: Final = (*_WEIGHTS, "tool_call_id")
_OURS: Final = frozenset(
    ("tool_calls", "tool_call_id", "name", "reasoning", "raw_content", "role", "content", "weight")
)


def to_row(row: Row, notes: list[Finding]) -> Row:
    """Return our row for one of ShareGPT's format."""
    path: KeyPath = ("conversations",)
    turns = objects_at(required(row, "conversations", ()), path)
    calls = CallIds(turns)
    messages = [_message(turn, (*path, at), calls, notes) for at, turn in enumerate(turns)]
    system = optional_text(row, "system")
    known = {"conversations"}
    first = messages[0] if messages else {}
    if not system or first.get("role") != "system":
        known.add("system")
        messages = [{"role": "system", "content": system}, *messages] if system else messages
    elif first["content"] == system:
        known.add("system")
    else:
        refuse(
            ("system",), "the conversation begins with another system message", "keep one of them"
        )
    return with_the_rest(messages, row, known, notes)


def _message(turn: Row, path: KeyPath, calls: CallIds, notes: list[Finding]) -> Row:
    role_key, word = _either(turn, "from", "role", path)
    if not isinstance(word, str):
        wrong_type((*path, role_key), "a string", word)
    has_content = "value" in turn or "content" in turn or not turn.get("tool_calls")
    text_key, text = _either(turn, "value", "content", path) if has_content else ("value", None)
    if word.strip().casefold() == FUNCTION_CALL:
        role, said = "assistant", {"content": None, "tool_calls": calls_in(text, path, calls)}
    else:
        role, said = meant_role(word), {"content": text}
    ours: Row = {"role": role}
    if role == "tool" and turn.get("tool_call_id") is None:
        identity = calls.answered(turn.get("name"))
        if identity is not None:
            ours["tool_call_id"] = identity
    ours |= said
    if isinstance(turn.get("tool_calls"), list):
        calls.known(turn["tool_calls"])
    for key, value in turn.items():
        if key in (role_key, text_key) or (key in _ABSENT_IF_NULL and value is None):
            continue
        if key in _WEIGHTS:
            _weigh(ours, value, (*path, key))
        elif key in ours:
            refuse((*path, key), "its message is already a tool call")
        else:
            ours[key] = value
            notes += [] if key in _OURS else [kept_aside((*path, key), value)]
    return ours


def _weigh(ours: Row, value: Any, path: KeyPath) -> None:
    """Give a message its weight."""
    weight = int(value) if isinstance(value, bool) else value
    if ours.setdefault("weight", weight) != weight:
        refuse(path, "another key of the message contradicts it")


def _either(turn: Row, theirs: str, ours: str, path: KeyPath) -> tuple[str, Any]:
    """Return which of two keys a turn has, and what it holds."""
    if theirs in turn and ours in turn:
        refuse(path, f"it has both `{theirs}` and `{ours}`", "keep one of the two")
    key = ours if ours in turn else theirs
    return key, required(turn, key, path)


def calls_in(text: Any, path: KeyPath, calls: CallIds) -> list[Row]:
    """Return the calls that the text of a turn stands for.

    Raises:
        Unconvertible: it is not JSON with a name, or a list of that.

    """
    value = text
    if isinstance(text, str):
        try:
            value = exact_value(text)
        except Inexact:
            refuse(path, "its text is not JSON, as the text of a function call must be")
    some = value if isinstance(value, list) else [value]
    if not some:
        refuse(path, "it has no call")
    return [calls.call(function_of(one, path)) for one in some]
