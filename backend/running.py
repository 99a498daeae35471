"""Runs the jobs that were started, each in a thread of its own, as many as a runner takes.

Which jobs those are is in the state, so a new server goes on with those of the one before. A job
that is over may have left processes; its thread ends when they have.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ..payloads import fields
from .directory import Directory
from .plan import planned
from .records import Artifact, Batch, Event, File, Job, JobStatus, Summary
from .runner import CancelledError, HaltedError, RunFailedError, Runner, StoppingError, Task
from .store import Files, Jobs, Run, Runs, Traces
from .worker import AGAIN, Worker

_LOG: Final = logging.getLogger(__name__)

_LAST: Final = 0.3
"""Seconds that a server which stops waits for the threads of jobs; a crash is no worse."""

_NOTED: Final = 100
"""Queued jobs that get a waiting event."""


class JobWorker(Worker):
    """Gives each job that was started to its runner: interrupted ones first, then in order."""

    def __init__(
        self,
        directory: Directory,
        files: Files,
        jobs: Jobs,
        traces: Traces,
        runs: Runs,
        runners: Sequence[Runner],
    ) -> None:
        super().__init__("running jobs")
        self.directory, self.files, self.jobs = directory, files, jobs
        self.traces, self.runs = traces, runs
        self._runners = runners
        self._at_work: dict[str, _JobThread] = {}
        self._lock = threading.Lock()

    def work(self) -> bool:
        """Start what there is room for; the threads wake this one when they have ended."""
        for runner in self._runners:
            of_runner = runner.mode, runner.engine
            for job in self.jobs.with_processes(runner.engine, self._names()):
                self._begin(job, runner)
            # However many there are: each has processes that somebody must watch.
            for job in self.jobs.to_watch(*of_runner, self._names()):
                self._begin(job, runner)
            busy = sum(thread.runner is runner for thread in self._threads())
            room = max(runner.at_once - busy, 0)
            for job in self.jobs.to_run(*of_runner, self._names(), limit=room):
                self._begin(job, runner)
            if runner.engine:
                self._note_who_waits(runner)
        return False

    def _note_who_waits(self, runner: Runner) -> None:
        ahead = sum(thread.runner is runner for thread in self._threads())
        if ahead < runner.at_once:  # who comes now is taken at the next look
            return
        waiting = self.jobs.waiting(runner.mode, runner.engine, self._names(), limit=_NOTED)
        for place, job in enumerate(waiting):
            self.traces.note(job, _waits(runner, ahead + place))

    def runner_of(self, job: Summary) -> Runner | None:
        """Return the runner of a job, if it has one here."""
        found = [
            each for each in self._runners if (job.mode, job.engine) == (each.mode, each.engine)
        ]
        return found[0] if found else None

    def engine_job(self, job: Summary) -> str | None:
        """Return the id that a job has where it runs, as far as this server knows."""
        runner, run = self.runner_of(job), self.runs.get(job.id)
        return runner.engine_job(run) if runner and run else None

    def look_at(self, job: str) -> None:
        """Look at once whether a job was cancelled, and whether it has processes to end."""
        with self._lock:
            thread = self._at_work.get(job)
        if thread:
            thread.wake.set()
        self.wake()

    def stop(self) -> None:
        """Leave the jobs; their trainers go on without a server."""
        super().stop()
        for thread in self._threads():
            thread.wake.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end of the thread, and a moment for those of the jobs."""
        super().join(timeout)
        deadline = time.monotonic() + _LAST
        for thread in self._threads():
            thread.join(max(deadline - time.monotonic(), 0))

    def forget(self, job: str) -> None:
        """Make room: the thread of a job ends."""
        with self._lock:
            del self._at_work[job]
        self.wake()

    def _begin(self, job: Job, runner: Runner) -> None:
        thread = _JobThread(job, runner, self)
        with self._lock:
            self._at_work[job.id] = thread
        try:
            thread.start()
        except RuntimeError:  # this machine has no thread to give; the worker tries again
            with self._lock:
                del self._at_work[job.id]
            raise

    def _threads(self) -> "list[_JobThread]":
        with self._lock:
            return [*self._at_work.values()]

    def _names(self) -> list[str]:
        with self._lock:
            return [*self._at_work]


def _waits(runner: Runner, before: int) -> Event:
    at_once = "one job" if runner.at_once == 1 else f"{runner.at_once:,} jobs"
    ahead = "one is before it" if before == 1 else f"{before:,} are before it"
    message = f"Queued: this server runs {at_once} at a time, and {ahead}"
    return Event("sft.job.waiting", message, data={"before": before}, source="queued")


