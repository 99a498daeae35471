"""Runs the jobs that were started, each in a thread of its own, as many as a runner takes.

Which jobs those are is in the state, so a new server goes on with those of the one before. A job
that is over may have left processes; its thread ends when they have.
"""

import threading
import time
from collections.abc import Sequence
from typing import Final

from .directory import Directory
from .job_thread import JobThread
from .records import Event, Job, Summary
from .runner import Runner
from .store import Files, Jobs, Runs, Traces
from .worker import Worker

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
        self._at_work: dict[str, JobThread] = {}
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
        thread = JobThread(job, runner, self)
        with self._lock:
            self._at_work[job.id] = thread
        try:
            thread.start()
        except RuntimeError:  # this machine has no thread to give; the worker tries again
            with self._lock:
                del self._at_work[job.id]
            raise

    def _threads(self) -> list[JobThread]:
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
