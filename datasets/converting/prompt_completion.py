"""Rows of ``prompt`` and ``completion``: two texts, or two lists of messages as TRL has them."""

from typing import Any

from ...diagnostics import Finding
from ..rows.roles import meant_role
from .parts import Row, objects_at, required, with_the_rest, wrong_type


def to_row(row: Row, notes: list[Finding]) -> Row:
    """Return our row for a prompt and its completion.

    Only the completion is learned, as in TRL: what the assistant says in the prompt has weight 0,
    unless it has a weight of its own.
    """
    prompt = required(row, "prompt", ())
    completion = required(row, "completion", ())
    messages: list[Row]
    if isinstance(prompt, str):
        if not isinstance(completion, str):
            wrong_type(("completion",), "a string, as `prompt` is", completion)
        messages = [
            {"role": "user", "content": prompt},
            {"role": "assistant", "content": completion},
        ]
    elif isinstance(prompt, list):
        if not isinstance(completion, list):
            wrong_type(("completion",), "an array of messages, as `prompt` is", completion)
        before = objects_at(prompt, ("prompt",))
        messages = [_unlearned(message) for message in before]
        messages += objects_at(completion, ("completion",))
    else:
        wrong_type(("prompt",), "a string or an array of messages", prompt)
    return with_the_rest(messages, row, ("prompt", "completion"), notes)


def _unlearned(message: dict[str, Any]) -> Row:
    role = message.get("role")
    if not isinstance(role, str) or meant_role(role) != "assistant":
        return message
    return message if message.get("weight") is not None else {**message, "weight": 0}
