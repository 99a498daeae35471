"""Payload values and quantities as reviewers read them, on one line and safe to show."""

import json
from typing import Any, Final

from ..compiler.inspection import Quantity
from ..diagnostics import dotted
from .changes import ABSENT
from .comparison import Comparison, Effect, Field
from .side import Source

_LONGEST: Final = 60
_MOST: Final = 5
"""Fields that a summary names."""


def value_text(value: Any) -> str:
    """Return a value as JSON, cut where it is long; nothing in it moves a cursor or a cell."""
    text = "".join(map(_shown, json.dumps(value, ensure_ascii=False)))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _shown(char: str) -> str:
    return char if char.isprintable() else json.dumps(char)[1:-1]


def amount(quantity: Quantity | None) -> str:
    """Return how much a quantity is."""
    if quantity is None:
        return "unknown"
    return quantity.value if isinstance(quantity.value, str) else f"{quantity.value:,}"


def arithmetic(effect: Effect) -> str:
    """Return where the new value of a quantity comes from, in brackets; empty if it needs none."""
    return f" ({effect.after.how})" if effect.after and effect.after.how else ""


def because(field: Field) -> str:
    """Return the place that causes a field, and where it was before if that is another line."""
    old, new = field.old, field.new
    if new is None:
        return f"was {old}"
    return str(new) if old is None or _same_place(old, new) else f"{new} (was {old})"


def _same_place(old: Source, new: Source) -> bool:
    """Whether two places are one, or the same line of one file at two revisions."""
    one_file = old.file == new.file or old.file.endswith((f":{new.file}", f":./{new.file}"))
    lines = (old.span and old.span.line, new.span and new.span.line)
    return str(old) == str(new) or (one_file and lines[0] == lines[1] is not None)


def summary(comparison: Comparison) -> str:
    """Return what differs on one line: the first fields, with the places of the new side."""
    fields = comparison.fields
    if not fields:
        return "the values are the same; the bytes are not canonical"
    shown = [_change(field) for field in fields[:_MOST]]
    if len(fields) > _MOST:
        shown.append(f"{len(fields) - _MOST} more fields")
    return "; ".join(shown)


def _change(field: Field) -> str:
    old, new = (
        "nothing" if value is ABSENT else value_text(value)
        for value in (field.change.before, field.change.after)
    )
    place = f" ({field.new})" if field.new else ""
    return f"{dotted(field.change.path)} {old} → {new}{place}"
