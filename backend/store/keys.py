"""The digests of the keys that the server has issued."""

from ..records import now
from .database import Database


class Keys:
    """The table of keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, digest: str) -> None:
        """Take a key in."""
        with self._database.changing() as state:
            state.execute("INSERT INTO keys VALUES (?, ?)", (digest, now()))

    def digests(self) -> tuple[str, ...]:
        """Return the digests of all keys."""
        with self._database.reading() as state:
            return tuple(row["digest"] for row in state.execute("SELECT digest FROM keys"))
