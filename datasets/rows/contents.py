"""What one good row holds, and what it is to be warned of."""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any, Final

from ...diagnostics import KeyPath, codes

_IMAGES: Final = ("image", "image_url")
"""Types of a part of a content that is an image."""


@dataclass(slots=True)
class Contents:
    """What one good row holds.

    Attributes:
        roles: the role of each message.
        tools: whether it has tools.
        images: whether it has images.
        reasoning: whether it has reasoning.
        warned: codes of warnings, each with the path inside the row.

    """

    roles: list[str]
    tools: bool = False
    images: bool = False
    reasoning: bool = False
    warned: list[tuple[str, KeyPath]] = field(default_factory=list)


def contents_of(row: dict[str, Any]) -> Contents:
    """Return what a good row holds."""
    messages = row["messages"]
    roles = [message["role"] for message in messages]
    found = Contents(roles, bool(row.get("tools")))
    if roles[-1] != "assistant":
        found.warned.append((unanswered(roles), ("messages",)))
    for index, message in enumerate(messages):
        content = message.get("content")
        if not isinstance(content, str):
            found.images |= has_image(content)
        if "reasoning" in message:
            found.reasoning |= not _blank(message["reasoning"])
        if roles[index] == "assistant" and _blank(content):
            said = (message.get(key) for key in ("tool_calls", "reasoning", "raw_content"))
            if all(map(_blank, said)):
                found.warned.append((codes.EMPTY_TURN, ("messages", index)))
    return found


def unanswered(roles: Container[str]) -> str:
    """Return the code of the warning that the last of some roles is not the assistant's."""
    return codes.NOT_ENDING_WITH_ASSISTANT if "assistant" in roles else codes.NO_ASSISTANT


def has_image(content: Any) -> bool:
    """Whether a content has a part that is an image."""
    parts = content if isinstance(content, list) else [content]
    return any(isinstance(part, dict) and part.get("type") in _IMAGES for part in parts)


def _blank(value: Any) -> bool:
    return not (value.strip() if isinstance(value, str) else value)
