"""The database schema, version by version, and the migrations between versions."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Final

VERSION: Final = 3

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
"""

_TRACES: Final = """
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

# A payload may have megabytes. In a table of its own it is neither read when jobs are listed nor
# written again at each step.
_JOBS: Final = """
CREATE TABLE {jobs} (
    number INTEGER PRIMARY KEY,  -- the order in which jobs were created
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    idempotency_key TEXT,
    request TEXT NOT NULL,  -- the digest of the payload as it was posted
    name TEXT,
    model TEXT NOT NULL,
    training_type TEXT NOT NULL,
    search_text TEXT NOT NULL,  -- what a search looks in; see search_text()
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
CREATE TABLE payloads (
    job TEXT PRIMARY KEY REFERENCES jobs (id),
    payload TEXT NOT NULL
) STRICT;
"""

_INDEXES: Final = """
CREATE INDEX jobs_by_status ON jobs (status);
CREATE INDEX jobs_by_owner ON jobs (owner);
CREATE INDEX jobs_by_owner_and_status ON jobs (owner, status);
CREATE INDEX points_by_curve ON points (job, name, step, value);
"""

_RUNS: Final = """
ALTER TABLE jobs ADD COLUMN engine TEXT;
ALTER TABLE events ADD COLUMN source TEXT;
CREATE UNIQUE INDEX events_by_source ON events (job, source);
CREATE TABLE runs (
    job TEXT PRIMARY KEY REFERENCES jobs (id),
    handle TEXT,  -- the engine's; null while nobody knows whether it was submitted
    resumes INTEGER NOT NULL DEFAULT 0,  -- since a checkpoint was newer than the one before
    saved INTEGER NOT NULL DEFAULT 0,  -- the step of the newest one at the last submission
    processes INTEGER NOT NULL DEFAULT 1  -- whether some of it may be left
) STRICT;
CREATE INDEX runs_with_processes ON runs (job) WHERE processes;
CREATE TABLE artifacts (
    job TEXT NOT NULL REFERENCES jobs (id),
    path TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    modified INTEGER NOT NULL,  -- when the file was, in nanoseconds since 1970
    PRIMARY KEY (job, path)
) STRICT, WITHOUT ROWID;
"""
"""What version 3 adds to version 2: jobs that are trained."""

_KEPT: Final = (
    "id, owner, idempotency_key, request, mode, status, step, total_steps, error, created_at,"
    " queued_at, started_at, finished_at"
)
_JOBS_1: Final = frozenset(_KEPT.split(", ")) | {"payload"}


class NewerError(Exception):
    """The state was written by a later version of sftc."""


class ForeignError(Exception):
    """The file is a database of something else."""


def search_text(name: str | None, model: str, job: str) -> str:
    """Return what a search for a job looks in: its name, model and id, folded, one a line."""
    return "\n".join((name or "", model, job)).casefold()


def version(state: sqlite3.Connection) -> int:
    """Return the version of the state's tables, or 0 for an empty file. Nothing is changed.

    Raises:
        NewerError: a later version of sftc has written them.
        ForeignError: they are not ours.

    """
    (found,) = state.execute("PRAGMA user_version").fetchone()
    tables = _columns(state)
    if found > VERSION and {"jobs", "points"} <= tables.keys():
        raise NewerError
    if tables if found == 0 else not _ours(found, tables):
        raise ForeignError
    return int(found)


def create(state: sqlite3.Connection) -> None:
    """Make the tables, within a transaction of the caller's."""
    _create_2(state)
    _run(state, _RUNS)
    state.execute(f"PRAGMA user_version = {VERSION}")


def upgrade(state: sqlite3.Connection, found: int) -> None:
    """Bring an earlier version to this one, within a transaction of the caller's.

    Foreign keys must be off: events and points refer to a table that is replaced.
    """
    if found == 1:
        _upgrade_1(state)
    _run(state, _RUNS)
    state.execute(f"PRAGMA user_version = {VERSION}")


def _create_2(state: sqlite3.Connection) -> None:
    _run(state, _TABLES + _JOBS.format(jobs="jobs") + _TRACES + _INDEXES)


def _upgrade_1(state: sqlite3.Connection) -> None:
    _run(state, _JOBS.format(jobs="jobs_2"))
    for job, text in state.execute("SELECT id, payload FROM jobs ORDER BY rowid"):
        payload = json.loads(text)
        state.execute(
            f"INSERT INTO jobs_2 ({_KEPT}, model, training_type, search_text)"  # noqa: S608 - a constant
            f" SELECT {_KEPT}, ?, ?, ? FROM jobs WHERE id = ?",
            (
                payload["model"],
                payload["training_type"],
                search_text(None, payload["model"], job),
                job,
            ),
        )
    state.execute("INSERT INTO payloads SELECT id, payload FROM jobs")
    state.execute("DROP TABLE jobs")
    state.execute("ALTER TABLE jobs_2 RENAME TO jobs")
    _run(state, _INDEXES)


def _run(state: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):  # executescript() would commit
        state.execute(statement)


def _columns(state: sqlite3.Connection) -> Mapping[str, frozenset[str]]:
    """Return the columns of each table."""
    names = state.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%'"
        " ESCAPE '\\'"
    ).fetchall()
    return {
        name: frozenset(
            column for (column,) in state.execute("SELECT name FROM pragma_table_info(?)", (name,))
        )
        for (name,) in names
    }


def _ours(found: int, tables: Mapping[str, frozenset[str]]) -> bool:
    """Whether tables are those of a version."""
    with sqlite3.connect(":memory:") as empty:
        (create if found == VERSION else _create_2)(empty)
        expected = dict(_columns(empty))
    empty.close()
    if found == 1:
        del expected["payloads"]
        expected["jobs"] = _JOBS_1
    return found > 0 and all(tables.get(name) == columns for name, columns in expected.items())
