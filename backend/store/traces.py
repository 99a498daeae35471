"""What jobs leave behind: events by sequence, and points of curves by step."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from ..records import Event, now
from .database import Database


class Traces:
    """The tables of events and points."""

    def __init__(self, database: Database) -> None:
        """Look at the traces of a state."""
        self._database = database

    def note(self, job: str, event: Event) -> None:
        """Add an event to a job."""
        with self._database.changing() as state:
            note(state, job, event)

    def reach(self, job: str, step: int, values: Mapping[str, float]) -> None:
        """Write down the points of a step, and that it is reached; a second time is nothing."""
        with self._database.changing() as state:
            state.executemany(
                "INSERT OR IGNORE INTO points (job, step, name, value, phase, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        job,
                        step,
                        name,
                        value,
                        "validation" if name.startswith("val.") else "train",
                        now(),
                    )
                    for name, value in values.items()
                ],
            )
            state.execute("UPDATE jobs SET step = max(step, ?) WHERE id = ?", (step, job))

    def events(self, job: str, since: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """Return the events after a sequence number, in order."""
        with self._database.reading() as state:
            rows = state.execute(
                "SELECT seq, type, level, message, data, created_at FROM events"
                " WHERE job = ? AND seq > ? ORDER BY seq LIMIT ?",
                (job, since, limit),
            )
            return [{**dict(row), "data": json.loads(row["data"] or "{}")} for row in rows]

    def points(
        self, job: str, name: str | None, after: int, limit: int
    ) -> Sequence[Mapping[str, Any]]:
        """Return the points after a step, in order.

        The points of one step come together even beyond the limit: who asks for what comes
        after the last step would otherwise miss some.
        """
        asked = {"job": job, "name": name, "after": after, "limit": limit}
        with self._database.reading() as state:
            rows = state.execute(
                "WITH asked AS (SELECT name, step, value, phase, created_at FROM points WHERE"
                " job = :job AND step > :after AND name = coalesce(:name, name))"
                " SELECT * FROM asked WHERE step <= (SELECT max(step) FROM"
                " (SELECT step FROM asked ORDER BY step LIMIT :limit)) ORDER BY step, name",
                asked,
            )
            return [dict(row) for row in rows]


def note(state: sqlite3.Connection, job: str, event: Event) -> None:
    """Add an event to a job, within a transaction of the caller's."""
    state.execute(
        "INSERT INTO events SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ?"
        " FROM events WHERE job = ?",
        (
            job,
            event.type,
            event.level,
            event.message,
            json.dumps(event.data) if event.data else None,
            now(),
            job,
        ),
    )
