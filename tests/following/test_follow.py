"""Following a job: events and losses until it ends, whatever happens on the way."""

import asyncio
import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from faults import Fault, proxy
from hypothesis import given
from hypothesis import strategies as st
from minimal_backend import Minimal

import sftc
from sftc.client import Patience
from sftc.report import curve

JOB = "GET /learning/jobs/job-0"


@pytest.fixture
def submitted(workspace: Any, backend: Minimal) -> Minimal:
    """Return a backend with a job that was submitted, with events and points to show."""
    workspace.compiled()
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    events = [
        {"seq": 1, "type": "sft.job.started", "level": "info", "message": "it begins"},
        {"seq": 2, "type": "sft.note", "level": "warning", "message": "odd\x1b[2Jtext"},
        {"seq": "x"},
        7,
    ]
    points: list[Any] = [
        {"name": "train.loss", "step": n, "value": 3.0 - n / 10} for n in range(1, 11)
    ]
    points += [{"name": "train.loss", "step": 11, "value": value} for value in (float("nan"), "2")]
    backend.answers[f"{JOB}/events"] = (200, {"events": events}, {})
    backend.answers[f"{JOB}/metrics"] = (200, {"points": points}, {})
    return backend


def ends(backend: Minimal, status: str) -> None:
    progress = {"step": 10, "total_steps": 10}
    backend.answers[JOB] = (200, {"status": status, "progress": progress}, {})


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("succeeded", 0),
        ("completed", 0),
        ("failed", 3),
        ("cancelled", 3),
        ("canceled", 3),
        ("error", 3),
    ],
)
def test_the_exit_code_says_how_it_ended(
    workspace: Any, submitted: Minimal, status: str, code: int
) -> None:
    ends(submitted, status)
    done = workspace.sftc("follow", "job-0")
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr == (
        f"it begins\nwarning: odd\\u001B[2Jtext\n"
        f"step 10/10  train.loss 2.0000\nsftc: job-0 {status}\n"
    )


@pytest.mark.slow
def test_fields_that_set_nothing_are_left_to_the_recipe_and_the_log(
    workspace: Any, submitted: Minimal
) -> None:
    notes = {
        "/metadata/sftc/files/training/sha256": "sha256: pins the file",
        "/metadata/team": "team: kept for readers",
        "/training_type": "training_type: one training type",
        "/hyperparameters/parallelism/bf16": "bf16: float32, at twice the memory",
        "/hyperparameters/seed": "seed: not set: 42",
    }
    events = [
        {"seq": n, "type": "sft.job.note", "level": "info", "message": m, "data": {"pointer": p}}
        for n, (p, m) in enumerate(notes.items(), 1)
    ]
    submitted.answers[f"{JOB}/events"] = (200, {"events": events}, {})
    ends(submitted, "succeeded")
    said = workspace.sftc("follow", "job-0").stderr
    assert [message in said for message in notes.values()] == [False] * 3 + [True] * 2
    logged = workspace.sftc("logs", "job-0").stdout
    assert all(message in logged for message in notes.values())


@pytest.mark.slow
def test_the_last_event_ends_it_too(workspace: Any, submitted: Minimal) -> None:
    submitted.answers[JOB] = (200, {"status": "running"}, {})
    last = {"seq": 3, "type": "sft.job.failed", "level": "error", "message": "out of memory"}
    submitted.answers[f"{JOB}/events"] = (200, {"events": [last]}, {})
    done = workspace.sftc("follow", "job-0")
    assert (done.returncode, "error: out of memory" in done.stderr) == (3, True)


@pytest.mark.slow
def test_a_backend_without_events_and_metrics(workspace: Any, submitted: Minimal) -> None:
    ends(submitted, "succeeded")
    for part in ("events", "metrics"):
        submitted.answers[f"{JOB}/{part}"] = (404, {"detail": "Not Found"}, {})
    assert workspace.sftc("follow", "job-0").returncode == 0


def test_a_job_that_nobody_knows(workspace: Any, backend: Minimal) -> None:
    done = workspace.sftc("follow", "job-7")
    assert (done.returncode, "SFT520" in done.stderr) == (3, True)
    assert set(backend.requests) == {"GET /learning/jobs/job-7"}


@pytest.mark.slow
def test_lost_connections_do_not_end_it(workspace: Any, submitted: Minimal) -> None:
    ends(submitted, "succeeded")
    faults = [Fault(r"GET /learning/jobs/job-0.*", "lose answer", times=3)]
    with proxy(submitted.address, *faults) as between:
        done = workspace.sftc("follow", "job-0", "--backend", between.address)
    assert (done.returncode, done.stderr.count("retrying")) == (0, 3)


