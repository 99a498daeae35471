"""The runs of jobs on engines, and the files that they leave."""

import json
from collections.abc import Sequence
from typing import Final, NamedTuple

from ..records import Artifact
from .database import Database


class Run(NamedTuple):
    """What is known of a job's run.

    Attributes:
        handle: the engine's; None while nobody knows whether the job was submitted.
        resumes: how often it was submitted again without a newer checkpoint in between.
        saved: the step of the newest checkpoint at the last submission.

    """

    handle: str | None
    resumes: int
    saved: int = 0


_RUN: Final = "SELECT handle, resumes, saved FROM runs WHERE job = ?"


class Runs:
    """The tables of runs and of artifacts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, job: str) -> Run:
        """Return a job's run, and store that from now on there may be processes of it."""
        with self._database.changing() as state:
            state.execute("INSERT OR IGNORE INTO runs (job) VALUES (?)", (job,))
            return Run(*state.execute(_RUN, (job,)).fetchone())

    def get(self, job: str) -> Run | None:
        """Return a job's run, if it has begun."""
        with self._database.reading() as state:
            row = state.execute(_RUN, (job,)).fetchone()
            return Run(*row) if row else None

    def submitted(self, job: str, run: Run) -> None:
        """Store that an engine has a job."""
        with self._database.changing() as state:
            state.execute(
                "UPDATE runs SET handle = ?, resumes = ?, saved = ? WHERE job = ?", (*run, job)
            )

    def ended(self, job: str) -> None:
        """Store that no process of a job is left."""
        with self._database.changing() as state:
            state.execute("UPDATE runs SET processes = 0 WHERE job = ?", (job,))

    def artifacts(self, job: str) -> Sequence[Artifact]:
        """Return the files of a job's result, by path."""
        with self._database.reading() as state:
            rows = state.execute(
                "SELECT path, bytes, sha256, modified FROM artifacts WHERE job = ? ORDER BY path",
                (job,),
            )
            return [Artifact(*row) for row in rows]

    def artifact(self, job: str, path: str) -> Artifact | None:
        """Return a file of a job's result."""
        with self._database.reading() as state:
            row = state.execute(
                "SELECT path, bytes, sha256, modified FROM artifacts WHERE job = ? AND path = ?",
                (job, path),
            ).fetchone()
            return Artifact(*row) if row else None

    def elsewhere(self, served: Sequence[str]) -> Sequence[tuple[str, int]]:
        """Return the engines that are not served, and how many jobs wait or run there.

        A job that is over counts as long as some of its processes may be left.
        """
        with self._database.reading() as state:
            rows = state.execute(
                "SELECT engine, count(*) AS jobs FROM jobs WHERE engine IS NOT NULL"
                " AND engine NOT IN (SELECT value FROM json_each(?))"
                " AND (status IN ('queued', 'running')"
                " OR id IN (SELECT job FROM runs WHERE processes)) GROUP BY engine",
                (json.dumps([*served]),),
            )
            return [(row["engine"], row["jobs"]) for row in rows]
