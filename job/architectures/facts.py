"""What a ``config.json`` says, read strictly: a number is a number, and what is absent is absent.

A file may come from anywhere. Nothing here supplies a size that the file does not have, except
where the family's own configuration class does, which the caller says.
"""

from collections.abc import Mapping
from typing import Any, Final

from ...diagnostics import quoted

LAYERS: Final = 4096
"""More blocks than any model has; what is done for each stays quick."""

_LARGEST: Final = 2**28
_SHOWN: Final = 2**63
_LONGEST: Final = 40


class UnfamiliarError(Exception):
    """A ``config.json`` does not say a model's shape in a way that is understood here."""


class Facts:
    """The keys of one ``config.json``, each read at most as what it must be."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Read nothing yet.

        Args:
            config: plain values of JSON.

        """
        self._config = config
        self.read: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether a key says something; ``null`` says nothing."""
        self.read.add(key)
        return self._config.get(key) is not None

    def count(self, *keys: str, default: int | None = None, least: int = 1) -> int:
        """Return a size, by any of its names.

        Args:
            keys: the names, the one that counts most first.
            default: what the family's configuration class has where the file has none; None: the
                file must say it.
            least: the smallest value that makes sense.

        Raises:
            UnfamiliarError: it is missing, or is not a whole number in a range of real models.

        """
        for key in keys:
            if not self.has(key):
                continue
            value = self._config[key]
            if type(value) is not int or not least <= value <= _LARGEST:
                raise UnfamiliarError(f"`{key}` is {_shown(value)}")
            return value
        if default is None:
            raise UnfamiliarError(f"its `{keys[0]}` is missing")
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a switch.

        Raises:
            UnfamiliarError: it is something else than true or false.

        """
        if not self.has(key):
            return default
        value = self._config[key]
        if type(value) is not bool:
            raise UnfamiliarError(f"`{key}` is {_shown(value)}")
        return value

    def indices(self, key: str) -> frozenset[int]:
        """Return a list of blocks, by their indices.

        Raises:
            UnfamiliarError: it is something else.

        """
        value = self._config[key] if self.has(key) else []
        if type(value) is not list or len(value) > LAYERS:
            raise UnfamiliarError(f"`{key}` is {_shown(value)}")
        if any(type(index) is not int for index in value):
            raise UnfamiliarError(f"`{key}` is {_shown(value)}")
        return frozenset(value)

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of names; empty where there is none.

        Raises:
            UnfamiliarError: it is something else.

        """
        value = self._config[key] if self.has(key) else []
        if type(value) is not list or any(type(word) is not str for word in value):
            raise UnfamiliarError(f"`{key}` is {_shown(value)}")
        return tuple(value)

    def word(self, key: str) -> str | None:
        """Return a name; None where there is none."""
        value = self._config.get(key) if self.has(key) else None
        return value if type(value) is str else None

    def table(self, key: str) -> "Facts":
        """Return the keys of a table inside.

        Raises:
            UnfamiliarError: there is none.

        """
        value = self._config.get(key) if self.has(key) else None
        if not isinstance(value, dict):
            raise UnfamiliarError(f"`{key}` is not an object")
        return Facts(value)

    def unread(self) -> list[str]:
        """Return the keys that say something, and that nobody read."""
        return [
            key
            for key, value in self._config.items()
            if type(key) is str and key not in self.read and value not in (None, 0, False, [], {})
        ]


def _shown(value: Any) -> str:
    """Return a value in a message; of a large one what it is."""
    if type(value) is bool:
        return str(value).lower()
    if type(value) is float or (type(value) is int and abs(value) < _SHOWN):
        return str(value)
    if type(value) is str and len(value) <= _LONGEST:
        return quoted(value)
    if type(value) is list:
        return "a list"
    return "a table" if type(value) is dict else "too large"
