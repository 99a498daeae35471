"""Payload values and quantities as reviewers read them, on one line and safe to show."""

import json
from itertools import takewhile
from typing import Any, Final

from ..diagnostics import dotted
from ..job import Quantity
from .changes import ABSENT, Change
from .comparison import Comparison, Effect, Field
from .side import Source

_LONGEST: Final = 60
_BEFORE: Final = 10
"""Characters that are shown before the first that differs."""
_MOST: Final = 5
"""Fields that a summary names."""


def value_text(value: Any) -> str:
    """Return a value as JSON, cut where it is long; nothing in it moves a cursor or a cell."""
    return _cut(_one_line(value))


def change_texts(change: Change, longest: int = _LONGEST) -> list[str]:
    """Return the values of a change, the old one first, without those that are not there.

    Two long ones are cut so that what differs is to be seen.
    """
    found = [_one_line(value) for value in (change.before, change.after) if value is not ABSENT]
    pairs = zip(*found, strict=False) if len(found) > 1 else ()
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    start = same - _BEFORE if same > longest // 2 and max(map(len, found)) > longest else 0
    return [_cut(f"…{text[start:]}" if start else text, longest) for text in found]


def _one_line(value: Any) -> str:
    return "".join(map(_shown, json.dumps(value, ensure_ascii=False)))


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


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


def because(field: Field, old_path: str = "") -> str:
    """Return the place that causes a field, and where it was before if that is another line.

    Args:
        field: the field.
        old_path: the path that the file had before, if the payload was moved.

    """
    old, new = field.old, field.new
    if new is None:
        return f"was {old}"
    if old is None or _same_place(old, new, old_path or new.file):
        return str(new)
    return f"{new} (was {old})"


def _same_place(old: Source, new: Source, old_path: str) -> bool:
    """Whether two places are one, or the same line of one file at two revisions."""
    one_file = old.file in {new.file, old_path} or old.file.endswith(
        (f":{old_path}", f":./{old_path}")
    )
    lines = (old.span and old.span.line, new.span and new.span.line)
    same_line = lines[0] == lines[1] is not None or old.origin is new.origin is None
    return str(old) == str(new) or (one_file and same_line)


def summary(comparison: Comparison) -> str:
    """Return what differs on one line: the first fields."""
    fields = comparison.causes_first
    if not fields:
        return "the values are the same; the bytes are not canonical"
    shown = [_change(field) for field in fields[:_MOST]]
    if len(fields) > _MOST:
        shown.append(counted(len(fields) - _MOST, "more field"))
    return "; ".join(shown)


def _change(field: Field) -> str:
    values = change_texts(field.change)
    if field.change.sign != "~":
        values.insert(0 if field.change.sign == "+" else 1, "nothing")
    old, new = values
    return f"{dotted(field.change.path)} {old} → {new}"


def paths(comparison: Comparison) -> list[str]:
    """Return what is compared: one path; where the payload was moved, the old one before it."""
    if comparison.moved:
        return [comparison.moved.path, comparison.title]
    if comparison.title:
        return [comparison.title]
    return [side.name for side in (comparison.old, comparison.new) if side]


def moved(comparison: Comparison, payloads: int = 1) -> str:
    """Return in brackets how payloads came to their paths; empty if they were not moved."""
    if comparison.moved is None:
        return ""
    same = ", payload unchanged" if payloads == 1 else ", unchanged"
    return f" ({comparison.moved.kind}{'' if comparison.changes else same})"


def counted(count: int, noun: str) -> str:
    """Return how many there are of something: ``1 payload``, ``1,200 payloads``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
