"""The database file: its tables, and one connection that threads take in turn."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_VERSION: Final = 1

_TABLES: Final = """
CREATE TABLE keys (
    digest TEXT PRIMARY KEY,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE files (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    purpose TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    filename TEXT NOT NULL,
    status TEXT NOT NULL,
    rows INTEGER,
    error TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX files_by_digest ON files (owner, sha256);
CREATE INDEX files_by_status ON files (status);
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    idempotency_key TEXT,
    request TEXT NOT NULL,  -- the digest of the payload as it was posted
    payload TEXT NOT NULL,
    mode TEXT NOT NULL,
    status TEXT NOT NULL,
    step INTEGER NOT NULL DEFAULT 0,
    total_steps INTEGER NOT NULL,
    error TEXT,
    created_at TEXT NOT NULL,
    queued_at TEXT,
    started_at TEXT,
    finished_at TEXT,
    UNIQUE (owner, idempotency_key)  -- NULLs are distinct: without a key, each is a new job
) STRICT;
CREATE INDEX jobs_by_status ON jobs (status);
CREATE TABLE events (
    job TEXT NOT NULL REFERENCES jobs (id),
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    data TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE points (
    job TEXT NOT NULL REFERENCES jobs (id),
    step INTEGER NOT NULL,
    name TEXT NOT NULL,
    value REAL NOT NULL,
    phase TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (job, step, name)
) STRICT, WITHOUT ROWID;
"""


class NewerError(Exception):
    """The state was written by a later version of sftc."""


class Database:
    """A connection to the state.

    SQLite writes one transaction at a time anyhow; with a lock before it nobody is told that
    the database is busy.
    """

    def __init__(self, path: Path) -> None:
        """Open the state, or begin one.

        Raises:
            NewerError: a later version has written it.
            sqlite3.Error: it cannot be opened, or is no database.

        """
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=30
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self.changing() as state:
            (version,) = state.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                raise NewerError
            if version == 0:
                for statement in _TABLES.split(";\n"):
                    state.execute(statement)
                state.execute(f"PRAGMA user_version = {_VERSION}")

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
