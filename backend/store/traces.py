"""What jobs leave behind: events by sequence, and points of curves by step."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from ..records import Batch, Event, Point, Summary, Throughput, now
from .database import Database

# Each curve is cut into buckets of equal width in steps, between its first point and its last.
_ANY_NAME: Final = "name = coalesce(:name, name)"

_SAMPLED: Final = """
WITH RECURSIVE
curves AS MATERIALIZED (
    SELECT name AS curve, count(*) AS size, min(step) AS first, max(step) AS last FROM points
    WHERE job = :job AND step > :after AND name = coalesce(:name, name) GROUP BY name
),
numbers (number) AS (
    SELECT 0 WHERE :buckets > 0
    UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < :buckets
),
buckets AS MATERIALIZED (
    SELECT curve,
        first + 1 + (last - first - 1) * number / :buckets AS low,
        first + 1 + (last - first - 1) * (number + 1) / :buckets AS high
    FROM curves JOIN numbers WHERE size > :most
),
kept (name, step) AS (
    SELECT name, step FROM curves CROSS JOIN points  -- CROSS: the short table is the outer one
        WHERE job = :job AND name = curve AND step > :after AND size <= :most
    UNION SELECT curve, last FROM curves
    UNION SELECT curve, first FROM curves WHERE :most > 1
    UNION SELECT curve, (SELECT step FROM points WHERE job = :job AND name = curve
        AND step >= low AND step < high ORDER BY value, step LIMIT 1) FROM buckets
    UNION SELECT curve, (SELECT step FROM points WHERE job = :job AND name = curve
        AND step >= low AND step < high ORDER BY value DESC, step LIMIT 1) FROM buckets
)
SELECT name, step, value, phase, created_at FROM kept JOIN points USING (name, step)
WHERE job = :job ORDER BY step, name
"""

_FOLLOWING: Final = """
SELECT name, step, value, phase, created_at FROM points
WHERE job = :job AND step > :after AND name = coalesce(:name, name) AND step <= (
    SELECT max(step) FROM (
        SELECT step FROM points
        WHERE job = :job AND step > :after AND name = coalesce(:name, name)
        ORDER BY step LIMIT :limit
    )
)
ORDER BY step, name
"""


_LATEST: Final = 20
"""Steps from which a pace is taken."""
_SANE: Final = 1e12
"""Seconds, or tokens a second, beyond which a trainer has measured nothing."""

# A trainer says how long each step took, so that a pause between two of them does not count. Of a
# rehearsal only the times of its points are known.
_PACE: Final = """
WITH measured AS MATERIALIZED (
    SELECT seconds.step AS step, seconds.value AS seconds, tokens.value AS tokens
    FROM points AS seconds LEFT JOIN points AS tokens
        ON tokens.job = :job AND tokens.name = 'train.tokens_per_second'
            AND tokens.step = seconds.step
    WHERE seconds.job = :job AND seconds.name = 'train.seconds'
    ORDER BY seconds.step DESC LIMIT :steps
),
seen AS MATERIALIZED (
    SELECT step, (julianday(created_at) - 2440587.5) * 86400 AS time FROM points
    WHERE job = :job AND name = 'train.loss' ORDER BY step DESC LIMIT :steps
)
SELECT count(*) AS steps, avg(seconds) AS seconds,
    sum(tokens * seconds) / nullif(sum(seconds), 0) AS tokens FROM measured HAVING count(*) > 0
UNION ALL
SELECT count(*), (max(time) - min(time)) / nullif(max(step) - min(step), 0), NULL FROM seen
"""


class Traces:
    """The tables of events and points."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, job: str, event: Event) -> None:
        """Add an event to a job, unless it is over: nothing follows its last event."""
        with self._database.changing() as state:
            if not _is_over(state, job):
                note(state, job, event)

    def reach(self, job: str, step: int, values: Mapping[str, float]) -> None:
        """Write down the points of a step, and that it is reached; a second time is nothing."""
        time = now()
        points = [Point(step, name, value, time) for name, value in values.items()]
        self.add(job, Batch(points=points, step=step))

    def add(self, job: str, batch: Batch) -> None:
        """Add to a job's traces. Idempotent: points and events already stored are kept.

        Nothing is added to a job that is over.
        """
        with self._database.changing() as state:
            if _is_over(state, job):
                return
            for event in batch.events:
                note(state, job, event)
            state.executemany(
                "INSERT OR IGNORE INTO points (job, step, name, value, phase, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        job,
                        point.step,
                        point.name,
                        point.value,
                        "validation" if point.name.startswith("val.") else "train",
                        point.created_at,
                    )
                    for point in batch.points
                ],
            )
            state.execute(
                "UPDATE jobs SET step = max(step, ?), total_steps = coalesce(?, total_steps)"
                " WHERE id = ?",
                (batch.step, batch.total_steps, job),
            )

    def throughput(self, job: Summary) -> Throughput | None:
        """Return how fast the latest steps of a job were; None if there are fewer than two."""
        with self._database.reading() as state:
            rows = state.execute(_PACE, {"job": job.id, "steps": _LATEST}).fetchone()
        seconds, tokens = rows["seconds"], rows["tokens"]
        if rows["steps"] < 2 or seconds is None:  # noqa: PLR2004 - one has no pace
            return None
        left = max(job.total_steps - job.step, 0) * seconds
        if not (0 <= seconds <= _SANE and left <= _SANE):
            return None
        return Throughput(seconds, tokens if 0 <= (tokens or 0) <= _SANE else None, left)

    def phases(self, job: str, types: Collection[str]) -> Sequence[Mapping[str, Any]]:
        """Return the type and time of each event of some types, in order."""
        with self._database.reading() as state:
            rows = state.execute(
                "SELECT type, created_at FROM events WHERE job = ?"
                " AND type IN (SELECT value FROM json_each(?)) ORDER BY seq",
                (job, json.dumps([*types])),
            )
            return [dict(row) for row in rows]

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
            return [dict(row) for row in state.execute(_of(name, _FOLLOWING), asked)]

    def sampled(
        self, job: str, name: str | None, after: int, most: int
    ) -> Sequence[Mapping[str, Any]]:
        """Return the points after a step, in order: of each curve at most so many.

        A longer curve keeps its first and last point and, from as many buckets as fit, the
        lowest and the highest, so that no peak is lost. One point of a curve is its last.
        """
        buckets = (most - 2) // 2
        asked = {"job": job, "name": name, "after": after, "most": most, "buckets": buckets}
        with self._database.reading() as state:
            return [dict(row) for row in state.execute(_of(name, _SAMPLED), asked)]


def _of(name: str | None, query: str) -> str:
    """Return a query for the curve of a name, if there is one, by the index that begins with it."""
    return query if name is None else query.replace(_ANY_NAME, "name = :name")


def _is_over(state: sqlite3.Connection, job: str) -> bool:
    found = state.execute("SELECT 1 FROM jobs WHERE id = ? AND finished_at NOT NULL", (job,))
    return found.fetchone() is not None


def note(state: sqlite3.Connection, job: str, event: Event) -> None:
    """Add an event to a job, within a transaction of the caller's."""
    if (
        event.source is not None
        and state.execute(
            "SELECT 1 FROM events WHERE job = ? AND source = ?", (job, event.source)
        ).fetchone()
    ):
        return
    state.execute(
        "INSERT INTO events (job, seq, type, level, message, data, created_at, source)"
        " SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ?, ? FROM events WHERE job = ?",
        (
            job,
            event.type,
            event.level,
            event.message,
            json.dumps(event.data) if event.data else None,
            event.created_at or now(),
            event.source,
            job,
        ),
    )
