"""What a trainer printed: all of it, in order, printable, through lost connections."""

import json
import threading
from typing import Any

import jsonschema
import pytest
from faults import Fault, proxy
from minimal_backend import Minimal
from results import JOB, has_job
from submitting import Workspace

import sftc
from sftc import schemas

LOG = f"{JOB}/log"


def test_all_of_it_is_shown(workspace: Workspace, backend: Minimal) -> None:
    text = "".join(f"line {number} größer\n" for number in range(150_000))
    has_job(backend, "running")
    backend.logs["job-0"] = text.encode()
    done = workspace.sftc("logs", "job-0", "--trainer")
    assert (done.returncode, done.stderr) == (0, "")
    # The minimal backend cuts characters in two; where it does, they are lost there.
    assert done.stdout.replace("\ufffd", "").count("line ") == 150_000
    assert backend.requests.count(LOG) == 3


@pytest.mark.slow
def test_nothing_in_it_steers_a_terminal(workspace: Workspace, backend: Minimal) -> None:
    has_job(backend)
    backend.logs["job-0"] = b"0%\r50%\r100%\r\n\x1b[2Jred\x1b[0m\ttab\n\x07bell"
    done = workspace.sftc("logs", "job-0", "--trainer")
    assert done.stdout == "0%\n50%\n100%\n\\u001B[2Jred\\u001B[0m\ttab\n\\u0007bell"


@pytest.mark.slow
def test_it_is_followed_to_the_end_of_the_job(workspace: Workspace, backend: Minimal) -> None:
    has_job(backend, "running")
    backend.logs["job-0"] = b"first\n"
    running = workspace.begin("logs", "job-0", "--trainer", "-f")
    assert running.stdout
    assert running.stdout.readline() == "first\n"
    backend.logs["job-0"] += b"second\n"
    assert running.stdout.readline() == "second\n"
    backend.logs["job-0"] += b"last\n"
    has_job(backend, "failed")
    rest, said = running.communicate(timeout=60)
    assert (running.returncode, rest, said) == (3, "last\n", "")


@pytest.mark.slow
def test_lost_connections_do_not_end_it(workspace: Workspace, backend: Minimal) -> None:
    has_job(backend)
    backend.logs["job-0"] = b"first\nlast\n"
    faults = [Fault(r"GET .*/log", "lose answer", times=3), Fault(r"GET .*job-0", "cut answer")]
    with proxy(backend.address, *faults) as between:
        done = workspace.sftc("logs", "job-0", "--trainer", "-f", "--backend", between.address)
    assert (done.returncode, done.stdout) == (0, "first\nlast\n")
    assert done.stderr.count("retrying") == 4


@pytest.mark.slow
def test_as_json(workspace: Workspace, backend: Minimal) -> None:
    has_job(backend)
    backend.logs["job-0"] = b"\x1b[1mbold\r\n"
    for options in ([], ["-f"]):
        done = workspace.sftc("logs", "job-0", "--trainer", "--format", "json", *options)
        (line,) = done.stdout.splitlines()
        jsonschema.validate(json.loads(line), schemas.load("trainer-log"))
        assert json.loads(line)["text"] == "\x1b[1mbold\r\n"


@pytest.mark.slow
def test_a_backend_without_logs(workspace: Workspace, backend: Minimal) -> None:
    has_job(backend)
    for options in ([], ["-f"]):
        done = workspace.sftc("logs", "job-0", "--trainer", *options)
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.count("SFT524") == 1
    gone = workspace.sftc("logs", "job-7", "--trainer")
    assert (gone.returncode, "SFT520" in gone.stderr) == (3, True)


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"text": 7, "start": 0, "end": 1, "size": 1},
        {"text": "x", "start": 0, "end": "1", "size": 1},
        {"text": "x", "start": 0, "end": -1, "size": 1},
        {"text": "x", "start": 0, "end": 1},
    ],
)
def test_pieces_that_are_none(workspace: Workspace, backend: Minimal, answer: Any) -> None:
    has_job(backend)
    backend.answers[LOG] = (200, answer, {})
    done = workspace.sftc("logs", "job-0", "--trainer")
    assert (done.returncode, done.stderr.count("SFT514")) == (3, 1)


def test_a_log_that_never_grows_ends(workspace: Workspace, backend: Minimal) -> None:
    has_job(backend)
    backend.answers[LOG] = (200, {"text": "x\n", "start": 0, "end": 2, "size": 2**62}, {})
    done = workspace.sftc("logs", "job-0", "--trainer")
    assert (done.returncode, done.stdout) == (0, "x\n")


def test_bytes_that_are_gone_are_missed(workspace: Workspace, backend: Minimal) -> None:
    has_job(backend)
    backend.answers[LOG] = (200, {"text": "x\n", "start": 1000, "end": 1002, "size": 1002}, {})
    done = workspace.sftc("logs", "job-0", "--trainer")
    assert (done.stdout, done.stderr) == (
        "x\n",
        "sftc: 1,000 bytes of the log are no longer available\n",
    )


@pytest.mark.slow
def test_the_exit_code_of_followed_events(workspace: Workspace, backend: Minimal) -> None:
    for status, code in {"succeeded": 0, "failed": 3, "cancelled": 3}.items():
        has_job(backend, status)
        assert workspace.sftc("logs", "job-0", "-f").returncode == code
        assert workspace.sftc("logs", "job-0").returncode == 0


def test_from_python(backend: Minimal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_API_KEY", "k")
    has_job(backend, "running")
    backend.logs["job-0"] = b"first\n"
    found: list[str] = []
    sftc.trainer_log("job-0", found.append, backend=backend.address)
    assert found == ["first\n"]
    threading.Timer(0.3, has_job, (backend, "succeeded")).start()
    outcome = sftc.follow_trainer_log("job-0", found.append, pause=0.1, backend=backend.address)
    assert (outcome.succeeded, found) == (True, ["first\n", "first\n"])
