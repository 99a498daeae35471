"""The database file: its tables, and one connection that threads take in turn."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import schema


class Database:
    """A connection to the state.

    SQLite writes one transaction at a time anyhow; with a lock before it nobody is told that
    the database is busy.
    """

    def __init__(self, path: Path) -> None:
        """Open the state, or begin one; an earlier version is upgraded, whole or not at all.

        Raises:
            NewerError: a later version has written it.
            ForeignError: it is a database of something else.
            sqlite3.Error: it cannot be opened, or is no database.

        """
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=30
        )
        try:
            self._begin()
        except BaseException:
            self._connection.close()
            raise
        self._connection.row_factory = sqlite3.Row

    def _begin(self) -> None:
        schema.version(self._connection)  # before anything is changed: the file may not be ours
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        # Off while tables are replaced; SQLite ignores this inside a transaction.
        self._connection.execute("PRAGMA foreign_keys = OFF")
        with self.changing() as state:
            match schema.version(state):  # again: another process may have been quicker
                case 0:
                    schema.create(state)
                case found if found < schema.VERSION:
                    schema.upgrade(state, found)
        self._connection.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Hold a transaction: all of it happens, or nothing does."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection to ask one question."""
        with self._lock:
            yield self._connection

    def close(self) -> None:
        """Write what SQLite has in mind, and let go of the file."""
        with self._lock:
            self._connection.close()
