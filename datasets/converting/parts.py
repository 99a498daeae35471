"""What the formats share: parts of a source row asked for by their type, and what is left over.

A part that is missing or of another type is never guessed at: the row is not converted, and the
finding says why.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, NoReturn, TypeAlias

from ...diagnostics import Aim, Finding, KeyPath, codes
from ..reading.exact import Inexact, exact_value
from ..rows.explaining import found, named

Row: TypeAlias = dict[str, Any]

TEACHING: Final = {
    "images": "images",
    "image": "images",
    "videos": "videos",
    "video": "videos",
    "audios": "audio",
    "audio": "audio",
    "chosen": "a preference",
    "rejected": "a preference",
    "kto_tag": "a preference",
    "label": "a preference",
    "weight": "a weight",
    "loss": "a weight",
    "train_on_input": "a selection of what is trained on",
    "mask_history": "a selection of what is trained on",
    "system": "a system prompt",
    "system_prompt": "a system prompt",
    "system_message": "a system prompt",
    "system_instruction": "a system prompt",
    "instruction": "an instruction",
    "instructions": "an instruction",
    "functions": "tools",
    "chat_template_kwargs": "arguments of the chat template",
}
"""Keys of a row that a trainer acts on, with what they hold, and for which rows have no place."""

_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})


class Unconvertible(Exception):  # noqa: N818 - what it carries is a finding
    """A row cannot be converted, for the reason that its finding gives."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


def refused(path: KeyPath, reason: str, hint: str | None = None) -> Finding:
    """Return the finding that a part of a row cannot be converted."""
    words = {"what": named(path), "reason": reason}
    return Finding(codes.NOT_CONVERTIBLE, path, words, hint=hint)


def refuse(path: KeyPath, reason: str, hint: str | None = None) -> NoReturn:
    """Say why a part of a row cannot be converted."""
    raise Unconvertible(refused(path, reason, hint))


def wrong_type(path: KeyPath, expected: str, value: Any) -> NoReturn:
    """Say that a part of a row is of another type."""
    words = {"what": named(path), "expected": expected, "found": found(value)}
    raise Unconvertible(Finding(codes.WRONG_ROW_TYPE, path, words))


def required(value: Mapping[str, Any], key: str, path: KeyPath) -> Any:
    """Return what a key holds, which must be there."""
    if key not in value:
        words = {"what": named(path), "key": key}
        raise Unconvertible(Finding(codes.MISSING_ROW_KEY, path, words))
    return value[key]


def text_at(value: Mapping[str, Any], key: str, path: KeyPath) -> str:
    """Return a text that must be there; it may be blank."""
    text = required(value, key, path)
    if not isinstance(text, str):
        wrong_type((*path, key), "a string", text)
    return text


def optional_text(row: Row, key: str) -> str:
    """Return a text of a row; empty if it is left out, null or blank."""
    text = row.get(key)
    if text is None:
        return ""
    if not isinstance(text, str):
        wrong_type((key,), "a string or null", text)
    return text if text.strip() else ""


def objects_at(value: Any, path: KeyPath) -> list[Row]:
    """Return a list of objects."""
    if not isinstance(value, list):
        wrong_type(path, "an array", value)
    for index, part in enumerate(value):
        if not isinstance(part, dict):
            wrong_type((*path, index), "an object", part)
    return value


def tools_of(row: Row) -> list[Any] | None:
    """Return the tools of a row, which may be written as JSON in a string; None if it has none."""
    tools = row.get("tools")
    if isinstance(tools, str):
        if not tools.strip():
            return None
        try:
            tools = exact_value(tools)
        except Inexact:
            refuse(
                ("tools",), "the string in it is not JSON", "serialize the tools with json.dumps"
            )
    if not tools and (tools is None or isinstance(tools, (list, dict))):
        return None
    if not isinstance(tools, list):
        wrong_type(("tools",), "an array of tools, or a JSON string of one", tools)
    return tools


def with_the_rest(
    messages: list[Row], row: Row, known: Collection[str], notes: list[Finding]
) -> Row:
    """Return our row of these messages, with the tools of a row, and its other keys as metadata.

    Args:
        messages: the messages.
        row: the source row.
        known: its keys that the messages are made of.
        notes: gets a finding for each key that is kept aside.

    """
    ours: Row = {"messages": messages}
    tools = tools_of(row)
    if tools is not None:
        ours["tools"] = tools
    metadata = row.get("metadata")
    kept = dict(metadata) if isinstance(metadata, dict) else {}
    used = {*known, "tools"}
    if metadata is None or isinstance(metadata, dict):
        used.add("metadata")
    for key, value in row.items():
        if key in used:
            continue
        if key in kept:
            refuse((key,), "`metadata` has a key of the same name", "rename one of the two")
        kept[key] = value
        notes.append(kept_aside((key,), value))
    if kept:
        ours["metadata"] = kept
    return ours


def kept_aside(path: KeyPath, value: Any) -> Finding:
    """Return the finding that a key of a row, or of a message, is kept where nothing learns it."""
    key = str(path[-1])
    of_row = len(path) == 1
    words = {"key": key, "where": "`metadata`" if of_row else "the message"}
    holds = TEACHING.get(key) if of_row and value not in _NOTHING else None
    if holds is not None:
        return Finding(codes.NOT_CARRIED_OVER, path, words | {"holds": holds}, Aim.KEY)
    return Finding(codes.KEPT_ASIDE, path, words, Aim.KEY)
