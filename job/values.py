"""The values of one job, as its payload has them: each of the type that its schema says, or none.

Pure, and quick: a payload that fits its schema is accepted as a whole; only in one that does not
is each field looked at for itself.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from ..diagnostics import KeyPath
from ..payloads import fields
from ..schemas.accepting import acceptor, key_acceptor

_INTEGERS: Final = range(-(2**63), 2**64)

_NOTHING: Final[dict[str, Any]] = {}


class UnsoundError(Exception):
    """A value does not fit the payload's schema, so nothing can be concluded from it."""


class Job:
    """One job.

    What a field is not allowed to hold has been reported by whoever read the payload; here a
    question that touches such a field has no answer.
    """

    def __init__(
        self,
        payload: Mapping[str, Any],
        *,
        unwritten: Collection[KeyPath] | None = None,
        fits: bool | None = None,
    ) -> None:
        """Look at a payload, whatever it holds.

        Args:
            payload: plain values.
            unwritten: the fields whose values nobody wrote, because they are defaults. None:
                that is not known, and a value that equals its default counts as unwritten.
            fits: whether the payload fits its schema; None: that is not known yet.

        """
        self._payload = payload
        self._unwritten = unwritten
        self._fits = acceptor("payload")(payload) if fits is None else fits
        self._flat = _flattened(payload) if fits else None
        self._seen: dict[KeyPath, Any] = {}
        self._tables: dict[KeyPath, Any] = {}

    def get(self, path: KeyPath) -> Any:
        """Return the value of a field, or None where there is none.

        Raises:
            UnsoundError: the schema does not allow the value, or what is around it.

        """
        if self._flat is not None:
            return self._flat.get(path)
        try:
            value = self._seen[path]
        except KeyError:
            value = self._seen[path] = self._found(path)
        if value is UnsoundError:
            raise UnsoundError
        return value

    def loose(self, path: KeyPath, *types: type) -> Any:
        """Return the value of a field that no schema checks, if it is of one of the types."""
        value = self.get(path)
        return value if type(value) in types else None

    def written(self, path: KeyPath) -> bool:
        """Whether somebody wrote the value of a field.

        Raises:
            UnsoundError: as for ``get``.

        """
        value = self.get(path)
        if value is None:
            return False
        if self._unwritten is not None:
            return path not in self._unwritten
        usual = fields.default(path)
        return type(value) is not type(usual) or bool(value != usual)

    def defaulted(self, path: KeyPath) -> bool:
        """Whether the value of a field is known to be a default."""
        return self._unwritten is not None and path in self._unwritten

    def _found(self, path: KeyPath) -> Any:
        above = path[:-1]
        table = self._tables.get(above)
        if table is None:
            table = self._tables[above] = self._table(above)
        if table is UnsoundError:
            return UnsoundError
        value = table.get(path[-1])
        # Beyond 64 bits an integer has no place in a payload, and may be too long to be shown.
        if type(value) is int and value not in _INTEGERS:
            return UnsoundError
        if not self._fits and path[-1] in table and not key_acceptor(path, "payload")(value):
            return UnsoundError
        return value

    def _table(self, path: KeyPath) -> Any:
        """Return a table of the payload; an empty one where there is none."""
        table: Any = self._payload
        for part in path:
            table = table.get(part, _NOTHING)
            if type(table) is not dict:
                return UnsoundError
        return table


def _flattened(payload: Mapping[str, Any]) -> dict[KeyPath, Any]:
    """Return the fields of a payload that fits its schema, by path; tables among them."""
    flat: dict[KeyPath, Any] = {}
    waiting: list[tuple[KeyPath, Mapping[str, Any]]] = [((), payload)]
    for path, table in waiting:
        for key, value in table.items():
            at = (*path, key)
            flat[at] = value
            if type(value) is dict:
                waiting.append((at, value))
    return flat
