"""Comparisons that say the same, shown once, with the places of all of them in few words."""

import json
from collections.abc import Hashable, Iterable
from typing import Any, Final, NamedTuple

from .changes import ABSENT
from .comparison import Comparison, Field
from .words import because

_NAMED: Final = 3
"""Payloads of a group that are named where not all are."""
_MANY: Final = 5
"""New or lost payloads up to which the fields of each are worth a table of their own."""


class Group(NamedTuple):
    """Comparisons with the same differences; most often only one."""

    comparisons: list[Comparison]

    @property
    def first(self) -> Comparison:
        """The comparison that is shown for all."""
        return self.comparisons[0]

    @property
    def is_new_or_gone(self) -> bool:
        """Whether it is one payload that has nothing to be compared with."""
        return not self.first.broken and (self.first.old is None or self.first.new is None)

    @property
    def named(self) -> list[Comparison]:
        """The comparisons that are named where there is no room for all."""
        some = self.comparisons[:_NAMED]
        # "And 1 more" is no shorter than its name.
        return self.comparisons if len(self.comparisons) == _NAMED + 1 else some

    def and_more(self, named: int) -> str:
        """Return how many there are besides those named, as the end of a list."""
        left = len(self.comparisons) - named
        return f" and {left:,} more" if left else ""

    def causes(self) -> list[str]:
        """Return the places that cause each field, in few words.

        The first place stands for all those in other files or lines.
        """
        columns = zip(*(found.fields for found in self.comparisons), strict=True)
        return [self._cause(column) for column in columns]

    def _cause(self, fields: tuple[Field, ...]) -> str:
        """Return the places of one field: the first one of each kind, and how many more."""
        kinds: dict[Hashable, list[str]] = {}
        for found, field in zip(self.comparisons, fields, strict=True):
            place = because(field, found.moved.path if found.moved else "")
            kind = tuple(source and type(source.origin) for source in (field.old, field.new))
            kinds.setdefault(kind, []).append(place)
        return "; ".join(
            texts[0] if len(set(texts)) == 1 else f"{texts[0]} and {len(texts) - 1:,} more"
            for texts in kinds.values()
        )


def grouped(comparisons: Iterable[Comparison]) -> list[Group]:
    """Return comparisons in groups with the same differences, each where its first one stood."""
    groups: dict[Hashable, Group] = {}
    for index, comparison in enumerate(comparisons):
        key = _key(comparison) if _may_share(comparison) else index
        groups.setdefault(key, Group([])).comparisons.append(comparison)
    return list(groups.values())


def is_crowded(groups: Iterable[Group]) -> bool:
    """Whether there are more new or lost payloads than anybody reads field by field."""
    return sum(group.is_new_or_gone for group in groups) > _MANY


def _may_share(comparison: Comparison) -> bool:
    """Whether a comparison is of two payloads, so that others may differ in the same way."""
    sides = comparison.old, comparison.new
    return not comparison.broken and None not in sides


def _key(comparison: Comparison) -> Hashable:
    return (
        comparison.moved and comparison.moved.kind,
        tuple((c.path, _text(c.before), _text(c.after)) for c in comparison.changes),
        tuple(comparison.effects),
        comparison.notes,
        tuple(comparison.texts.items()),
    )


def _text(value: Any) -> str | None:
    """Return what tells a value from others, and its type."""
    return None if value is ABSENT else json.dumps(value, sort_keys=True)
