"""Which jobs a server without their engine names at its start."""

from pathlib import Path

from stored_jobs import job

from sftc.backend.records import Event, JobStatus
from sftc.backend.store import Database, Jobs, Runs

EVENT = Event("sft.job.created", "x")


def test_jobs_that_are_over_count_while_processes_are_left(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.sqlite3")
    jobs, runs = Jobs(database), Runs(database)
    waits, over, left = (job(n, "key", mode="train", engine="slurm") for n in (1, 2, 3))
    for one in (waits, over, left):
        jobs.add(one, None, "digest", EVENT)
        jobs.move(one.id, JobStatus.QUEUED, EVENT)
        runs.begin(one.id)
    assert runs.elsewhere(["local"]) == [("slurm", 3)]
    for one in (over, left):
        jobs.move(one.id, JobStatus.CANCELLED, EVENT)
    runs.ended(over.id)
    assert runs.elsewhere(["local"]) == [("slurm", 2)]
    runs.ended(left.id)
    assert runs.elsewhere(["local"]) == [("slurm", 1)]
    assert runs.elsewhere(["slurm"]) == []
    database.close()
