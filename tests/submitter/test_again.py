"""Submitted again, from here or elsewhere: one job, unless another is wanted or one is over."""

import json
import os
from typing import Any

import pytest
from minimal_backend import Minimal
from submitting import FILES, JOBS, rows


@pytest.mark.slow
def test_the_same_again_is_the_same_job(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    first = workspace.sftc("submit", "job.json")
    asked = len(backend.requests)
    again = workspace.sftc("submit", "job.json")
    assert again.stdout == first.stdout == "job-0\n"
    assert "--resubmit makes another job" in again.stderr
    assert backend.requests[asked:] == ["GET /learning/jobs/job-0"]


@pytest.mark.slow
def test_another_job_only_when_it_is_asked_for(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    assert workspace.sftc("submit", "job.json", "--resubmit").stdout == "job-1\n"
    assert workspace.sftc("submit", "job.json").stdout == "job-1\n"
    assert backend.requests.count(FILES) == 2
    assert backend.requests.count(JOBS) == 2


@pytest.mark.slow
def test_another_machine_asks_for_the_same_job(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    elsewhere = workspace.folder / "elsewhere"
    done = workspace.sftc("submit", "job.json", SFTC_STATE_DIR=str(elsewhere))
    assert done.stdout == "job-0\n"
    assert len(backend.jobs) == 1


@pytest.mark.slow
def test_two_at_once_make_one_job(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    running = [workspace.begin("submit", "job.json") for _ in range(4)]
    assert [process.communicate(timeout=60)[0] for process in running] == ["job-0\n"] * 4
    assert backend.requests.count(FILES) == 2
    assert backend.requests.count(JOBS) == 1


@pytest.mark.slow
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


@pytest.mark.slow_but_first
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
    assert "job-0 was submitted before, but the backend no longer has it" in done.stderr
    assert backend.jobs["job-0"]["status"] == "succeeded"
    assert backend.requests.count(FILES) == 2


@pytest.mark.slow
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


@pytest.mark.slow_but_first
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
    assert f"error[SFT522]: job job-0 of this payload has ended: {status}" in done.stderr
    assert workspace.sftc("submit", "job.json", "--resubmit").stdout == "job-1\n"


@pytest.mark.slow
def test_another_machine_is_told_that_the_job_is_over(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    backend.answers[JOBS] = (200, {"id": "job-0", "status": "cancelled"}, {})
    elsewhere = {"SFTC_STATE_DIR": str(workspace.folder / "elsewhere")}
    done = workspace.sftc("submit", "job.json", **elsewhere)
    assert (done.returncode, "SFT522" in done.stderr) == (3, True)
    assert backend.requests.count("POST /learning/jobs/job-0/start") == 1


@pytest.mark.slow
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


@pytest.mark.slow
def test_without_a_state_it_goes_on_and_says_so(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    state = {"SFTC_STATE_DIR": str(workspace.write("a-file", ""))}
    for _ in range(2):
        done = workspace.sftc("submit", "job.json", **state)
        assert (done.returncode, done.stdout) == (0, "job-0\n")
        assert done.stderr.count("cannot record the submission in") == 1
    assert backend.requests.count(JOBS) == 2


@pytest.mark.slow_but_first
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


@pytest.mark.slow
def test_a_start_that_is_not_found_at_first(workspace: Any, backend: Minimal) -> None:
    """A backend that shows the job has not lost it: it is asked again, and no second one made."""
    workspace.compiled()
    start = "POST /learning/jobs/job-0/start"
    backend.answers[start] = (404, {"error": "not yet"}, {})
    done = workspace.sftc("submit", "job.json", "--retries", "1")
    assert (done.returncode, "SFT513" in done.stderr) == (3, True)
    assert [*backend.jobs] == ["job-0"]
    del backend.answers[start]
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"


def test_a_job_that_waits_is_started_whatever_is_remembered(
    workspace: Any, backend: Minimal
) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    backend.answers["GET /learning/jobs/job-0"] = (200, {"status": "created"}, {})
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    assert backend.requests.count("POST /learning/jobs/job-0/start") == 2


@pytest.mark.slow_but_first
@pytest.mark.parametrize(("status", "uploads"), [(503, 2), (404, 2), (401, 0), (403, 0)])
def test_what_a_failed_lookup_means(
    workspace: Any, backend: Minimal, status: int, uploads: int
) -> None:
    """A backend that cannot look up is sent the file; one that refuses the key is sent nothing."""
    workspace.compiled()
    backend.answers["GET /learning/files"] = (status, {"error": "no"}, {})
    done = workspace.sftc("submit", "job.json", "--retries", "1")
    assert backend.requests.count(FILES) == uploads
    assert done.returncode == (0 if uploads else 3)


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "entry",
    [
        {"attempt": "", "job_id": "", "started": True},
        {"attempt": "", "job_id": "..", "started": True},
        {"attempt": "\ud800", "job_id": "job-0", "started": True},
        {"attempt": "", "job_id": "a b", "started": False},
        {"id": ""},
        {"id": "\ud800"},
        None,
    ],
)
@pytest.mark.usefixtures("backend")
def test_entries_that_nobody_wrote_count_as_none(
    workspace: Any, entry: dict[str, Any] | None
) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    for path in workspace.state.rglob("*.json"):
        path.unlink()
        if entry is None:
            os.mkfifo(path)
        else:
            path.write_text(json.dumps(entry))
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, done.stdout) == (0, "job-0\n"), done.stderr


def test_a_known_job_that_may_not_be_seen_is_not_made_again(
    workspace: Any, backend: Minimal
) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    backend.answers["GET /learning/jobs/job-0"] = (403, {"error": "not yours"}, {})
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, "SFT516" in done.stderr) == (3, True)
    assert backend.requests.count(JOBS) == 1


@pytest.mark.slow
def test_other_data_is_another_job_though_nothing_pins_it(workspace: Any, backend: Minimal) -> None:
    workspace.sftc("compile", "sft.toml", "-o", "job.json")
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    workspace.write("train.jsonl", rows(41))
    assert workspace.sftc("submit", "job.json").stdout == "job-1\n"
    assert len(backend.keys) == 2


@pytest.mark.slow_but_first
@pytest.mark.parametrize(("status", "times"), [(501, 1), (505, 1), (507, 1), (500, 3), (503, 3)])
def test_a_failure_that_lasts_is_not_tried_again(
    workspace: Any, backend: Minimal, status: int, times: int
) -> None:
    workspace.compiled()
    backend.answers[JOBS] = (status, {"error": "no"}, {})
    done = workspace.sftc("submit", "job.json", "--retries", "2")
    assert (done.returncode, backend.requests.count(JOBS)) == (3, times)


@pytest.mark.slow
def test_another_job_is_wanted_though_the_start_was_not_heard_of(
    workspace: Any, backend: Minimal
) -> None:
    workspace.compiled()
    backend.answers["POST /learning/jobs/job-0/start"] = (500, {}, {})
    assert workspace.sftc("submit", "job.json", "--retries", "0").returncode == 3
    backend.answers["GET /learning/jobs/job-0"] = (200, {"status": "running"}, {})
    assert workspace.sftc("submit", "job.json", "--resubmit").stdout == "job-1\n"


def test_the_name_is_the_one_that_the_job_has(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json", "--name", "first")
    backend.answers["GET /learning/jobs/job-0"] = (200, {"status": "running", "name": "first"}, {})
    done = workspace.sftc("submit", "job.json", "--name", "second", "--format", "json")
    assert json.loads(done.stdout)["name"] == "first"
