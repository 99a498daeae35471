"""Whether a template shows the model all tools and calls of a row.

Each is renamed to a word that stands nowhere else; what does not come out again was dropped.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .template import RefusedError, Template

TOOLS: Final = "tools"
CALLS: Final = "calls"
_WORD: Final = "sftc_{}_{}_mark{}"


def dropped(template: Template, messages: Sequence[Mapping[str, Any]], tools: Any) -> list[str]:
    """Return which of tools and calls a template leaves out, wholly or in part.

    Args:
        template: a template that takes the conversation.
        messages: the turns, as ``conversation`` gives them.
        tools: what the row has for tools.

    """
    calls = sum(len(message.get("tool_calls") or ()) for message in messages)
    if not calls and not tools:
        return []
    nonce = _unused(messages, tools)
    words = _Words(nonce)
    renamed_tools = [words.renamed(tool, TOOLS) for tool in tools] if tools else tools
    renamed = [
        {**message, "tool_calls": [words.renamed(call, CALLS) for call in message["tool_calls"]]}
        if message.get("tool_calls")
        else message
        for message in messages
    ]
    try:
        text = template.render(renamed, renamed_tools).text
    except RefusedError:  # it knows some tools by name
        return _without(template, messages, tools, calls=bool(calls))
    return [
        what for what in (TOOLS, CALLS) if not all(word in text for word in words.of.get(what, ()))
    ]


class _Words:
    """Gives tools and calls names that stand nowhere else."""

    def __init__(self, nonce: str) -> None:
        self._nonce = nonce
        self.of: dict[str, list[str]] = {}

    def renamed(self, value: Mapping[str, Any], what: str) -> dict[str, Any]:
        """Return a tool or a call under another name."""
        said = self.of.setdefault(what, [])
        word = _WORD.format(what, len(said), self._nonce)
        said.append(word)
        function = value.get("function")
        if isinstance(function, dict) and "name" in function:
            return {**value, "function": {**function, "name": word}}
        return {**value, "name": word}


def _unused(messages: Any, tools: Any) -> str:
    """Return an ending with which no word is in a row."""
    text = repr((messages, tools))
    number = 0
    while f"mark{number}" in text:
        number += 1
    return str(number)


def _without(
    template: Template, messages: Sequence[Mapping[str, Any]], tools: Any, *, calls: bool
) -> list[str]:
    """Return what makes no difference when it is left out."""
    found = []
    try:
        whole = template.render(messages, tools).text
        if tools and template.render(messages, None).text == whole:
            found.append(TOOLS)
        bare = [{k: v for k, v in m.items() if k != "tool_calls"} for m in messages]
        if calls and template.render(bare, tools).text == whole:
            found.append(CALLS)
    except RefusedError:  # so it does make a difference
        pass
    return found
