"""The meant config: the written one with each key moved to where it belongs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ... import schemas
from ...diagnostics import KeyPath, Remedy

Move = tuple[KeyPath, KeyPath]


class Homes:
    """Which places are free, while keys are given theirs one after another."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._taken: set[KeyPath] = set()
        self._around: set[KeyPath] = set()  # the tables around what is taken

    def take(self, home: KeyPath, value: Any) -> bool:
        """Whether a value, a table with all that is in it, has room at a path; then keep it.

        A table may merge into one that is there, if they have no key in common.
        """
        if value == {}:  # it takes nothing from what goes inside
            self._around.update(home[:length] for length in range(1, len(home) + 1))
            return home not in self._taken
        places = [(*home, *path) for path in _leaf_paths(value)]
        if not all(map(self._is_free, places)):
            return False
        for place in places:
            self._taken.add(place)
            self._around.update(place[:length] for length in range(1, len(place)))
        return True

    def is_written(self, home: KeyPath) -> bool:
        """Whether the config itself has a value at a path."""
        return schemas.value_at(self._config, home) is not None

    def is_spoken_for(self, home: KeyPath) -> bool:
        """Whether a path has a value, its own or one that moves there."""
        return self.is_written(home) or home in self._taken or home in self._around

    def _is_free(self, place: KeyPath) -> bool:
        table: Any = self._config
        for length, part in enumerate(place, 1):
            if place[:length] in self._taken:
                return False
            if table is None:
                continue
            if not isinstance(table, dict):
                return False
            table = table.get(part)
        return table is None and place not in self._around


def _leaf_paths(value: Any) -> Iterator[KeyPath]:
    if isinstance(value, dict) and value:
        for key, child in value.items():
            for path in _leaf_paths(child):
                yield (key, *path)
    else:
        yield ()


def rearranged(
    config: Mapping[str, Any], remedies: Iterable[Remedy]
) -> tuple[dict[str, Any], dict[KeyPath, KeyPath]]:
    """Return a config after the moves and removals of remedies, and where what moved stood.

    The config itself stays as it is. A table that the schema does not know goes when the last
    key has left it.

    Args:
        config: the config.
        remedies: what to do; their moves have room, and do not depend on each other.

    """
    remedies = list(remedies)
    after = _Copy(config)
    moves = [move for remedy in remedies for move in remedy.moves]
    # What is inside goes before what is around it, so that it finds its own home.
    for source, home in sorted(moves, key=lambda move: -len(move[0])):
        after.move(source, home)
    for remedy in remedies:
        for path in remedy.removes:
            if schemas.value_at(after.values, path) is not None:
                after.take(path)
    return after.values, after.sources


class _Copy:
    """A copy of a config, of which only the tables are copied in which something changes."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.values = dict(config)
        self.sources: dict[KeyPath, KeyPath] = {}
        self._own = {id(self.values): self.values}  # the tables that are copies, by identity

    def _table(self, path: KeyPath) -> dict[str, Any]:
        """Return the table at a path, made or copied if it is not our own yet."""
        table: dict[str, Any] = self.values
        for part in path:
            below = table.get(str(part), {})
            if id(below) not in self._own:
                below = table[str(part)] = dict(below)
                self._own[id(below)] = below
            table = below
        return table

    def take(self, path: KeyPath) -> Any:
        """Take a value out, and each unknown table that is empty without it."""
        value = self._table(path[:-1]).pop(str(path[-1]))
        above = path[:-1]
        while above and not schemas.key_schema(above) and not self._table(above):
            del self._table(above[:-1])[str(above[-1])]
            above = above[:-1]
        return value

    def move(self, source: KeyPath, home: KeyPath) -> None:
        if schemas.value_at(self.values, source) is not None:  # else all of it has moved already
            self._put(home, self.take(source), source)

    def _put(self, home: KeyPath, value: Any, source: KeyPath) -> None:
        table, key = self._table(home[:-1]), str(home[-1])
        if key in table and isinstance(value, dict):
            for name, child in value.items():
                self._put((*home, name), child, (*source, name))
        else:
            table[key] = value
            self.sources[home] = source
