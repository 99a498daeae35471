"""One submission of a job, from its start to its end: its journal read, its engine asked."""

import time
from collections.abc import Mapping
from typing import Any, Final

from ...engines import ENGINES, Engine, EngineError, Phase, State
from ...jobfolder import JobFolder, JournalError
from ..errors import out_of_space
from ..records import Event
from ..runner import Report, RunFailedError
from .artifacts import listed
from .reach import Reach
from .tail import Tail
from .transcript import Transcript, completed

_READ: Final = 0.5
"""Seconds between two looks at a journal."""

_LINGERS: Final = 30.0
"""Seconds that a trainer has to end after it has told that the result is there."""

_DOUBT: Final = 5.0
"""Seconds that a journal must be unreadable to be given up: a network file system may err."""


class Following:
    """Follows a job, also when it is submitted again.

    Attributes:
        reason: why the last submission ended without a result.
        failure: the same as the trainer has told it, if it has.

    """

    def __init__(
        self,
        folder: JobFolder,
        engine: Engine,
        report: Report,
        reach: Reach,
        interval: float,
        late: float,
    ) -> None:
        """Follow the job of a folder; the journal is read from its start.

        Args:
            folder: the job's.
            engine: what runs it.
            report: what happens is told to.
            reach: whether the engine answers.
            interval: seconds between two questions to it.
            late: seconds until this machine sees what another node has written.

        """
        self.reason = ""
        self.failure: RunFailedError | None = None
        self._folder, self._engine, self._report = folder, engine, report
        self._reach, self._interval, self._late = reach, interval, late
        self._unreadable: float | None = None  # since when
        self._tail, self._transcript = Tail(folder.journal), Transcript()
        self._started = False

    @property
    def saved(self) -> int:
        """The step of the newest checkpoint; 0 if there is none."""
        return self._transcript.saved

    @property
    def measured(self) -> Mapping[str, Any]:
        """What the trainer has measured of the whole training; None of what it has not."""
        done, pace = self._transcript.done, self._transcript.pace
        steps = done.step if done else None
        seconds = None if pace is None or steps is None else round(pace * steps, 3)
        of = "gpu" if self._transcript.on_gpu else "process"
        memory = self._transcript.memory
        return {"steps": steps, "seconds": seconds, "memory": memory, "memory_of": of}

    def to_the_end(self, handle: str) -> Event | None:
        """Follow a submission; return the event of its success, or None if it can go on.

        Raises:
            RunFailedError: it failed.
            HaltedError: from the report.

        """
        state = self._ended(handle)
        transcript = self._transcript
        if transcript.done is None and state and state.code == 0:
            self._wait_for_the_last_lines(handle)
        if transcript.done is not None:
            return self._success()
        assert state is not None  # noqa: S101 - only what is done is not waited for
        self.failure = transcript.failure()
        self.reason = str(self.failure or state.reason)
        if state.hopeless:
            raise RunFailedError("engine_refused", state.reason)
        if state.resumable and not transcript.is_final:
            return None
        raise self.failure or _without_a_word(state)

    def _ended(self, handle: str) -> State | None:
        """Return the state in which a submission ended; None if its trainer is done and lingers."""
        look = 0.0
        done_at = ended_at = None
        while True:
            self._read(handle)
            if self._transcript.done is not None:
                done_at = done_at or time.monotonic()
                if time.monotonic() - done_at > _LINGERS:
                    return None
            if time.monotonic() >= look:
                state, pause = self._state(handle)
                look = time.monotonic() + pause
                if state and (state.hopeless or state.phase is Phase.ENDED):
                    self._read(handle)
                    ended_at = ended_at or time.monotonic()
                    if self._is_certain(state, time.monotonic() - ended_at):
                        return state
                else:
                    ended_at = None
            over = self._transcript.done or self._transcript.ends
            self._report.rest(_READ / 2 if over else _READ)
            look = min(look, time.monotonic() + _READ) if over and not self._reach.away else look

    def _is_certain(self, state: State, seconds: float) -> bool:
        """Whether an end that was seen some seconds ago can be judged."""
        if self._unreadable is not None:
            return False
        return not state.unwritten or self._transcript.done is not None or seconds > self._late

    def _state(self, handle: str) -> tuple[State | None, float]:
        """Return what the engine says, if it says something, and when to ask again."""
        try:
            state = self._engine.state(handle)
        except EngineError as error:
            return None, self._reach.lost(error)
        self._reach.found()
        if state.phase is Phase.RUNNING:
            self._start(handle)
        elif state.phase is Phase.QUEUED and not state.hopeless:
            self._report.event(waiting(state.reason))
        return state, self._interval

    def _start(self, handle: str) -> None:
        if not self._started:
            name, job = self._engine.name, self._engine.job(handle)
            message = f"A runner took the job: train, engine {name}"
            message += f", {ENGINES[name].unit} {job}" if job else ""
            self._report.start(message, engine_job=job or None)
        self._started = True

    def _read(self, handle: str) -> None:
        """Store what the journal has told since the last look.

        Raises:
            RunFailedError: it is no journal, and was none for some seconds.

        """
        try:
            while lines := self._tail.read():
                self._start(handle)
                self._report.add(self._transcript.add(lines))
                self._report.rest(0)
            self._unreadable = None
        except JournalError as error:
            self._unreadable = self._unreadable or time.monotonic()
            if time.monotonic() - self._unreadable < min(_DOUBT, self._late):
                return
            raise RunFailedError(
                "journal_unreadable", f"The server gave up on the job: {error}"
            ) from error

    def _wait_for_the_last_lines(self, handle: str) -> None:
        deadline = time.monotonic() + self._late
        while self._transcript.done is None and time.monotonic() < deadline:
            self._report.rest(_READ)
            self._read(handle)

    def _success(self) -> Event:
        assert self._transcript.done  # noqa: S101 - the caller has looked
        try:
            artifacts = listed(self._folder.result, lambda: self._report.rest(0))
        except OSError as error:
            if out_of_space(error):
                raise
            why = (error.strerror or str(error)).lower()
            message = f"The trainer finished, but its result cannot be read: {why}"
            raise RunFailedError("result_unreadable", message) from error
        if not artifacts:
            raise RunFailedError("result_unreadable", "The trainer finished, but left no result")
        self._report.keep(artifacts)
        return completed(self._transcript.done)


def waiting(reason: str) -> Event:
    """Return the event of a job that waits; a reason is noted once."""
    message = f"Queued: {reason}"
    return Event("sft.job.waiting", message, source=f"queued: {reason}"[:200])


def _without_a_word(state: State) -> RunFailedError:
    if state.code == 0:
        return RunFailedError("trainer_failed", "The trainer ended without a result")
    return RunFailedError("trainer_failed", f"{state.reason}; see the job's log")
