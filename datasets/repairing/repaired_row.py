"""One row repaired: each change is kept only if our own checks say no worse of the row after it."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from ...diagnostics import codes
from ...diagnostics.catalogue import diagnose
from ..converting.call_ids import CallIds
from ..converting.formats import is_legacy
from ..converting.openai_legacy import modern
from ..converting.parts import Row, Unconvertible
from ..converting.sharegpt import FUNCTION_CALL, calls_in
from ..reading.exact import Inexact, as_line, exact_value
from ..reading.trailing_commas import trailing_commas, without
from ..rows.conversation import CALLS, CONTENT, ROLES
from ..rows.kind import RowKind
from ..rows.roles import meant_role
from ..rows.turns import INSTEAD, says
from ..rows.validating import validate_row
from . import repairs

_SHAPE: Final = frozenset(
    {
        codes.MISSING_ROW_KEY,
        codes.WRONG_ROW_TYPE,
        codes.NO_MESSAGES,
        codes.BLANK_IN_ROW,
        codes.MISSPELT_ROW_KEY,
        codes.LONE_SURROGATE,
    }
)
"""Findings of a row that no rule was applied to, so that others may come to light."""


class RepairedRow(NamedTuple):
    """A row after repairing.

    Attributes:
        text: the row, without a line end; the same bytes if nothing was changed.
        changes: how many there are of each kind.
        source: the format that ``sftc data convert`` reads it in, if it is of another one.
        legacy: why a legacy function, call or answer is left; None if there is none.

    """

    text: bytes
    changes: Counter[str]
    source: str | None = None
    legacy: str | None = None


def repaired(line: bytes, kind: RowKind) -> RepairedRow:
    """Return a row with what can safely be repaired.

    Args:
        line: the bytes of its line, without the line end.
        kind: what it is to be.

    """
    done: Counter[str] = Counter()
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return RepairedRow(line, done)
    try:
        row = exact_value(text)
    except Inexact:
        text, commas = _without_commas(text)
        try:
            row = exact_value(text)
        except Inexact:
            return RepairedRow(line, done)
        done[repairs.COMMAS] = commas
        line = text.encode()
    if not isinstance(row, dict):
        return RepairedRow(line, done)
    if kind.repairs and isinstance(row.get("messages"), list):
        line, row = _with_steps(line, row, kind, done)
    legacy = _legacy(row) if CALLS in kind.repairs else None
    return RepairedRow(line, done, kind.convertible(row), legacy)


def _legacy(row: Row) -> str | None:
    if not is_legacy(row):
        return None
    try:
        modern(row)
    except Unconvertible as error:
        return diagnose(error.finding, "").message
    return "it is unclear which call is answered, or the result would have more findings"


def _without_commas(text: str) -> tuple[str, int]:
    """Return a text without commas before closing brackets and behind the row, and how many."""
    places = trailing_commas(text)
    bare = text.rstrip()
    if bare.endswith(","):
        places.append(len(bare) - 1)
    return without(text, places), len(places)


def _with_steps(line: bytes, row: Row, kind: RowKind, done: Counter[str]) -> tuple[bytes, Row]:
    """Take the steps that change anything, until none does."""
    before: Counter[str] | None = None
    changed = True
    while changed:
        changed = False
        for name, step in _STEPS.items():
            if name not in kind.repairs:
                continue
            after, count = step(row)
            if not count:
                continue
            try:
                text = as_line(after)[:-1]
            except Inexact:
                return line, row
            before = _findings(line, kind) if before is None else before
            found = _findings(text, kind)
            if _is_no_worse(before, found):
                line, row, before, changed = text, after, found, True
                done[name] += count
    return line, row


def _findings(line: bytes, kind: RowKind) -> Counter[str]:
    return Counter(finding.code for finding in validate_row(line, kind).findings)


def _is_no_worse(before: Counter[str], after: Counter[str]) -> bool:
    if _SHAPE & before.keys():
        return sum(after[code] for code in _SHAPE) <= sum(before[code] for code in _SHAPE)
    return after <= before


def _with_content(row: Row) -> tuple[Row, int]:
    """Write ``content`` for what stands in its place, in a turn that says nothing without it."""
    return _each_message(row, _content)


def _content(message: Row) -> Row:
    role = message.get("role")
    if not isinstance(role, str) or meant_role(role) not in ("user", "assistant"):
        return message
    instead = [key for key in INSTEAD if key in message]
    others = ("reasoning", "raw_content", "tool_calls", "function_call")
    if message.get("content") is not None or len(instead) != 1 or any(map(message.get, others)):
        return message
    said = message[instead[0]]
    if not isinstance(said, str) or not says(said):
        return message
    return {
        "content" if key == instead[0] else key: value
        for key, value in message.items()
        if key != "content"
    }


def _with_tools(row: Row) -> tuple[Row, int]:
    """Write tools and tool calls for legacy functions and their calls."""
    if not is_legacy(row):
        return row, 0
    try:
        after = modern(row)
    except Unconvertible:
        return row, 0
    before: list[Any] = row["messages"]
    after["messages"] = [
        old if _is_unclear(new) and old["role"] != new["role"] else new
        for old, new in zip(before, after["messages"], strict=True)
    ]
    return after, int(after != row)


def _is_unclear(message: Any) -> bool:
    """Whether a message is an answer, but to an unknown call."""
    return (
        isinstance(message, dict)
        and message.get("role") == "tool"
        and message.get("tool_call_id") is None
    )


def _with_roles(row: Row) -> tuple[Row, int]:
    """Write the roles that were meant; a turn that is a call in words becomes one."""
    calls = CallIds(row["messages"])

    def corrected(message: Row) -> Row:
        role = message.get("role")
        if not isinstance(role, str):
            return message
        if isinstance(message.get("tool_calls"), list):
            calls.known(message["tool_calls"])
        meant = meant_role(role)
        if role.strip().casefold() == FUNCTION_CALL:
            return _call(message, calls)
        if meant == "tool":
            return _answer(message, calls)
        if meant == "function":
            calls.answered(message.get("name"))
        return message if meant == role else {**message, "role": meant}

    return _each_message(row, corrected)


def _call(message: Row, calls: CallIds) -> Row:
    if message.get("tool_calls") or message.get("function_call"):
        return {**message, "role": "assistant"}
    try:
        made = calls_in(message.get("content"), (), calls)
    except Unconvertible:
        return message
    return {**message, "role": "assistant", "content": None, "tool_calls": made}


def _answer(message: Row, calls: CallIds) -> Row:
    if message.get("tool_call_id") is not None:
        calls.gone(message["tool_call_id"])
        return message if message["role"] == "tool" else {**message, "role": "tool"}
    identity = calls.answered(message.get("name"))
    if message["role"] == "tool":
        return message
    answer = {} if identity is None else {"tool_call_id": identity}
    return {**message, "role": "tool", **answer}


def _each_message(row: Row, change: Callable[[Row], Row]) -> tuple[Row, int]:
    """Return a row with its messages changed, and how many are other than before."""
    before: list[Any] = row["messages"]
    after = [change(message) if isinstance(message, dict) else message for message in before]
    count = sum(one is not other for one, other in zip(before, after, strict=True))
    return {**row, "messages": after}, count


_STEPS: Final[Mapping[str, Callable[[Row], tuple[Row, int]]]] = {
    CONTENT: _with_content,
    CALLS: _with_tools,
    ROLES: _with_roles,
}
"""The steps, in their order: a call must be known before its answer can be given its id."""
