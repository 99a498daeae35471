"""Two files compared by content: rows added, removed and changed, wherever they stand.

The first pass keeps a digest of each row; the second reads those rows again that have no equal,
to see which of them belong together; a third, the few that are shown.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from ..rows.conversation import CONVERSATIONS
from ..rows.kind import RowKind
from . import pairing
from .changes import LARGEST, changes, excerpt
from .digests import WIDTH, Digests
from .table import Table

_ENOUGH: Final = LARGEST + 1
"""Bytes of a row that are kept: one too many shows that it is too large."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What two files differ in; rows are counted from 0.

    Attributes:
        old: the rows of the old file.
        new: the rows of the new one.
        removed: the rows of the old file that the new one lacks.
        added: the rows of the new file that the old one lacks.
        changed: the rows of the old file that belong to another one of the new file, in order.
        partners: those of the new file that they belong to.
        kind: what the rows are.

    """

    old: Digests
    new: Digests
    removed: "array[int]"
    added: "array[int]"
    changed: "array[int]"
    partners: "array[int]"
    kind: RowKind

    def __bool__(self) -> bool:
        """Whether they differ at all."""
        return bool(self.removed or self.added or self.changed)

    @property
    def same(self) -> int:
        """How many rows are in both."""
        return len(self.old) - len(self.removed) - len(self.changed)

    def facts(self) -> dict[str, Any]:
        """Return all lines and counts as plain values, as in ``data-diff.schema.json``."""
        old, new = self.old.lines, self.new.lines
        return {
            "old": {"file": self.old.name, "rows": len(old), "as_bytes": list(self.old.as_bytes)},
            "new": {"file": self.new.name, "rows": len(new), "as_bytes": list(self.new.as_bytes)},
            "same": self.same,
            "added": [new[row] for row in self.added],
            "removed": [old[row] for row in self.removed],
            "changed": [
                {"old": old[row], "new": new[partner]}
                for row, partner in zip(self.changed, self.partners, strict=True)
            ],
        }

    def shown(self, most: int) -> dict[str, list[Any]]:
        """Read the first rows of each kind again, and return what they say as plain values.

        That is line and beginning of those ``removed`` and ``added``; of those ``changed`` a list
        of what differs (``Change``), or None of what is too large.

        Raises:
            Unreadable: a file is not what it was.

        """
        rows, partners = self.changed[:most], self.partners[:most]
        before = {row: text[:_ENOUGH] for row, text, _ in self.old.contents(rows)}
        after = {row: text[:_ENOUGH] for row, text, _ in self.new.contents(sorted(partners))}
        changed = [
            None if found is None else [asdict(change) for change in found]
            for found in (
                changes(before[row], after[partner], self.kind)
                for row, partner in zip(rows, partners, strict=True)
            )
        ]
        return {
            "removed": _beginnings(self.old, self.removed[:most], self.kind),
            "added": _beginnings(self.new, self.added[:most], self.kind),
            "changed": changed,
        }


def _beginnings(file: Digests, wanted: "array[int]", kind: RowKind) -> list[tuple[int, str]]:
    return [
        (file.lines[row], excerpt(text, kind, is_json=is_json))
        for row, text, is_json in file.contents(wanted)
    ]


def compare(
    old: str,
    new: str,
    kind: RowKind = CONVERSATIONS,
    *,
    progress: Callable[[int], None] | None = None,
) -> Difference:
    """Return what two files differ in, by the content of their rows.

    Where they stand does not matter, and how often they do does: of a row that stands twice and
    then once, the second one is removed. A row without its equal was changed if there is one in
    the other file that belongs to it (``pairing``): the first to the first.

    Args:
        old: the path of one file, ``*.gz`` and ``*.zst`` decompressed.
        new: that of the other.
        kind: what the rows are.
        progress: called now and then with how many bytes of both were read.

    Raises:
        Unreadable: a file cannot be read; the finding says which.

    """
    before = Digests(old, progress)
    after = Digests(new, progress and (lambda done: progress(before.bytes + done)))
    table = Table(before.digests, WIDTH)
    added = array("Q", (row for row in range(len(after)) if table.take(after.digest(row)) is None))
    removed = array("Q", table.left())
    if not removed or not added:
        return Difference(before, after, removed, added, array("Q"), array("Q"), kind)
    old_left, new_left = _Left(before, removed, kind), _Left(after, added, kind)
    for which in range(pairing.KINDS):
        old_left.pair(new_left, which)
    changed = old_left.paired()
    partners = array("Q", (added[old_left.partner(place)] for place in changed))
    return Difference(
        before,
        after,
        array("Q", (removed[place] for place in old_left.unpaired())),
        array("Q", (added[place] for place in new_left.unpaired())),
        array("Q", (removed[place] for place in changed)),
        partners,
        kind,
    )


class _Left:
    """Rows of one file that have no equal in the other, with the keys that say which belong."""

    def __init__(self, file: Digests, wanted: Sequence[int], kind: RowKind) -> None:
        self._keys = [bytearray() for _ in range(pairing.KINDS)]
        self._has = [bytearray() for _ in range(pairing.KINDS)]
        self.partners = array("Q", bytes(8 * len(wanted)))  # from 1; 0 is none
        for _, text, is_json in file.contents(wanted):
            found = pairing.keys(text, kind) if is_json else [None] * pairing.KINDS
            for keys, has, key in zip(self._keys, self._has, found, strict=True):
                keys.extend(key or bytes(pairing.WIDTH))
                has.append(key is not None)

    def pair(self, other: "_Left", which: int) -> None:
        """Pair rows that share one of their keys, the first with the first."""
        mine, theirs = self.waiting(which), other.waiting(which)
        table = Table(b"".join(self.key(which, place) for place in mine), pairing.WIDTH)
        for place in theirs:
            found = table.take(other.key(which, place))
            if found is not None:
                self.partners[mine[found]] = place + 1
                other.partners[place] = mine[found] + 1

    def paired(self) -> "array[int]":
        """Return the places of the rows that have a partner, in order."""
        return array("Q", (at for at, partner in enumerate(self.partners) if partner))

    def unpaired(self) -> "array[int]":
        """Return the places of the others, in order."""
        return array("Q", (at for at, partner in enumerate(self.partners) if not partner))

    def partner(self, place: int) -> int:
        """Return the place of the partner of a row that has one."""
        return self.partners[place] - 1

    def waiting(self, which: int) -> "array[int]":
        """Return the places of rows that have no partner yet, and one of the keys."""
        has = self._has[which]
        return array("Q", (at for at in self.unpaired() if has[at]))

    def key(self, which: int, place: int) -> bytes:
        return bytes(self._keys[which][place * pairing.WIDTH : (place + 1) * pairing.WIDTH])
