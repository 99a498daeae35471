"""A backend's state with thousands of jobs in it, written straight into the store."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any

from sftc.backend import keys
from sftc.backend.records import Artifact, Event, Job, JobStatus
from sftc.backend.store import Database, Jobs

MOMENT = "2026-01-01T10:00:00.000Z"
_PLAIN: Mapping[str, Any] = {
    "name": None,
    "model": "Qwen/Qwen3-4B",
    "training_type": "sft_offline",
    "payload": {"model": "Qwen/Qwen3-4B", "training_type": "sft_offline"},
    "mode": "rehearsal",
    "engine": None,
    "status": JobStatus.CREATED,
    "step": 0,
    "total_steps": 40,
    "error": None,
    "created_at": MOMENT,
    "started_at": None,
    "finished_at": None,
}


def job(number: int, key: str, **facts: Any) -> Job:
    """Return a job whose id follows from a number."""
    return Job(id=f"job-{number:024x}", owner=keys.digest(key), **{**_PLAIN, **facts})


@contextmanager
def state(folder: Path) -> Iterator[Database]:
    """Open the state of a data directory, quickly rather than safely."""
    folder.mkdir(exist_ok=True)
    database = Database(folder / "state.sqlite3")
    with database.reading() as connection:
        connection.execute("PRAGMA synchronous = OFF")
    try:
        yield database
    finally:
        database.close()


def add(database: Database, jobs: Iterable[Job]) -> None:
    """Store jobs, with an event each."""
    store = Jobs(database)
    for one in jobs:
        store.add(one, None, "digest", Event("sft.job.created", "Created"))
        with database.changing() as connection:
            connection.execute(
                "UPDATE jobs SET step = ?, started_at = ?, finished_at = ?, error = ? WHERE id = ?",
                (one.step, one.started_at, one.finished_at, one.error, one.id),
            )


def result(database: Database, name: str, files: Iterable[Artifact]) -> None:
    """Give a job the files of its result."""
    with database.changing() as connection:
        connection.executemany(
            "INSERT INTO artifacts VALUES (?, ?, ?, ?, ?)",
            [(name, *astuple(each)) for each in files],
        )


def curve(database: Database, name: str, values: Mapping[str, Sequence[tuple[int, float]]]) -> None:
    """Give a job the points of curves: steps and values by the curve's name."""
    with database.changing() as connection:
        connection.executemany(
            "INSERT INTO points VALUES (?, ?, ?, ?, ?, ?)",
            [
                (name, step, kind, value, kind.partition(".")[0], MOMENT)
                for kind, own in values.items()
                for step, value in own
            ],
        )
