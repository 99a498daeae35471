"""Alpaca's rows: ``instruction``, ``input`` and ``output``; LLaMA-Factory added the rest."""

from typing import Final

from ...diagnostics import Finding, KeyPath
from .parts import Row, optional_text, refuse, text_at, with_the_rest, wrong_type

_KNOWN: Final = ("instruction", "input", "output", "system", "history")
_PAIR: Final = 2


def to_row(row: Row, notes: list[Finding]) -> Row:
    """Return our row for one of Alpaca's format.

    An input that is not blank follows the instruction on a line of its own.
    """
    instruction = text_at(row, "instruction", ())
    text = optional_text(row, "input")
    output = text_at(row, "output", ())
    system = optional_text(row, "system")
    messages: list[Row] = [{"role": "system", "content": system}] if system else []
    messages += _history(row)
    # An instruction may be blank where the input says it all.
    question = "\n".join(part for part in (instruction, text) if part.strip())
    messages.append({"role": "user", "content": question})
    messages.append({"role": "assistant", "content": output})
    return with_the_rest(messages, row, _KNOWN, notes)


def _history(row: Row) -> list[Row]:
    """Return the turns before: pairs of a question and an answer, both of which are learned."""
    history = row.get("history")
    if history is None or history == "":
        return []
    path: KeyPath = ("history",)
    if not isinstance(history, list):
        wrong_type(path, "an array of pairs", history)
    messages: list[Row] = []
    for index, pair in enumerate(history):
        if not isinstance(pair, list) or len(pair) != _PAIR:
            refuse((*path, index), "it is not a pair of a question and an answer")
        for at, (role, text) in enumerate(zip(("user", "assistant"), pair, strict=True)):
            if not isinstance(text, str):
                wrong_type((*path, index, at), "a string", text)
            messages.append({"role": role, "content": text})
    return messages