def test_a_backend_that_never_answers_is_told_soon() -> None:
    with pytest.raises(sftc.BackendError, match="SFT512"):
        sftc.follow(
            "job-0",
            backend="http://127.0.0.1:1",
            key="k",
            patience=Patience(attempts=2, first=0.01),
        )


@pytest.mark.slow
def test_ctrl_c_stops_following_and_not_the_job(workspace: Any, submitted: Minimal) -> None:
    ends(submitted, "running")
    running = workspace.begin("follow", "job-0")
    wait_for(lambda: f"{JOB}/metrics" in submitted.requests)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "sftc follow job-0" in said
    assert "Traceback" not in said
    assert not [asked for asked in submitted.requests if "cancel" in asked]


@pytest.mark.slow
def test_a_terminal_shows_a_curve(workspace: Any, submitted: Minimal) -> None:
    ends(submitted, "succeeded")
    screen = on_a_terminal(workspace, "follow", "job-0")
    assert re.search(r"3 ?┤|2\.9 ?┤", screen)
    assert re.search(r"[\u2801-\u28ff]{10}", screen)
    assert "job-0  succeeded  step 10/10  train.loss 2.0000" in screen
    assert "\x1b[2Jtext" not in screen


@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=50),
    first=st.integers(0, 10**9),
    width=st.integers(1, 100),
    height=st.integers(1, 20),
)
def test_a_curve_fits_its_place(values: list[float], first: int, width: int, height: int) -> None:
    points = [(first + 3 * n, value) for n, value in enumerate(values)]
    lines = curve.draw(points, width=width, height=height).splitlines()
    assert len(lines) == (height if len(points) > 1 else 0)
    assert all(len(line) <= max(width, 14) for line in lines)


def on_a_terminal(workspace: Any, *arguments: str) -> str:
    """Run ``sftc`` on a terminal of its own, and return all that it wrote there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [workspace.program, *arguments],
        cwd=workspace.folder,
        env={**workspace.environment, "TERM": "xterm", "COLUMNS": "80", "LINES": "40"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        screen = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end was closed
                break
            screen += piece
        os.close(ours)
        assert process.wait(timeout=30) == 0
    return screen.decode()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.slow
def test_a_connection_that_is_lost_for_long_does_not_end_it(
    workspace: Any, submitted: Minimal
) -> None:
    ends(submitted, "succeeded")
    lost = Fault(r"GET /learning/jobs/job-0/events", "lose answer", times=9)
    with proxy(submitted.address, lost) as between:
        outcome = sftc.follow(
            "job-0",
            backend=between.address,
            key=workspace.environment["SYNTH_API_KEY"],
            patience=Patience(attempts=2, first=0.001, longest=0.01),
        )
    assert outcome.succeeded


@pytest.mark.slow
def test_values_that_are_no_numbers_do_not_hide_the_rest(submitted: Minimal) -> None:
    ends(submitted, "failed")
    points = [{"name": "train.loss", "step": n, "value": float("nan")} for n in range(5)]
    submitted.answers[f"{JOB}/metrics"] = (200, {"points": points}, {})

    def later(update: sftc.Update) -> None:
        good = {"name": "train.loss", "step": 7, "value": 1.0}
        submitted.answers[f"{JOB}/metrics"] = (200, {"points": [good]}, {})
        assert all(point["step"] == 7 for point in update.points)

    submitted.answers[f"{JOB}/events"] = (200, {"events": [{"seq": 1}]}, {})
    outcome = sftc.follow("job-0", backend=submitted.address, key="k", on_update=later)
    assert [point["step"] for point in outcome.history] == [7]


@pytest.mark.slow
def test_ctrl_c_in_a_notebook_ends_it(submitted: Minimal) -> None:
    """Where an event loop runs, the steps run in a thread, and leaving does not wait for them."""
    ends(submitted, "running")

    def interrupted(_: sftc.Update) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    async def cell() -> None:
        sftc.follow("job-0", backend=submitted.address, key="k", on_update=interrupted)

    def ignoring(steps: Any) -> None:
        with pytest.raises(KeyboardInterrupt):
            steps.send(None)

    loop = asyncio.new_event_loop()
    try:
        loop.call_soon(ignoring, cell())
        loop.call_soon(loop.stop)
        loop.run_forever()
    finally:
        loop.close()
