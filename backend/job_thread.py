"""One job in a thread of its own: run to its end, what its runner reports stored on the way."""

import logging
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..payloads import fields
from .plan import planned
from .records import Artifact, Batch, Event, File, Job, JobStatus
from .runner import CancelledError, HaltedError, RunFailedError, Runner, StoppingError, Task
from .store import Run
from .worker import AGAIN

if TYPE_CHECKING:
    from .running import JobWorker

_LOG: Final = logging.getLogger(__name__)


class JobThread(threading.Thread):
    """Takes one job to its end, and stores what its runner reports."""

    def __init__(self, job: Job, runner: Runner, worker: "JobWorker") -> None:
        """Prepare the thread; `start` begins it, and the worker forgets it at its end."""
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

    def __init__(self, job: str, worker: "JobWorker", wake: threading.Event) -> None:
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
