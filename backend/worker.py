"""The two workers behind the API: one checks files, one runs jobs, each in a thread.

What there is to do is in the state and nowhere else. So a crash loses no work: at the next start
both find what was waiting, and what was under way.
"""

import logging
import sqlite3
import threading
from collections.abc import Mapping
from typing import Final

from ..payloads import fields
from .checking import UNREAD, Check
from .directory import Directory
from .plan import planned
from .records import Event, File, Job, JobStatus
from .runner import HaltedError, RunFailedError, Runner, Task
from .store import Files, Jobs, Traces

_LOG: Final = logging.getLogger(__name__)
_AGAIN: Final = 2.0
"""Seconds until work that failed because of the disk is tried again."""

_LOOK: Final = 0.25
"""Seconds after which a runner that waits looks whether its job was cancelled."""


class Worker(threading.Thread):
    """A thread that does what there is to do, and sleeps until it is woken."""

    def __init__(self, name: str) -> None:
        """Prepare a thread with a name for the log."""
        super().__init__(name=name, daemon=True)
        self._wake = threading.Event()
        self.stopping = threading.Event()

    def wake(self) -> None:
        """Look again whether there is something to do."""
        self._wake.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self.stopping.is_set():
            self._wake.clear()
            try:
                worked = self.work()
            except (sqlite3.Error, OSError) as error:
                _LOG.error("%s: %s; trying again", self.name, error)
                self.stopping.wait(_AGAIN)
                continue
            except Exception:  # noqa: BLE001 - a bug of ours; the next piece of work may be without it
                _LOG.exception("%s: unexpected error; trying again", self.name)
                self.stopping.wait(_AGAIN)
                continue
            if not worked and not self.stopping.is_set():
                self._wake.wait()

    def work(self) -> bool:
        """Do one piece of work; return whether there was any."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ask the thread to end; ``join`` waits for it."""
        self.stopping.set()
        self._wake.set()


class FileWorker(Worker):
    """Checks the files that wait for it, in the order of their arrival."""

    def __init__(self, directory: Directory, files: Files) -> None:
        """Check the files of a directory."""
        super().__init__("checking files")
        self.directory = directory
        self._files = files
        self._under_way: Check | None = None

    def stop(self) -> None:
        """Give up the check under way; it begins again at the next start."""
        super().stop()
        check = self._under_way
        if check:
            check.stop()

    def work(self) -> bool:
        """Check a file."""
        file = self._files.next_to_check()
        if file is None:
            return False
        check = self._under_way = Check(self.directory.path(file.sha256))
        if self.stopping.is_set():  # since before the check began, so that stop() found none
            check.stop()
        verdict = check.verdict()
        self._under_way = None
        if verdict:
            self._files.checked(file.id, verdict.rows, verdict.error)
        elif not self.stopping.is_set():
            self._files.checked(file.id, None, UNREAD)
        return True


class JobWorker(Worker):
    """Runs the jobs that were started, one at a time: interrupted ones first, then in order."""

    def __init__(
        self, directory: Directory, files: Files, jobs: Jobs, traces: Traces, runner: Runner
    ) -> None:
        """Run the jobs of a state with a runner."""
        super().__init__("running jobs")
        self._directory = directory
        self._files = files
        self._jobs = jobs
        self._traces = traces
        self._runner = runner

    def work(self) -> bool:
        """Run a job; when the server stops, it is interrupted, and goes on at the next start."""
        job = self._jobs.next_to_run()
        if job is None:
            return False
        started = Event("sft.job.started", f"A runner took the job: {self._runner.mode}")
        if not self._jobs.move(job.id, JobStatus.RUNNING, started):
            if self._jobs.status(job.id).over:
                return True
            resumed = f"The server was interrupted; the job goes on after step {job.step:,}"
            self._traces.note(job.id, Event("sft.job.resumed", resumed, level="warning"))
        try:
            closing = self._runner.run(self._task(job), _Report(job, self, self._traces))
        except HaltedError:
            return True
        except RunFailedError as failed:
            self._fail(job, failed.code, str(failed))
        except (sqlite3.Error, OSError):
            raise  # the disk is full: the job goes on when it is not
        except Exception:  # noqa: BLE001 - whatever a runner does, the next job is run
            _LOG.exception("the runner crashed in job %s", job.id)
            self._fail(job, "runner_crashed", "The runner crashed; the server's log says more")
        else:
            self._jobs.move(job.id, JobStatus.SUCCEEDED, Event("sft.job.completed", closing))
        return True

    def _task(self, job: Job) -> Task:
        named = fields.value_at(job.payload, fields.VALIDATION_FILES) or ()
        training = self._file(job, job.payload["training_file_id"])
        validation = [self._file(job, name) for name in named]
        return Task(
            job,
            planned(job.payload, training.rows or 0),
            self._directory.path(training.sha256),
            [self._directory.path(file.sha256) for file in validation],
        )

    def _file(self, job: Job, name: str) -> File:
        file = self._files.get(job.owner, name)
        if file is None or not self._directory.path(file.sha256).exists():
            raise RunFailedError("file_not_found", f"The bytes of the file {name} are gone")
        return file

    def _fail(self, job: Job, code: str, message: str) -> None:
        error = {"code": code, "message": message}
        event = Event("sft.job.failed", message, level="error", data=error)
        self._jobs.move(job.id, JobStatus.FAILED, event, error)

    def check(self, job: Job) -> None:
        """Raise HaltedError if there is nothing more to do for a job."""
        if self.stopping.is_set() or self._jobs.status(job.id).over:
            raise HaltedError


class _Report:
    """Stores what the runner of one job reports."""

    def __init__(self, job: Job, worker: JobWorker, traces: Traces) -> None:
        self._job = job
        self._worker = worker
        self._traces = traces

    def event(self, event: Event) -> None:
        self._traces.note(self._job.id, event)

    def reach(self, step: int, values: Mapping[str, float]) -> None:
        self._worker.check(self._job)
        self._traces.reach(self._job.id, step, values)

    def rest(self, seconds: float) -> None:
        left = seconds
        while True:
            self._worker.check(self._job)
            if left <= 0:
                return
            self._worker.stopping.wait(min(left, _LOOK))
            left -= _LOOK
