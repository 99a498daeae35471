"""Submitted again, from here or elsewhere: one job, unless another is wanted or one is over."""

from typing import Any

import pytest
from minimal_backend import Minimal
from submitting import FILES, JOBS


def test_the_same_again_is_the_same_job(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    first = workspace.sftc("submit", "job.json")
    asked = len(backend.requests)
    again = workspace.sftc("submit", "job.json")
    assert again.stdout == first.stdout == "job-0\n"
    assert "--resubmit makes another job" in again.stderr
    assert backend.requests[asked:] == ["GET /learning/jobs/job-0"]


def test_another_job_only_when_it_is_asked_for(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    assert workspace.sftc("submit", "job.json", "--resubmit").stdout == "job-1\n"
    assert workspace.sftc("submit", "job.json").stdout == "job-1\n"
    assert backend.requests.count(FILES) == 2
    assert backend.requests.count(JOBS) == 2


def test_another_machine_asks_for_the_same_job(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    elsewhere = workspace.folder / "elsewhere"
    done = workspace.sftc("submit", "job.json", SFTC_STATE_DIR=str(elsewhere))
    assert done.stdout == "job-0\n"
    assert len(backend.jobs) == 1


def test_two_at_once_make_one_job(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    running = [workspace.begin("submit", "job.json") for _ in range(4)]
    assert [process.communicate(timeout=60)[0] for process in running] == ["job-0\n"] * 4
    assert backend.requests.count(FILES) == 2
    assert backend.requests.count(JOBS) == 1


def test_a_file_that_the_backend_has_lost_is_uploaded_again(
    workspace: Any, backend: Minimal
) -> None:
    workspace.compiled()
    backend.answers[JOBS] = (422, {"error": "not today"}, {})
    assert workspace.sftc("submit", "job.json").returncode == 3
    backend.answers.clear()
    del backend.files["file-0"]
    backend.files["other"] = b""
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    assert sorted(backend.files) == ["file-1", "file-2", "other"]


@pytest.mark.parametrize("options", [[], ["--resubmit"]], ids=["submit", "resubmit"])
def test_a_job_that_the_backend_has_lost_is_made_again(
    workspace: Any, backend: Minimal, options: list[str]
) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    backend.jobs.clear()
    backend.keys.clear()
    done = workspace.sftc("submit", "job.json", *options)
    assert (done.returncode, done.stdout) == (0, "job-0\n")
    assert "job-0 was submitted before, and is gone from the backend" in done.stderr
    assert backend.jobs["job-0"]["status"] == "succeeded"
    assert backend.requests.count(FILES) == 2


def test_a_job_that_was_lost_and_not_its_idempotency_key(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    backend.answers[JOBS] = (200, {"id": "job-0"}, {})
    backend.jobs.clear()
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, "SFT520" in done.stderr) == (3, True)
    del backend.answers[JOBS]
    backend.jobs["other"] = {"status": "running"}  # so that the next id is another one
    first, *_ = backend.keys
    assert workspace.sftc("submit", "job.json").stdout == "job-1\n"
    assert [*backend.keys][1] != first


@pytest.mark.parametrize("status", ["cancelled", "canceled", "failed", "error"])
@pytest.mark.parametrize("was_started", [True, False])
def test_a_job_that_is_over_is_not_started_again(
    workspace: Any, backend: Minimal, status: str, *, was_started: bool
) -> None:
    workspace.compiled()
    if was_started:
        workspace.sftc("submit", "job.json")
    else:
        backend.answers["POST /learning/jobs/job-0/start"] = (400, {"error": "not today"}, {})
        assert workspace.sftc("submit", "job.json").returncode == 3
    backend.answers["POST /learning/jobs/job-0/start"] = (409, {"error": {"code": "job_over"}}, {})
    backend.answers["GET /learning/jobs/job-0"] = (200, {"status": status}, {})
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, done.stdout) == (3, "")
    assert f"error[SFT522]: job job-0 of this payload is over: {status}" in done.stderr
    assert workspace.sftc("submit", "job.json", "--resubmit").stdout == "job-1\n"


def test_another_machine_is_told_that_the_job_is_over(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    backend.answers[JOBS] = (200, {"id": "job-0", "status": "cancelled"}, {})
    elsewhere = {"SFTC_STATE_DIR": str(workspace.folder / "elsewhere")}
    done = workspace.sftc("submit", "job.json", **elsewhere)
    assert (done.returncode, "SFT522" in done.stderr) == (3, True)
    assert backend.requests.count("POST /learning/jobs/job-0/start") == 1


def test_two_accounts_on_one_machine_are_apart(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    keys = [{"SYNTH_API_KEY": key} for key in ("sk-the-first-one", "sk-the-second-one")]
    for key in keys:
        backend.forget()
        assert workspace.sftc("submit", "job.json", **key).stdout == "job-0\n"
    asked = len(backend.requests)
    for key in keys:
        assert workspace.sftc("submit", "job.json", **key).stdout == "job-0\n"
    assert backend.requests[asked:] == ["GET /learning/jobs/job-0"] * 2


def test_without_a_state_it_goes_on_and_says_so(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    state = {"SFTC_STATE_DIR": str(workspace.write("a-file", ""))}
    for _ in range(2):
        done = workspace.sftc("submit", "job.json", **state)
        assert (done.returncode, done.stdout) == (0, "job-0\n")
        assert done.stderr.count("cannot remember what is submitted in") == 1
    assert backend.requests.count(JOBS) == 2


@pytest.mark.parametrize(
    "damage",
    [b'{"version": 1', b"[]", b"{}", b"\xff", b'{"attempt": 1, "job_id": [], "started": {}}'],
)
def test_a_damaged_state_counts_as_none(workspace: Any, backend: Minimal, damage: bytes) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    entries = [*workspace.state.rglob("*.json")]
    assert len(entries) == 3
    for entry in entries:
        entry.write_bytes(damage)
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    assert len(backend.jobs) == 1
