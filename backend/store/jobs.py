"""The jobs, and the way each takes through its states."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..records import Event, Job, JobStatus, now
from .database import Database
from .traces import note

_COLUMNS: Final = (
    "id, owner, payload, mode, status, step, total_steps, error, created_at, started_at,"
    " finished_at"
)


class KeyReusedError(Exception):
    """An idempotency key has come with another payload before."""


class Jobs:
    """The table of jobs."""

    def __init__(self, database: Database) -> None:
        """Look at the jobs of a state."""
        self._database = database

    def with_key(self, owner: str, key: str, request: str) -> Job | None:
        """Return the job that an owner's idempotency key has created.

        Raises:
            KeyReusedError: from another payload.

        """
        with self._database.reading() as state:
            return _with_key(state, owner, key, request)

    def add(self, job: Job, key: str | None, request: str, first: Event) -> tuple[Job, bool]:
        """Take a job in with its first event, and return it as it stands, and whether it is new.

        Raises:
            KeyReusedError: the key has come with another payload.

        """
        with self._database.changing() as state:
            known = _with_key(state, job.owner, key, request) if key else None
            if known:
                return known, False
            state.execute(
                "INSERT INTO jobs (id, owner, idempotency_key, request, payload, mode, status,"
                " total_steps, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job.id,
                    job.owner,
                    key,
                    request,
                    json.dumps(job.payload),
                    job.mode,
                    job.status,
                    job.total_steps,
                    job.created_at,
                ),
            )
            note(state, job.id, first)
            return job, True

    def get(self, owner: str, name: str) -> Job | None:
        """Return a job of an owner by its id."""
        with self._database.reading() as state:
            row = state.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE id = ? AND owner = ?",  # noqa: S608 - a constant
                (name, owner),
            ).fetchone()
            return _job(row) if row else None

    def of(self, owner: str, limit: int) -> Sequence[Job]:
        """Return the jobs of an owner, the newest first."""
        with self._database.reading() as state:
            rows = state.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE owner = ?"  # noqa: S608 - a constant
                " ORDER BY rowid DESC LIMIT ?",
                (owner, limit),
            )
            return [_job(row) for row in rows]

    def next_to_run(self) -> Job | None:
        """Return the job to run next: one that a crash interrupted, or who has waited longest."""
        with self._database.reading() as state:
            row = state.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE status IN (?, ?)"  # noqa: S608 - a constant
                " ORDER BY status = ? DESC, queued_at, rowid LIMIT 1",
                (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.RUNNING),
            ).fetchone()
            return _job(row) if row else None

    def status(self, name: str) -> JobStatus:
        """Return where a job is."""
        with self._database.reading() as state:
            (status,) = state.execute("SELECT status FROM jobs WHERE id = ?", (name,)).fetchone()
            return JobStatus(status)

    def move(
        self,
        name: str,
        status: JobStatus,
        event: Event,
        error: Mapping[str, Any] | None = None,
    ) -> bool:
        """Move a job on, with an event that says so; return whether it could move.

        A job that is over does not move, and none moves to where it has been: so that two who
        start it, or one who cancels it as it ends, leave one event.
        """
        stamp = {JobStatus.QUEUED: "queued_at", JobStatus.RUNNING: "started_at"}
        column = stamp.get(status, "finished_at")
        with self._database.changing() as state:
            changed = state.execute(
                f"UPDATE jobs SET status = ?, error = ?, {column} = ?"  # noqa: S608 - constants
                f" WHERE id = ? AND {column} IS NULL AND finished_at IS NULL",
                (status, json.dumps(error) if error else None, now(), name),
            ).rowcount
            if changed:
                note(state, name, event)
            return bool(changed)


def _with_key(state: sqlite3.Connection, owner: str, key: str, request: str) -> Job | None:
    row = state.execute(
        f"SELECT {_COLUMNS}, request FROM jobs"  # noqa: S608 - a constant
        " WHERE owner = ? AND idempotency_key = ?",
        (owner, key),
    ).fetchone()
    if row is None:
        return None
    if row["request"] != request:
        raise KeyReusedError
    return _job(row)


def _job(row: sqlite3.Row) -> Job:
    error = row["error"]
    return Job(
        id=row["id"],
        owner=row["owner"],
        payload=json.loads(row["payload"]),
        mode=row["mode"],
        status=JobStatus(row["status"]),
        step=row["step"],
        total_steps=row["total_steps"],
        error=json.loads(error) if error else None,
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )
