"""The roles of a conversation, and what people write in their place."""

from functools import lru_cache
from typing import Final, NamedTuple

from ...diagnostics import Finding, KeyPath, codes, quoted
from .explaining import named

ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
"""The roles that chat templates and OpenAI's validator know."""

_SHORT_FOR: Final = {
    "asst": "assistant",
    "dev": "developer",
    "func": "function",
    "sys": "system",
    "usr": "user",
}
_SHAREGPT: Final = "ShareGPT's format"
_ELSEWHERE: Final = {
    "human": ("user", _SHAREGPT),
    "prompter": ("user", "OpenAssistant's format"),
    "gpt": ("assistant", _SHAREGPT),
    "chatgpt": ("assistant", _SHAREGPT),
    "bing": ("assistant", _SHAREGPT),
    "bard": ("assistant", _SHAREGPT),
    "bot": ("assistant", "another format"),
    "chatbot": ("assistant", "Cohere's format"),
    "ai": ("assistant", "LangChain's format"),
    "model": ("assistant", "Gemini's format"),
    "function_call": ("assistant", _SHAREGPT),
    "observation": ("tool", _SHAREGPT),
    "ipython": ("tool", "Llama's prompt format"),
}
"""Roles of other formats: what to write for them, and where they come from."""

_LONGEST: Final = 40
"""Characters of the longest word that may be a role."""


class _Reading(NamedTuple):
    """What a role that is not one of ours is taken for."""

    meant: str | None
    format: str | None = None


def meant_role(role: str) -> str:
    """Return the role that a message has, or was meant to have."""
    return role if role in ROLES else _read(role[: _LONGEST + 1]).meant or role


def role_finding(role: str, path: KeyPath) -> Finding | None:
    """Return what is wrong with a role, or None.

    Args:
        role: what is written.
        path: the message it is written in.

    """
    if role in ROLES:
        return None
    meant, of_format = _read(role[: _LONGEST + 1])
    path = (*path, "role")
    words = {"what": named(path), "found": quoted(role[:_LONGEST])[1:-1]}
    if meant is None:
        return Finding(codes.UNKNOWN_ROLE, path, words | {"role": words["found"]})
    words |= {"role": meant}
    if of_format:
        words |= {"format": of_format}
        return Finding(codes.ROLE_OF_ANOTHER_FORMAT, path, words, hint=f"write `{meant}`")
    return Finding(codes.MISSPELT_ROLE, path, words, hint=f"write `{meant}`")


@lru_cache(maxsize=4096)
def _read(role: str) -> _Reading:
    # Imported here because most datasets have no such role.
    from ...diagnostics.suggest import nearest

    if len(role) > _LONGEST:
        return _Reading(None)
    word = role.casefold().strip()
    if word in _ELSEWHERE:
        return _Reading(*_ELSEWHERE[word])
    return _Reading(_SHORT_FOR.get(word) or nearest(role, ROLES))
