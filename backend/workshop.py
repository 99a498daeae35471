"""The two that work behind the API: one checks files, one runs jobs, each in a thread.

What there is to do stands in the state and nowhere else. So a crash loses no work: at the next
start both find what was waiting, and what was under way.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping
from typing import Final

from ..payloads import fields
from .directory import Directory
from .judging import UNREAD, Judgement
from .plan import planned
from .records import Event, File, Job, JobStatus
from .runner import HaltedError, RunFailedError, Runner, Task
from .store import Files, Jobs, Traces

_LOG: Final = logging.getLogger(__name__)
_AGAIN: Final = 2.0
"""Seconds until work that failed for a full disk is tried again."""


class Bench(threading.Thread):
    """A thread that does what there is to do, and sleeps until it is woken."""

    def __init__(self, name: str, work: Callable[[], bool]) -> None:
        """Prepare to call ``work``, which returns whether it did anything."""
        super().__init__(name=name, daemon=True)
        self._work = work
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
                worked = self._work()
            except (sqlite3.Error, OSError) as error:
                _LOG.error("%s: %s; trying again", self.name, error)
                self.stopping.wait(_AGAIN)
                continue
            if not worked and not self.stopping.is_set():
                self._wake.wait()

    def stop(self) -> None:
        """Ask the thread to end."""
        self.stopping.set()
        self._wake.set()


class Checker:
    """Checks the files that wait for it, in the order of their arrival."""

    def __init__(self, directory: Directory, files: Files) -> None:
        """Look after the files of a directory."""
        self.directory = directory
        self._files = files
        self._under_way: Judgement | None = None
        self.bench = Bench("checking files", self._next)

    def stop(self) -> None:
        """Give up what is under way; it is checked at the next start."""
        self.bench.stop()
        if self._under_way:
            self._under_way.stop()
        self.bench.join()

    def _next(self) -> bool:
        file = self._files.next_to_check()
        if file is None:
            return False
        self._under_way = Judgement(self.directory.path(file.sha256))
        if self.bench.stopping.is_set():  # between the two, so that stop() saw nothing to end
            self._under_way.stop()
        verdict = self._under_way.verdict()
        self._under_way = None
        if verdict:
            self._files.judged(file.id, verdict.rows, verdict.error)
        elif not self.bench.stopping.is_set():
            self._files.judged(file.id, None, UNREAD)
        return True


class Foreman:
    """Runs the jobs that were started, one at a time: the interrupted, then the longest waiting."""

    def __init__(
        self, directory: Directory, files: Files, jobs: Jobs, traces: Traces, runner: Runner
    ) -> None:
        """Give the jobs of a state to a runner."""
        self._directory = directory
        self._files = files
        self._jobs = jobs
        self._traces = traces
        self._runner = runner
        self.bench = Bench("running jobs", self._next)

    def stop(self) -> None:
        """Interrupt the job at work; it goes on at the next start."""
        self.bench.stop()
        self.bench.join()

    def _next(self) -> bool:
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
            closing = self._runner.run(self._task(job), _Report(job, self))
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

    def halted(self, job: Job) -> bool:
        """Whether there is nothing more to do for a job."""
        return self.bench.stopping.is_set() or self._jobs.status(job.id).over

    def note(self, job: Job, event: Event) -> None:
        """Write an event down."""
        self._traces.note(job.id, event)

    def reach(self, job: Job, step: int, values: Mapping[str, float]) -> None:
        """Write a step down."""
        self._traces.reach(job.id, step, values)


class _Report:
    """What the runner of one job says, on its way to the state."""

    def __init__(self, job: Job, foreman: Foreman) -> None:
        self._job = job
        self._foreman = foreman

    def event(self, event: Event) -> None:
        self._foreman.note(self._job, event)

    def reach(self, step: int, values: Mapping[str, float]) -> None:
        if self._foreman.halted(self._job):
            raise HaltedError
        self._foreman.reach(self._job, step, values)

    def rest(self, seconds: float) -> None:
        if seconds and self._foreman.bench.stopping.wait(seconds):
            raise HaltedError
