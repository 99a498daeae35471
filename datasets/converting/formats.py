"""The table of formats that can be converted, and what a row looks like."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, NoReturn

from ...diagnostics import Finding, codes
from ..rows.explaining import convertible, is_preference
from . import alpaca, openai_legacy, prompt_completion, sharegpt
from .parts import Row, Unconvertible


class SourceFormat(NamedTuple):
    """A format of rows.

    Attributes:
        title: what people call it.
        key: the key that each row of it has, and rows of the others do not.
        to_row: makes our row of one of its own; the list gets what is to be noted of it.

    """

    title: str
    key: str
    to_row: Callable[[Row, list[Finding]], Row]


FORMATS: Final[Mapping[str, SourceFormat]] = {
    "sharegpt": SourceFormat("ShareGPT's format", "conversations", sharegpt.to_row),
    "alpaca": SourceFormat("Alpaca's format", "instruction", alpaca.to_row),
    "prompt-completion": SourceFormat(
        "a prompt with its completion", "prompt", prompt_completion.to_row
    ),
    "openai-legacy": SourceFormat("OpenAI's legacy format", "messages", openai_legacy.to_row),
}
"""The formats, by the names that ``--from`` takes."""


def converted(row: Row, name: str, notes: list[Finding]) -> Row:
    """Return our row for one of a format.

    Args:
        row: the source row.
        name: its format.
        notes: gets what is to be noted of it.

    Raises:
        Unconvertible: it is not of that format, or something in it has no place in ours.

    """
    form = FORMATS[name]
    if form.key not in row:
        _refuse(row, form)
    return form.to_row(row, notes)


def _refuse(row: Row, form: SourceFormat) -> NoReturn:
    like = _looks_like(row)
    words = {"what": "the row", "format": form.title, "key": form.key, "like": like or ""}
    raise Unconvertible(Finding(codes.NOT_OF_FORMAT, (), words, hint=like))


def _looks_like(row: Row) -> str | None:
    """Return which format was meant."""
    if "messages" in row:
        if is_legacy(row):
            return "it looks like OpenAI's legacy format: use --from openai-legacy"
        return "it already has `messages`: check it with `sftc data`"
    if is_preference(row):
        return "preference data is not supported: supervised fine-tuning needs conversations"
    name = convertible(row)
    return f"it looks like {FORMATS[name].title}: use --from {name}" if name else None


def is_legacy(row: Row) -> bool:
    """Whether a row has functions, or a message with a legacy call or its answer."""
    messages = row.get("messages")
    some = messages if isinstance(messages, list) else []
    return bool(row.get("functions")) or any(
        isinstance(one, dict) and (one.get("function_call") or one.get("role") == "function")
        for one in some
    )
