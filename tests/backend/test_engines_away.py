"""The runner that trains, over an engine that is out of reach, refuses, or never gets to a job."""

import errno
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from served import ROWS, payload
from stored_jobs import job

from sftc.backend.errors import Problem
from sftc.backend.plan import planned
from sftc.backend.records import Artifact, Batch, Event, JobStatus
from sftc.backend.runner import CancelledError, RunFailedError, StoppingError, Task
from sftc.backend.store import Run
from sftc.backend.work import following, reach
from sftc.backend.work.preparing import prepare
from sftc.backend.work.trainer import Demand, Program, Trainer
from sftc.backend.work.transcript import Transcript
from sftc.engines import AtLimitError, EngineError, Launch, Phase, State, UnreachableError
from sftc.jobfolder import Entry

RUNNING = State(Phase.RUNNING, "running")
FINISHED = State(Phase.ENDED, "finished", 0)
AWAY = UnreachableError("Slurm is unreachable: no answer")


class Engine:
    """Answers by a list: what is an exception is raised. The last answer is given for ever."""

    name = "slurm"

    def __init__(
        self, states: list[State | Exception], submissions: list[str | Exception] | None = None
    ) -> None:
        self.states, self.submissions = states, submissions or ["handle"]
        self.cancels: list[Exception | None] = [None]
        self.launches: list[Launch] = []
        self.cancelled: list[str] = []
        self.found: list[str | Exception | None] = ["handle"]
        self.at_state: Callable[[], None] = lambda: None

    def submit(self, launch: Launch) -> str:
        self.launches.append(launch)
        return str(_next(self.submissions))

    def find(self, folder: Path, name: str) -> str | None:
        assert folder.is_absolute()
        assert name == job(1, "key").id
        found = _next(self.found)
        return None if found is None else str(found)

    def state(self, handle: str) -> State:
        assert handle == "handle"
        self.at_state()
        found = _next(self.states)
        assert isinstance(found, State)
        return found

    def cancel(self, handle: str) -> None:
        _next(self.cancels)
        self.cancelled.append(handle)

    def job(self, _handle: str) -> str:
        return "4711"

    def log(self, _handle: str) -> Path:
        raise NotImplementedError


def _next(answers: list[Any]) -> Any:
    answer = answers.pop(0) if len(answers) > 1 else answers[0]
    if isinstance(answer, Exception):
        raise answer
    return answer


