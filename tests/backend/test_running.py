"""The worker that runs jobs, over a state and a runner that does what a test says."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import stored_jobs
from stored_jobs import job
from training_server import until

from sftc.backend import keys
from sftc.backend.directory import Directory
from sftc.backend.records import Artifact, Batch, Event, File, FileStatus, Job, JobStatus
from sftc.backend.running import JobWorker
from sftc.backend.store import Database, Files, Jobs, Run, Runs, Traces

PAYLOAD = {"model": "m", "training_type": "sft_offline", "training_file_id": "file-1"}


class Runner:
    """Keeps the reports of the jobs that it is given, and what it is asked to end."""

    mode, notice = "train", "Created."
    engine: str | None = "local"

    def __init__(self, at_once: int = 1) -> None:
        self.at_once = at_once
        self.reports: dict[str, Any] = {}
        self.ended: list[str] = []
        self.does: Callable[[Any], Event] = lambda report: report.rest(1000)

    def problems(self, _payload: Any) -> list[Any]:
        return []

    def shape(self, _model: str) -> None:
        return None

    def run(self, task: Any, report: Any) -> Event:
        self.reports[task.job.id] = report
        return self.does(report)

    def engine_job(self, _run: Run) -> None:
        return None

    def end(self, ended: Job, _folder: Path, _run: Run, _rest: Any) -> None:
        self.ended.append(ended.id)


class Bench:
    """A worker, not started yet, and the state that it works on."""

    def __init__(self, folder: Path, database: Database, runner: Runner) -> None:
        self.jobs, self.traces, self.runs = Jobs(database), Traces(database), Runs(database)
        files = Files(database)
        directory = Directory(folder)
        self.worker = JobWorker(directory, files, self.jobs, self.traces, self.runs, [runner])
        self.runner = runner
        file = File(
            id="file-1", owner=keys.digest("key"), purpose="fine-tune", sha256="0" * 64, bytes=1,
            filename="rows", status=FileStatus.READY, rows=40, error=None,
            created_at=stored_jobs.MOMENT,
        )  # fmt: skip
        files.add(file)

    def queued(self, number: int) -> str:
        """Store a job that waits."""
        made = job(number, "key", mode="train", engine="local", payload=PAYLOAD)
        self.jobs.add(made, None, "digest", Event("sft.job.created", "Created"))
        self.jobs.move(made.id, JobStatus.QUEUED, Event("sft.job.queued", "Queued"))
        return made.id

    def submitted(self, number: int) -> str:
        """Store a job that an engine has, from an earlier server."""
        name = self.queued(number)
        self.runs.begin(name)
        self.runs.submitted(name, Run("handle", 0))
        self.jobs.move(name, JobStatus.RUNNING, Event("sft.job.started", "Started"))
        return name

    def cancel(self, name: str) -> None:
        """Do what the API does."""
        self.jobs.move(name, JobStatus.CANCELLED, Event("sft.job.cancelled", "Cancelled"))
        self.worker.look_at(name)

    def types(self, name: str) -> list[str]:
        """Return the types of a job's events."""
        return [event["type"].removeprefix("sft.job.") for event in self.traces.events(name, 0, 99)]


@contextmanager
def bench(folder: Path, at_once: int = 1) -> Iterator[Bench]:
    """Prepare a state and its worker, and stop it in the end."""
    with stored_jobs.state(folder) as database:
        made = Bench(folder, database, Runner(at_once))
        try:
            yield made
        finally:
            made.worker.stop()
            if made.worker.ident:
                made.worker.join()


def test_every_job_with_processes_is_watched(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        running = [made.submitted(number) for number in range(3)]
        waiting = made.queued(3)
        made.worker.start()
        until(lambda: set(running) <= set(made.runner.reports))
        until(lambda: "waiting" in made.types(waiting))
        assert not any("waiting" in made.types(name) for name in running)
        for name in running:
            assert waiting not in made.runner.reports
            made.cancel(name)
            until(lambda name=name: name in made.runner.ended)
        until(lambda: waiting in made.runner.reports)


def test_a_cancelled_job_that_nobody_watches_is_ended(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        made.worker.start()
        name = made.queued(1)  # and nobody wakes the worker
        made.runs.begin(name)
        made.cancel(name)
        until(lambda: made.runner.ended == [name])


def test_a_job_cancelled_as_it_succeeds_has_no_result(tmp_path: Path) -> None:
    def succeeds(report: Any) -> Event:
        report.keep([Artifact("weights", 1, "0" * 64, 0)])
        if report is made.runner.reports.get(cancelled):
            made.cancel(cancelled)
        return Event("sft.job.completed", "Done")

    with bench(tmp_path, at_once=2) as made:
        made.runner.does = succeeds
        cancelled, succeeded = made.queued(1), made.queued(2)
        made.worker.start()
        until(lambda: made.jobs.status(cancelled).over and made.jobs.status(succeeded).over)
        assert made.jobs.status(cancelled) is JobStatus.CANCELLED
        assert made.jobs.status(succeeded) is JobStatus.SUCCEEDED
        assert made.runs.artifacts(cancelled) == []
        assert made.runs.artifacts(succeeded) == [Artifact("weights", 1, "0" * 64, 0)]


def test_nothing_follows_the_last_event(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        name = made.queued(1)
        made.cancel(name)
        made.traces.note(name, Event("sft.job.note", "late"))
        made.traces.add(name, Batch([Event("sft.job.note", "late")], step=9))
        made.traces.reach(name, 1, {"train.loss": 1.0})
        assert made.types(name) == ["created", "queued", "cancelled"]
        assert made.traces.points(name, None, 0, 9) == []


def test_a_thread_that_does_not_start_takes_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench(tmp_path) as made:
        name = made.queued(1)
        with monkeypatch.context() as short:

            def start(_thread: threading.Thread) -> None:
                raise RuntimeError("can't start new thread")

            short.setattr(threading.Thread, "start", start)
            with pytest.raises(RuntimeError):
                made.worker.work()
        made.worker.work()
        until(lambda: name in made.runner.reports)
