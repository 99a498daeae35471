"""The jobs, and the way each takes through its states."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, fields
from typing import Any, Final

from ..records import Artifact, Event, Job, JobStatus, Listing, Summary, now
from .database import Database
from .schema import search_text
from .traces import note

_SUMMARY: Final = (
    "id, owner, name, model, training_type, mode, engine, status, step, total_steps, error,"
    " created_at, started_at, finished_at"
)
_WHOLE: Final = (
    f"SELECT {_SUMMARY}, request, payload"  # noqa: S608 - a constant
    " FROM jobs JOIN payloads ON job = id"
)


class KeyReusedError(Exception):
    """An idempotency key has come with another payload before."""


class Jobs:
    """The table of jobs."""

    def __init__(self, database: Database) -> None:
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
                "INSERT INTO jobs (id, owner, idempotency_key, request, name, model,"
                " training_type, search_text, mode, engine, status, total_steps, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job.id,
                    job.owner,
                    key,
                    request,
                    job.name,
                    job.model,
                    job.training_type,
                    search_text(job.name, job.model, job.id),
                    job.mode,
                    job.engine,
                    job.status,
                    job.total_steps,
                    job.created_at,
                ),
            )
            state.execute("INSERT INTO payloads VALUES (?, ?)", (job.id, json.dumps(job.payload)))
            note(state, job.id, first)
            return job, True

    def get(self, owner: str, name: str) -> Job | None:
        """Return a job of an owner by its id."""
        with self._database.reading() as state:
            row = state.execute(f"{_WHOLE} WHERE id = ? AND owner = ?", (name, owner)).fetchone()
            return _job(row) if row else None

    def summary(self, owner: str, name: str) -> Summary | None:
        """Return a job of an owner by its id, without its payload."""
        with self._database.reading() as state:
            row = state.execute(
                f"SELECT {_SUMMARY} FROM jobs WHERE id = ? AND owner = ?",  # noqa: S608 - a constant
                (name, owner),
            ).fetchone()
            return Summary(**_summary(row)) if row else None

    def listed(
        self,
        owner: str,
        *,
        before: str | None = None,
        status: str | None = None,
        search: str | None = None,
        limit: int,
    ) -> Listing | None:
        """Return a part of the list of an owner's jobs, or None if it has no job ``before``.

        Args:
            owner: whose jobs.
            before: a job's id: only jobs that were created before it.
            status: only jobs that are there.
            search: only jobs with this text in their name, model or id, in whatever case.
            limit: how many jobs the part has at most.

        """
        wanted = {
            "owner = :owner": owner,
            "status = :status": status,
            "instr(search_text, :search)": search.casefold() if search else None,
        }
        where = " AND ".join(test for test, value in wanted.items() if value is not None)
        given = {"owner": owner, "status": status, "search": wanted.popitem()[1]}
        with self._database.reading() as state:
            (total,) = state.execute(
                f"SELECT count(*) FROM jobs WHERE {where}",  # noqa: S608 - constants
                given,
            ).fetchone()
            if before is not None:
                found = state.execute(
                    "SELECT number FROM jobs WHERE id = ? AND owner = ?", (before, owner)
                ).fetchone()
                if found is None:
                    return None
                where += " AND number < :number"
                given["number"] = found["number"]
            rows = state.execute(
                f"SELECT {_SUMMARY} FROM jobs WHERE {where}"  # noqa: S608 - constants
                " ORDER BY number DESC LIMIT :limit",
                {**given, "limit": limit + 1},
            ).fetchall()
        jobs = [Summary(**_summary(row)) for row in rows[:limit]]
        return Listing(jobs, jobs[-1].id if len(rows) > limit else None, total)

    def to_run(
        self, mode: str, engine: str | None, besides: Collection[str], limit: int
    ) -> Sequence[Job]:
        """Return the jobs to run next: those that a crash interrupted, then by their start.

        Args:
            mode: only jobs of this mode.
            engine: only jobs of this engine.
            besides: jobs that are at work already.
            limit: how many at most.

        """
        with self._database.reading() as state:
            rows = state.execute(
                f"{_WHOLE} WHERE status IN (?, ?) AND mode = ? AND engine IS ?"  # noqa: S608 - constants
                " AND id NOT IN (SELECT value FROM json_each(?))"
                " ORDER BY status = ? DESC, queued_at, number LIMIT ?",
                (
                    *(JobStatus.QUEUED, JobStatus.RUNNING, mode, engine),
                    *(json.dumps([*besides]), JobStatus.RUNNING, limit),
                ),
            ).fetchall()
            return [_job(row) for row in rows]

    def to_watch(self, mode: str, engine: str | None, besides: Collection[str]) -> Sequence[Job]:
        """Return the jobs that an engine has and that are not over; as ``to_run``."""
        with self._database.reading() as state:
            rows = state.execute(
                f"{_WHOLE} JOIN runs USING (job) WHERE processes AND handle IS NOT NULL"  # noqa: S608 - constants
                " AND mode = ? AND engine IS ? AND finished_at IS NULL"
                " AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY queued_at, number",
                (mode, engine, json.dumps([*besides])),
            ).fetchall()
            return [_job(row) for row in rows]

    def waiting(
        self, mode: str, engine: str | None, besides: Collection[str], limit: int
    ) -> Sequence[str]:
        """Return the ids of jobs that wait for a runner, by their start; as ``to_run``."""
        with self._database.reading() as state:
            rows = state.execute(
                "SELECT id FROM jobs WHERE status = ? AND mode = ? AND engine IS ?"
                " AND id NOT IN (SELECT value FROM json_each(?))"
                " ORDER BY queued_at, number LIMIT ?",
                (JobStatus.QUEUED, mode, engine, json.dumps([*besides]), limit),
            )
            return [row["id"] for row in rows]

    def with_processes(self, engine: str | None, besides: Collection[str]) -> Sequence[Job]:
        """Return the jobs that an engine may have processes of, over or not."""
        with self._database.reading() as state:
            rows = state.execute(
                f"{_WHOLE} JOIN runs USING (job) WHERE processes AND engine IS ?"  # noqa: S608 - constants
                " AND id NOT IN (SELECT value FROM json_each(?))",
                (engine, json.dumps([*besides])),
            ).fetchall()
            return [_job(row) for row in rows]

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
        artifacts: Sequence[Artifact] = (),
    ) -> bool:
        """Move a job on, with an event that says so; return whether it could move.

        A job that is over does not move, and none moves to where it has been: so that two who
        start it, or one who cancels it as it ends, leave one event. Its result is stored with its
        success, or not at all.
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
                state.executemany(
                    "INSERT INTO artifacts VALUES (?, ?, ?, ?, ?)",
                    [(name, *astuple(each)) for each in artifacts],
                )
            return bool(changed)


def _with_key(state: sqlite3.Connection, owner: str, key: str, request: str) -> Job | None:
    row = state.execute(
        f"{_WHOLE} WHERE owner = ? AND idempotency_key = ?", (owner, key)
    ).fetchone()
    if row is None:
        return None
    if row["request"] != request:
        raise KeyReusedError
    return _job(row)


def _job(row: sqlite3.Row) -> Job:
    return Job(**_summary(row), payload=json.loads(row["payload"]))


def _summary(row: sqlite3.Row) -> dict[str, Any]:
    facts = {field.name: row[field.name] for field in fields(Summary)}
    error = facts["error"]
    return {
        **facts,
        "status": JobStatus(facts["status"]),
        "error": json.loads(error) if error else None,
    }