class Report:
    """Keeps what is reported; rests without waiting."""

    def __init__(self, run: Run | None = None) -> None:
        self.run = run or Run(None, 0)
        self.events: list[Event] = []
        self.rests: list[float] = []
        self.batches: list[Batch] = []
        self.artifacts: list[Artifact] = []
        self.started = False
        self.halt: Exception | None = None

    def start(self, message: str, **data: object) -> bool:
        self.started = bool(message and data)
        return True

    def event(self, event: Event) -> None:
        if event.source is None or event.source not in {each.source for each in self.events}:
            self.events.append(event)

    def reach(self, step: int, values: Any) -> None:
        raise NotImplementedError

    def add(self, batch: Batch) -> None:
        self.batches.append(batch)

    def rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        if self.halt:
            raise self.halt

    def begin(self) -> Run:
        return self.run

    def submitted(self, run: Run) -> None:
        self.run = run

    def keep(self, artifacts: Any) -> None:
        self.artifacts = list(artifacts)

    @property
    def said(self) -> list[str]:
        return [event.message for event in self.events]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let half a second pass between any two looks at the clock."""
    now = iter(range(10**9))
    monkeypatch.setattr(following, "time", SimpleNamespace(monotonic=lambda: next(now) / 2))


def program(retries: int = 2, **demand: Any) -> Program:
    return Program(
        argv=lambda folder: ("trainer", str(folder)),
        demand=lambda _: Demand(**demand),
        retries=retries,
    )


def task(folder: Path) -> Task:
    (folder / "rows").write_bytes(ROWS)
    made = job(1, "key", payload=payload("file-1"), mode="train", engine="slurm")
    return Task(made, planned(made.payload, 40), folder / "rows", [], folder / "run")


def tells(folder: Path, *entries: Any) -> Callable[[], None]:
    """Return what puts entries into the journal, and a result beside it, once."""

    def tell() -> None:
        (folder / "run/result").mkdir(exist_ok=True)
        (folder / "run/result/weights").write_text("x")
        lines = [json.dumps({"format": 1, "at": 1, **entry}) + "\n" for entry in entries]
        (folder / "run/journal.jsonl").write_text("".join(lines))

    return tell


DONE = {"kind": "done", "step": 3, "facts": {"seconds": 1.0}}


def ran(engine: Engine, folder: Path, report: Report, retries: int = 2, **demand: Any) -> Event:
    trainer = Trainer(engine, program(retries, **demand), 9, 1.0)
    return trainer.run(task(folder), report)


def test_what_is_submitted_is_what_the_recipe_asks_for(tmp_path: Path) -> None:
    engine, report = Engine([RUNNING, FINISHED]), Report()
    engine.at_state = tells(tmp_path, DONE)
    asked: dict[str, Any] = {"nodes": 2, "processes": 4, "gpus": 4, "gpu_type": "H100"}
    ended = ran(engine, tmp_path, report, **asked)
    (launch,) = engine.launches
    assert {name: getattr(launch, name) for name in asked} == asked
    assert launch.argv == ("trainer", str(tmp_path / "run"))
    assert (launch.name, launch.retries, launch.final_codes) == (job(1, "key").id, 2, (1, 2, 3))
    assert (ended.type, report.started) == ("sft.job.completed", True)
    assert [artifact.path for artifact in report.artifacts] == ["weights"]
    assert report.run == Run("handle", 0)


def test_an_engine_out_of_reach_is_asked_again(tmp_path: Path) -> None:
    engine = Engine([AWAY, AWAY, RUNNING, AWAY, FINISHED], [AWAY, AWAY, AWAY, "handle"])
    engine.at_state = tells(tmp_path, DONE)
    report = Report()
    assert ran(engine, tmp_path, report).type == "sft.job.completed"
    assert report.said == []  # nobody needs to know of some seconds
    assert report.rests[2:5] == [1.0, 2.0, 4.0]


def test_long_silence_is_noted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(reach, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    report = Report()
    away = reach.Reach("slurm", report)
    for _ in range(2):
        for second in (0, 29, 30, 31, 500):
            clock[0] += second
            away.lost(AWAY)
        away.found()
        away.found()
        away.lost(AWAY)
        away.found()
    lost = f"Slurm is unreachable: {AWAY}. The server keeps trying"
    assert report.said == [lost, "Slurm is reachable again"] * 2


def test_a_restart_is_noted_once_for_each_server(tmp_path: Path) -> None:
    again = "The server restarted and reconnected to the job, which kept running"
    report = Report(Run("handle", 0))
    for servers in (1, 2):
        trainer = Trainer(Engine([OSError("the disk is full")]), program(), 9, 1.0)
        for _ in range(3):
            with pytest.raises(OSError, match="full"):
                trainer.run(task(tmp_path), report)
        assert report.said == [again] * servers


def test_a_limit_of_the_site_is_waited_for(tmp_path: Path) -> None:
    limit = AtLimitError("no more jobs may be submitted (AssocMaxSubmitJobLimit)")
    engine = Engine([RUNNING, FINISHED], [limit, limit, "handle"])
    engine.at_state = tells(tmp_path, DONE)
    report = Report()
    assert ran(engine, tmp_path, report).type == "sft.job.completed"
    assert report.said == [f"Queued: {limit}"]
    assert report.rests.count(60.0) == 2


def test_the_pauses_grow_up_to_a_minute() -> None:
    away = reach.Reach("slurm", Report())
    assert [away.lost(AWAY) for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    away.found()
    assert away.lost(AWAY) == 1


def test_what_the_engine_refuses_fails(tmp_path: Path) -> None:
    engine = Engine([RUNNING], [EngineError("Slurm rejects the job: no such partition")])
    with pytest.raises(RunFailedError) as failed:
        ran(engine, tmp_path, Report())
    assert (failed.value.code, str(failed.value)) == (
        "engine_refused",
        "Slurm rejects the job: no such partition",
    )


def test_a_job_that_never_starts_fails_and_is_taken_back(tmp_path: Path) -> None:
    waits = State(Phase.QUEUED, "it waits for free nodes (Resources)")
    never = State(Phase.QUEUED, "it can never start: too many nodes (X)", hopeless=True)
    engine, report = Engine([waits, waits, never]), Report()
    with pytest.raises(RunFailedError) as failed:
        ran(engine, tmp_path, report)
    assert (failed.value.code, str(failed.value)) == ("engine_refused", never.reason)
    assert report.said == ["Queued: it waits for free nodes (Resources)"]
    assert not report.started
    trainer = Trainer(engine, program(), 9, 1.0)
    trainer.end(job(1, "key"), tmp_path / "run", report.run, report.rest)
    assert engine.cancelled == ["handle"]


def test_an_interrupted_job_is_submitted_so_often(tmp_path: Path) -> None:
    stopped = State(Phase.ENDED, "it was preempted", resumable=True)
    engine, report = Engine([stopped]), Report()
    engine.at_state = tells(tmp_path, {"kind": "saved", "step": 7})
    with pytest.raises(RunFailedError) as failed:
        ran(engine, tmp_path, report)
    assert failed.value.code == "interrupted_too_often"
    assert str(failed.value) == "it was preempted; gave up after 2 resubmissions (`retries`)"
    resumed = [event for event in report.events if event.type == "sft.job.resumed"]
    assert [event.data for event in resumed] == [
        {"step": 7, "attempt": 1},
        {"step": 7, "attempt": 2},
    ]
    assert len(engine.launches) == 3
    assert report.run == Run("handle", 2, 7)
    # A server that was started again does not begin to count anew.
    again = Report(report.run)
    with pytest.raises(RunFailedError):
        ran(engine, tmp_path, again)
    assert len(engine.launches) == 3


def test_submissions_that_save_more_are_not_counted(tmp_path: Path) -> None:
    stopped = State(Phase.ENDED, "it reached its time limit in Slurm", resumable=True)
    engine, report = Engine([stopped]), Report()
    legs = iter(range(1, 99))
    saved: list[Any] = []

    def leg() -> None:
        number = next(legs)
        saved.append({"kind": "saved", "step": min(number, 7)})
        tells(tmp_path, *saved)()

    engine.at_state = leg
    with pytest.raises(RunFailedError) as failed:
        ran(engine, tmp_path, report)
    assert failed.value.code == "interrupted_too_often"
    resumed = [event.data for event in report.events if event.type == "sft.job.resumed"]
    assert [(each["step"], each["attempt"]) for each in resumed if each] == [
        *((step, 1) for step in range(1, 8)),
        (7, 2),
    ]
    assert report.run == Run("handle", 2, 7)


def test_a_full_disk_has_time_to_be_emptied(tmp_path: Path) -> None:
    full = {"kind": "failed", "message": "the disk is full", "code": "disk-full"}
    engine = Engine([State(Phase.ENDED, "interrupted; it can resume", 75, resumable=True)])
    engine.at_state = tells(tmp_path, full)
    report = Report()
    with pytest.raises(RunFailedError) as failed:
        ran(engine, tmp_path, report)
    assert (failed.value.code, str(failed.value)) == ("disk-full", "the disk is full")
    assert report.rests.count(60.0) == 2
    assert report.said[0].startswith(
        "The job was interrupted (the disk is full) and was resubmitted"
    )


def test_how_a_job_ended_may_be_seen_later_than_that_it_ended(tmp_path: Path) -> None:
    failed = State(Phase.ENDED, "it failed before a trainer was started", unwritten=True)
    stopped = State(Phase.ENDED, "interrupted; it can resume", 75, resumable=True)
    engine = Engine([failed, failed, failed, stopped, FINISHED])
    report = Report()
    tell = tells(tmp_path, DONE)
    engine.at_state = lambda: tell() if len(engine.launches) > 1 else None
    assert ran(engine, tmp_path, report).type == "sft.job.completed"
    assert len(engine.launches) == 2


def test_what_is_never_written_is_judged_in_the_end(tmp_path: Path) -> None:
    failed = State(Phase.ENDED, "it failed before a trainer was started", unwritten=True)
    with pytest.raises(RunFailedError) as failure:
        ran(Engine([failed]), tmp_path, Report())
    assert failure.value.code == "trainer_failed"


@pytest.mark.parametrize("hole", [b"\0" * 40 + b"\n", b"", None])
def test_a_journal_that_is_broken_for_a_moment_is_read_again(
    tmp_path: Path, hole: bytes | None
) -> None:
    step = {"kind": "step", "step": 1, "values": {"train.loss": 0.5}}
    journal = tmp_path / "run/journal.jsonl"
    looks = iter(range(9))

    def look() -> None:
        number = next(looks)
        if number == 0:
            tells(tmp_path, step)()
        elif number == 1 and hole is None:
            journal.rename(journal.with_name("away"))
        elif number == 1:
            journal.write_bytes(journal.read_bytes() + hole if hole else b"")
        elif number == 2:
            journal.with_name("away").replace(journal) if hole is None else None
            tells(tmp_path, step, DONE)()

    engine, report = Engine([RUNNING, RUNNING, FINISHED]), Report()
    engine.at_state = look
    assert ran(engine, tmp_path, report).type == "sft.job.completed"
    assert [point.step for batch in report.batches for point in batch.points] == [1]


def test_what_diverged_is_not_submitted_again(tmp_path: Path) -> None:
    engine = Engine([State(Phase.ENDED, "it was preempted", resumable=True)])
    engine.at_state = tells(tmp_path, {"kind": "diverged", "step": 7, "message": "NaN"})
    with pytest.raises(RunFailedError) as failed:
        ran(engine, tmp_path, Report())
    assert (failed.value.code, str(failed.value)) == ("diverged", "NaN")


def test_done_is_done_whatever_the_engine_says(tmp_path: Path) -> None:
    for state in (State(Phase.ENDED, "killed", 137), AWAY, RUNNING):
        folder = tmp_path / str(time.perf_counter_ns())
        folder.mkdir()
        engine = Engine([state])
        engine.at_state = tells(folder, DONE)
        assert ran(engine, folder, Report()).type == "sft.job.completed"


@pytest.mark.parametrize("halt", [CancelledError, StoppingError])
def test_whoever_halts_is_heard_while_the_engine_is_away(
    tmp_path: Path, halt: type[Exception]
) -> None:
    engine, report = Engine([RUNNING], [AWAY]), Report()
    report.halt = halt()
    with pytest.raises(halt):
        ran(engine, tmp_path, report)
    assert engine.launches == []  # it was never submitted


def test_the_end_is_asked_for_until_it_is_certain(tmp_path: Path) -> None:
    engine = Engine([RUNNING])
    engine.found = [AWAY, "handle"]
    pauses: list[float] = []
    engine.cancels = [AWAY, EngineError("process 1 was killed, but has not exited"), None]
    trainer = Trainer(engine, program(), 9, 1.0)
    made = job(1, "key", status=JobStatus.CANCELLED)
    trainer.end(made, tmp_path, Run(None, 0), pauses.append)
    assert engine.cancelled == ["handle"]
    assert pauses == [1.0, 2.0, 4.0]
    assert engine.launches == []  # nothing is submitted in order to be cancelled


@pytest.mark.parametrize("found", ["handle", None])
def test_a_job_ends_though_its_recipe_refuses_it_by_now(tmp_path: Path, found: str | None) -> None:
    engine = Engine([RUNNING])
    engine.found = [found]
    trainer = Trainer(engine, program(refused=[REFUSAL]), 9, 1.0)
    report = Report()
    trainer.end(job(1, "key"), tmp_path, Run(None, 0), report.rest)
    assert engine.cancelled == ([found] if found else [])
    assert (engine.launches, report.rests) == ([], [])


REFUSAL = Problem("not_trainable", "no GPU here (SFT706)")


def test_a_job_that_runs_is_followed_whatever_the_recipe_and_the_store_say(tmp_path: Path) -> None:
    engine, report = Engine([RUNNING, FINISHED]), Report(Run("handle", 0))
    made = task(tmp_path)
    prepare(made)
    made.training.unlink()
    engine.at_state = tells(tmp_path, DONE)
    ended = Trainer(engine, program(refused=[REFUSAL]), 9, 1.0).run(made, report)
    assert (ended.type, engine.launches) == ("sft.job.completed", [])


def test_editing_a_jobs_rows_does_not_change_the_store(tmp_path: Path) -> None:
    made = task(tmp_path)
    folder = prepare(made)
    assert folder.training.read_bytes() == ROWS
    with folder.training.open("r+b") as rows:
        rows.write(b"edited")
    assert made.training.read_bytes() == ROWS


@pytest.mark.parametrize("answer", [OSError(errno.EXDEV, os.strerror(errno.EXDEV)), 0])
def test_a_copy_is_whole_where_the_kernel_does_not_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int | OSError
) -> None:
    monkeypatch.setattr(os, "copy_file_range", lambda *_: _next([answer]))
    assert prepare(task(tmp_path)).training.read_bytes() == ROWS


def test_what_is_refused_is_neither_prepared_nor_submitted(tmp_path: Path) -> None:
    engine = Engine([RUNNING])
    with pytest.raises(RunFailedError) as failed:
        ran(engine, tmp_path, Report(), refused=[REFUSAL])
    assert (failed.value.code, engine.launches) == ("not_trainable", [])
    assert not (tmp_path / "run").exists()


KINDS = st.sampled_from(["note", "data", "start", "step", "saved", "evaluation", "failed", "done"])
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"kind": KINDS, "step": st.integers(0, 5)},
        optional={
            "message": st.text(max_size=5),
            "values": st.just({"train.loss": 0.5}),
            "facts": st.fixed_dictionaries({"total_steps": st.integers(1, 9)}),
        },
    ),
    max_size=12,
)


def _failure(transcript: Transcript) -> tuple[str, str, Any] | None:
    found = transcript.failure()
    return (found.code, str(found), found.data) if found else None


@given(ENTRIES, st.data())
def test_a_journal_says_the_same_in_whatever_pieces_it_is_read(
    entries: list[Any], data: st.DataObject
) -> None:
    lines = [json.dumps({"format": 1, "at": 1, **entry}).encode() for entry in entries]
    read = [(line, Entry.from_line(line)) for line in lines]
    together = Transcript()
    whole = together.add(read)
    at = data.draw(st.integers(0, len(read)))
    parts = Transcript()
    first, second = parts.add(read[:at]), parts.add(read[at:])
    assert [*first.events, *second.events] == list(whole.events)
    assert [*first.points, *second.points] == list(whole.points)
    assert max(first.step, second.step) == whole.step
    assert (second.total_steps or first.total_steps) == whole.total_steps
    assert (parts.ends, parts.done, parts.saved) == (together.ends, together.done, together.saved)
    assert _failure(parts) == _failure(together)
    sources = [event.source for event in whole.events]
    assert len(sources) == len(set(sources))
