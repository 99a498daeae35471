"""Jobs at hand, on the embedded backend: listed, looked at, followed, cancelled."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import forked
import jsonschema
import pytest
from served import KEY, Server, serving
from submitting import CONFIG, Workspace, rows

import sftc
from sftc import schemas


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("backend")) as started:
        yield started


@pytest.fixture
def there(workspace: Workspace, server: Server) -> Workspace:
    """Return a workspace whose commands reach the server."""
    workspace.environment |= {"BACKEND_BASE_URL": server.address, "SYNTH_API_KEY": KEY}
    return workspace


def submitted(workspace: Workspace, name: str, rest: str = "") -> str:
    """Submit a job of its own under a name, and return its id."""
    workspace.write("train.jsonl", rows(20, name))
    workspace.write(f"{name}.toml", CONFIG + rest)
    done = workspace.sftc("train", f"{name}.toml")
    assert done.returncode == 0, done.stderr
    return str(done.stdout).strip()


def as_json(workspace: Workspace, schema: str, *command: str) -> Any:
    done = workspace.sftc(*command, "--format", "json")
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    jsonschema.validate(value, schemas.load(schema))
    return value


def test_after_a_submission_there_is_a_page_and_a_command(there: Workspace, server: Server) -> None:
    done = there.sftc("train", "sft.toml")
    job = done.stdout.strip()
    assert f"  page     {server.address}/#{job}\n" in done.stderr
    assert f"  follow   sftc follow {job}\n" in done.stderr


@pytest.mark.slow
def test_jobs_are_listed_by_name_state_and_page(there: Workspace, server: Server) -> None:
    made = [submitted(there, f"listed-{number}") for number in range(3)]
    for job in made:
        server.over(job)
    found = as_json(there, "jobs", "jobs", "listed-")["jobs"]
    assert [(job["job_id"], job["name"]) for job in found] == [
        (job, f"listed-{number}") for number, job in reversed([*enumerate(made)])
    ]
    assert {job["status"] for job in found} == {"succeeded"}
    first = as_json(there, "jobs", "jobs", "listed-", "-n", "1")["jobs"]
    assert first == found[:1]
    assert as_json(there, "jobs", "jobs", "listed-", "--before", made[2])["jobs"] == found[1:]
    assert as_json(there, "jobs", "jobs", "listed-", "--status", "running")["jobs"] == []
    shown = there.sftc("jobs", "listed-", "-n", "2")
    head, *lines = shown.stdout.splitlines()
    assert head.split() == ["JOB", "NAME", "STATUS", "STEP", "CREATED", "(UTC)", "MODE", "MODEL"]
    assert [line.split()[:3] for line in lines] == [
        [made[2], "listed-2", "succeeded"],
        [made[1], "listed-1", "succeeded"],
    ]
    assert shown.stderr == f"Older jobs: --before {made[1]}\n"
    assert there.sftc("jobs", "nobody's").stderr == "No jobs match.\n"
    wrong = there.sftc("jobs", "--status", "nonsense")
    assert (wrong.returncode, "invalid_query" in wrong.stderr) == (3, True)


def test_how_a_job_is_doing(there: Workspace, server: Server) -> None:
    job = submitted(there, "doing")
    server.over(job)
    found = as_json(there, "status", "status", job)
    assert (found["job_id"], found["name"], found["status"]) == (job, "doing", "succeeded")
    assert found["step"] == found["total_steps"] > 0
    assert found["page"] == f"{server.address}/#{job}"
    shown = there.sftc("status", job).stdout
    assert f"job       {job}\nname      doing\nstatus    succeeded, step " in shown
    gone = there.sftc("status", "job-7")
    assert (gone.returncode, "SFT520" in gone.stderr) == (3, True)


def test_what_a_job_has_said(there: Workspace, server: Server) -> None:
    job = submitted(there, "said")
    server.over(job)
    events = as_json(there, "logs", "logs", job)["events"]
    assert [event["type"] for event in events][-1] == "sft.job.completed"
    assert [event["seq"] for event in events] == [*range(1, len(events) + 1)]
    for options in ([], ["-f"]):
        done = there.sftc("logs", job, *options)
        lines = done.stdout.splitlines()
        assert [line.split("  ", 1)[0] for line in lines] == [e["created_at"] for e in events]


@pytest.mark.slow
def test_a_job_is_followed_as_json(there: Workspace) -> None:
    job = submitted(there, "followed")
    done = there.sftc("follow", job, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for line in lines:
        jsonschema.validate(line, schemas.load("follow"))
    assert lines[-1]["status"] == "succeeded"
    points = [point for line in lines for point in line["points"]]
    steps = [point["step"] for point in points if point["name"] == "train.loss"]
    assert steps == [*range(1, lines[-1]["total_steps"] + 1)]


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("answer", "code", "status"), [("n\n", 1, "queued"), ("", 1, "queued"), ("y\n", 0, "cancelled")]
)
def test_cancelling_asks(
    workspace: Workspace, tmp_path: Path, answer: str, code: int, status: str
) -> None:
    with serving(tmp_path / "data", pace="60") as server:
        workspace.environment |= {"BACKEND_BASE_URL": server.address, "SYNTH_API_KEY": KEY}
        submitted(workspace, "first")
        job = submitted(workspace, "second")
        done = forked.run(
            "cancel",
            job,
            input=answer.encode(),
            cwd=workspace.folder,
            env=workspace.environment,
            encoding="utf-8",
        )
        assert done.returncode == code
        assert f"{job} (second) is queued, step 0 of " in done.stderr
        assert server.job(job)["status"] == status


@pytest.mark.slow
def test_a_job_that_is_over_cannot_be_cancelled(there: Workspace, server: Server) -> None:
    job = submitted(there, "over")
    server.over(job)
    done = there.sftc("cancel", job, "--yes")
    assert (done.returncode, "job_over" in done.stderr) == (3, True)


@pytest.mark.slow
def test_a_cancelled_job_is_told_when_it_is_submitted_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    with serving(tmp_path / "data", pace="60") as server:
        workspace.environment |= {"BACKEND_BASE_URL": server.address, "SYNTH_API_KEY": KEY}
        workspace.compiled()
        job = workspace.sftc("submit", "job.json").stdout.strip()
        cancelled = as_json(workspace, "status", "cancel", job, "--yes")
        assert cancelled["status"] == "cancelled"
        for state in ({}, {"SFTC_STATE_DIR": str(tmp_path / "another machine")}):
            done = workspace.sftc("submit", "job.json", **state)
            assert (done.returncode, done.stdout) == (3, "")
            assert f"job {job} of this payload has ended: cancelled" in done.stderr
        assert workspace.sftc("submit", "job.json", "--resubmit").stdout.strip() != job


def test_from_python(there: Workspace, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_API_KEY", KEY)
    job = submitted(there, "python")
    outcome = sftc.follow(job, backend=server.address)
    assert (outcome.succeeded, outcome.status) == (True, "succeeded")
    assert {row["name"] for row in outcome.history} == {"train.loss", "val.loss"}
    assert {type(row["value"]) for row in outcome.history} == {float}
    found = sftc.status(job, backend=server.address)
    assert sftc.jobs(search="python", backend=server.address) == [found]
    assert sftc.logs(job, backend=server.address)[0].type == "sft.job.created"
    with pytest.raises(sftc.RefusedError, match="job_over"):
        sftc.cancel(job, backend=server.address)