class _JobThread(threading.Thread):
    """Takes one job to its end, and stores what its runner reports."""

    def __init__(self, job: Job, runner: Runner, worker: JobWorker) -> None:
        super().__init__(name=f"running {job.id}", daemon=True)
        self.runner = runner
        self.wake = threading.Event()
        self._job, self._worker = job, worker

    def run(self) -> None:
        """Run the job; while the disk is full, wait until it is not."""
        stopping = self._worker.stopping
        try:
            while not stopping.is_set():
                try:
                    return self._to_its_end()
                except HaltedError:
                    return None
                except (sqlite3.Error, OSError) as error:
                    if not stopping.is_set():
                        _LOG.error("running jobs: %s: %s; trying again", self._job.id, error)
                except Exception:  # noqa: BLE001 - a defect of ours; the other jobs go on
                    _LOG.exception("running jobs: %s: unexpected error; trying again", self._job.id)
                stopping.wait(AGAIN)
        finally:
            self._worker.forget(self._job.id)

    def _to_its_end(self) -> None:
        worker = self._worker
        job = self._job = worker.jobs.get(self._job.owner, self._job.id) or self._job
        if not job.status.over:
            report = _Report(job.id, worker, self.wake)
            try:
                closing = self.runner.run(self._task(), report)
            except CancelledError:
                pass
            except RunFailedError as failed:
                self._fail(failed.code, str(failed), failed.data)
            except (HaltedError, sqlite3.Error, OSError):
                raise  # the job goes on: at the next start, or when there is room on the disk
            except Exception:  # noqa: BLE001 - whatever a runner does, the job has an end
                _LOG.exception("the runner crashed in job %s", job.id)
                self._fail("runner_crashed", "The runner crashed; the server's log says more", {})
            else:
                worker.jobs.move(job.id, JobStatus.SUCCEEDED, closing, artifacts=report.artifacts)
        run = worker.runs.get(job.id)
        if run:
            ended = worker.jobs.get(job.owner, job.id) or job
            self.runner.end(ended, self._folder, run, self._pause)
            worker.runs.ended(job.id)

    @property
    def _folder(self) -> Path:
        return self._worker.directory.runs / self._job.id

    def _task(self) -> Task:
        job, directory = self._job, self._worker.directory
        named = fields.value_at(job.payload, fields.VALIDATION_FILES) or ()
        training = self._file(job.payload["training_file_id"])
        validation = [self._file(name) for name in named]
        return Task(
            job,
            planned(job.payload, training.rows or 0),
            directory.path(training.sha256),
            [directory.path(file.sha256) for file in validation],
            self._folder,
        )

    def _file(self, name: str) -> File:
        file = self._worker.files.get(self._job.owner, name)
        if file is None:
            raise RunFailedError("file_not_found", f"The file {name} was deleted")
        return file

    def _fail(self, code: str, message: str, data: Mapping[str, object]) -> None:
        error = {"code": code, "message": message}
        event = Event("sft.job.failed", message, level="error", data={**error, **data})
        self._worker.jobs.move(self._job.id, JobStatus.FAILED, event, error)

    def _pause(self, seconds: float) -> None:
        """Wait, whether the job is over or not."""
        if self._worker.stopping.wait(seconds):
            raise StoppingError


class _Report:
    """Stores what the runner of one job reports."""

    def __init__(self, job: str, worker: JobWorker, wake: threading.Event) -> None:
        self._job, self._worker, self._wake = job, worker, wake
        self.artifacts: Sequence[Artifact] = ()

    def start(self, message: str, **data: object) -> bool:
        started = Event("sft.job.started", message, data=data)
        return self._worker.jobs.move(self._job, JobStatus.RUNNING, started)

    def event(self, event: Event) -> None:
        self.add(Batch(events=[event]))

    def reach(self, step: int, values: Mapping[str, float]) -> None:
        self.rest(0)
        self._worker.traces.reach(self._job, step, values)

    def add(self, batch: Batch) -> None:
        self._worker.traces.add(self._job, batch)

    def rest(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            self._wake.clear()  # before the look: who cancels now wakes this again
            if self._worker.stopping.is_set():
                raise StoppingError
            if self._worker.jobs.status(self._job).over:
                raise CancelledError
            left = deadline - time.monotonic()
            if left <= 0:
                return
            self._wake.wait(left)

    def begin(self) -> Run:
        return self._worker.runs.begin(self._job)

    def submitted(self, run: Run) -> None:
        self._worker.runs.submitted(self._job, run)

    def keep(self, artifacts: Sequence[Artifact]) -> None:
        self.artifacts = artifacts  # stored with the success, in one transaction
