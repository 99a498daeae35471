"""What differs between two payloads: by value and type, never by order or layout."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ..compiler.inspection import leaves
from ..diagnostics import KeyPath
from ..diagnostics.pointers import pointer

ABSENT: Final = object()
"""The value of what is not there."""


class Change(NamedTuple):
    """One difference.

    Attributes:
        path: where, in the payload.
        before: the old value, or ``ABSENT``.
        after: the new value, or ``ABSENT``.

    """

    path: KeyPath
    before: Any
    after: Any

    @property
    def sign(self) -> str:
        """``+`` for what is new, ``-`` for what is gone, ``~`` for another value."""
        return "+" if self.before is ABSENT else "-" if self.after is ABSENT else "~"


def changes(before: Any, after: Any, path: KeyPath = ()) -> Iterator[Change]:
    """Yield where two JSON values differ, each time as high up as all below is on one side only.

    Tables are compared by key, whatever their order. Arrays of one length are compared item by
    item; of others, the whole array has changed, since nobody knows which item became which.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            old, new = before.get(key, ABSENT), after.get(key, ABSENT)
            if old is ABSENT or new is ABSENT:
                yield Change((*path, key), old, new)
            else:
                yield from changes(old, new, (*path, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from changes(old, new, (*path, index))
    elif not _same(before, after):
        yield Change(path, before, after)


def _same(before: Any, after: Any) -> bool:
    """Whether two values are one in JSON: 1, 1.0 and true are three, 0.0 and -0.0 two."""
    if type(before) is not type(after):
        return False
    return repr(before) == repr(after) if isinstance(before, float) else bool(before == after)


def fields(change: Change) -> Iterator[Change]:
    """Yield a change as one for each leaf that comes or goes; of another value, as it is."""
    if change.before is ABSENT:
        for path, value in _sorted_leaves(change.after, change.path):
            yield Change(path, ABSENT, value)
    elif change.after is ABSENT:
        for path, value in _sorted_leaves(change.before, change.path):
            yield Change(path, value, ABSENT)
    else:
        yield change


def _sorted_leaves(value: Any, path: KeyPath) -> list[tuple[KeyPath, Any]]:
    """Return the leaves of a value in the order of canonical bytes."""
    return sorted(leaves(value, path), key=lambda leaf: [(str(type(p)), p) for p in leaf[0]])


def json_patch(found: list[Change]) -> list[dict[str, Any]]:
    """Return the RFC 6902 patch that makes the old payload the new one."""
    return [_operation(change) for change in found]


def _operation(change: Change) -> dict[str, Any]:
    match change.sign:
        case "+":
            return {"op": "add", "path": pointer(change.path), "value": change.after}
        case "-":
            return {"op": "remove", "path": pointer(change.path)}
        case _:
            return {"op": "replace", "path": pointer(change.path), "value": change.after}
