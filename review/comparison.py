"""Two sides compared: the fields that differ, the lines that say so, what it means for the run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from ..diagnostics import Diagnostic, KeyPath
from ..job import Job, Quantity, quantities
from ..job.architectures.table import shape_of_model
from ..job.planned import quantities as planned_quantities
from ..payloads import fields as fields_of_payload
from .changes import ABSENT, Change, changes, fields, json_patch
from .moves import Move, MoveKind
from .side import Side, Source

MOST_LINES: Final = 20
"""Lines of a text for another system that are shown."""


class Field(NamedTuple):
    """One field of the payload that differs.

    Attributes:
        change: where and how.
        old: where the old value comes from; None where there is none.
        new: where the new value comes from; None where there is none.

    """

    change: Change
    old: Source | None
    new: Source | None


class Effect(NamedTuple):
    """One quantity of the run that differs; None is one that the payload leaves open."""

    name: str
    before: Quantity | None
    after: Quantity | None


@dataclass(frozen=True)
class Comparison:
    """What differs between two sides; a side that is not there is None.

    Attributes:
        old: the old side; None where the payload is new.
        new: the new side; None where the payload is gone.
        title: what is compared, where there are several comparisons: the path, the new one if
            the payload was moved.
        notes: what a reader should know besides.
        broken: why the new side has no payload to compare, if it has none.
        moved: where the payload was, if the old side has another path.
        texts: by other systems that its settings name, the lines of its text for each that differ.

    """

    old: Side | None
    new: Side | None
    title: str = ""
    notes: tuple[str, ...] = ()
    broken: tuple[Diagnostic, ...] = ()
    moved: Move | None = None
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_shown(self) -> bool:
        """Whether a reader should see it: it differs, was moved, or has something to note."""
        return bool(self.changes or self.notes or self.broken or self.moved)

    @property
    def is_change(self) -> bool:
        """Whether there is another payload than before; a copy is one more, a rename is not."""
        return bool(self.changes) or bool(self.moved and self.moved.kind is MoveKind.COPIED)

    @cached_property
    def changes(self) -> list[Change]:
        """The differences, each as high up as possible."""
        if self.broken:
            return []
        old = self.old.payload if self.old else ABSENT
        new = self.new.payload if self.new else ABSENT
        return list(changes(old, new))

    @cached_property
    def fields(self) -> list[Field]:
        """The fields that differ."""
        return [self._field(change) for found in self.changes for change in fields(found)]

    @property
    def causes_first(self) -> list[Field]:
        """The fields that differ, facts of datasets last: another field makes them another."""
        return sorted(self.fields, key=lambda field: _is_fact(field.change.path))

    @cached_property
    def effects(self) -> list[Effect]:
        """What the differences mean for the run; nothing where there will be none."""
        if not self.changes or self.new is None:
            return []
        old, new = _quantities(self.old), _quantities(self.new)
        pairs = ((name, old.get(name), new.get(name)) for name in {**new, **old})
        return [
            Effect(name, before, after)
            for name, before, after in pairs
            if (before and before.value) != (after and after.value)
        ]

    @property
    def patch(self) -> list[dict[str, Any]]:
        """The RFC 6902 patch that makes the old payload the new one."""
        return json_patch(self.changes)

    def _field(self, change: Change) -> Field:
        return Field(
            change,
            _source(self.old, change.path, change.before),
            _source(self.new, change.path, change.after),
        )


def _source(side: Side | None, path: KeyPath, value: Any) -> Source | None:
    if side is None or value is ABSENT:
        return None
    return side.source(path)


def _quantities(side: Side | None) -> dict[str, Quantity]:
    if side is None:
        return {}
    job = Job(side.payload)
    shape = shape_of_model(fields_of_payload.value_at(side.payload, fields_of_payload.MODEL) or "")
    return {found.name: found for found in (*quantities(job), *planned_quantities(job, shape))}


def _is_fact(path: KeyPath) -> bool:
    """Whether a field says what a dataset file holds, and not which one it is."""
    return path[: len(fields_of_payload.FILES)] == fields_of_payload.FILES and path[-1] != "path"
