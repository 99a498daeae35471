"""The differences between two matching rows, location by location."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from ...diagnostics import KeyPath
from ..reading.exact import as_text
from ..rows.kind import RowKind
from .content import values

LARGEST: Final = 1024 * 1024
"""Bytes of the largest row that is looked into."""
_DEEPEST: Final = 8
"""Levels that are followed; what is below is compared as a whole."""
_EXCERPT: Final = 200
"""Characters that are kept of a row."""


@dataclass(frozen=True, slots=True)
class Change:
    """One place in which two rows differ.

    Attributes:
        path: the place, in the new row, or where it was in the old one.
        role: the role of the message that it is in, if it is in one.
        before: what the old row has: a text where both have one, else a value as JSON; None
            where it has nothing.
        after: the same of the new row.

    """

    path: KeyPath
    role: str | None
    before: str | None
    after: str | None


class _Absent:
    """Stands for what a row does not have."""


_ABSENT: Final = _Absent()


def changes(old: bytes, new: bytes, kind: RowKind) -> tuple[Change, ...] | None:
    """Return where two contents differ; None if they are no JSON, or too large."""
    if len(old) > LARGEST or len(new) > LARGEST:
        return None
    try:
        return tuple(_changes(values(old), values(new), _Place(kind)))
    except (ValueError, RecursionError):
        return None


def excerpt(text: bytes, kind: RowKind, *, is_json: bool) -> str:
    """Return the beginning of what a row says."""
    if text.startswith(b"\n"):  # a digest
        return "(more than 10 MB)"
    said = kind.summary(values(text)) if is_json and len(text) <= LARGEST else None
    return (said or text[: 4 * _EXCERPT].decode("utf-8", "replace"))[:_EXCERPT]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in two rows they are compared; the fields are those of ``Change``."""

    kind: RowKind
    path: KeyPath = ()
    role: str | None = None

    def below(self, step: str | int) -> "_Place":
        return replace(self, path=(*self.path, step))

    def spoken(self, *values: Any) -> "_Place":
        """Return the place with the role of the first of these values that tells one."""
        said = (self.kind.speaker(self.path, value) for value in values)
        role = next(filter(None, said), None)
        return replace(self, role=role) if role else self


def _changes(old: Any, new: Any, place: _Place) -> Iterator[Change]:
    shallow = len(place.path) < _DEEPEST
    if isinstance(old, dict) and isinstance(new, dict) and shallow:
        for key in dict.fromkeys((*old, *new)):
            yield from _changes(old.get(key, _ABSENT), new.get(key, _ABSENT), place.below(key))
    elif isinstance(old, list) and isinstance(new, list) and shallow:
        yield from _of_lists(old, new, place)
    elif isinstance(old, str) and isinstance(new, str):
        if old != new:
            yield Change(place.path, place.role, old, new)
    elif (before := _text(old)) != (after := _text(new)):
        yield Change(place.path, place.role, before, after)


def _of_lists(old: list[Any], new: list[Any], place: _Place) -> Iterator[Change]:
    """Compare lists between what they begin with and what they end with, element by element."""
    before, after = [as_text(one) for one in old], [as_text(one) for one in new]
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    for at in range(start, max(len(old), len(new)) - end):
        one = old[at] if at < len(old) - end else _ABSENT
        other = new[at] if at < len(new) - end else _ABSENT
        yield from _changes(one, other, place.spoken(other, one).below(at))


def _text(value: Any) -> str | None:
    return None if value is _ABSENT else as_text(value)
