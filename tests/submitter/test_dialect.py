"""A second kind of backend is a second table, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from minimal_backend import Minimal
from submitting import filled

import sftc
from sftc.client import Dialect, Route
from sftc.submitter import dry_run, prepare

FILES, JOBS = "/files", "/fine_tuning/jobs"
OTHER = Dialect(
    api="/v1",
    upload=Route("PUT", FILES),
    find=None,
    file=Route("GET", f"{FILES}/{{file}}"),
    create=Route("POST", JOBS),
    start=None,
    cancel=Route("POST", f"{JOBS}/{{job}}/stop"),
    job=Route("GET", f"{JOBS}/{{job}}"),
    jobs=Route("GET", f"{JOBS}?count={{limit}}&q={{search}}"),
    events=Route("GET", f"{JOBS}/{{job}}/log?after={{since}}"),
    metrics=Route("GET", f"{JOBS}/{{job}}/curves/{{name}}"),
    purpose="sft",
    key_header="X-Request-Id",
    name_header="X-Title",
    file_ids=("file",),
    job_ids=("run",),
    lists={"jobs": "runs", "events": "lines", "metrics": "data"},
    ready=frozenset({"here"}),
    broken=frozenset({"bad"}),
    unstarted=frozenset({""}),
    succeeded=frozenset({"done"}),
    ended=frozenset({"done", "dead"}),
    metric_names=("loss",),
    errors=("fault",),
    pointers={"E7": "/model"},
)


@pytest.fixture
def other(backend: Minimal, workspace: Any, monkeypatch: pytest.MonkeyPatch) -> Minimal:
    monkeypatch.chdir(workspace.folder)
    monkeypatch.setenv("SFTC_STATE_DIR", str(workspace.state))
    monkeypatch.setenv("BACKEND_BASE_URL", backend.address)
    monkeypatch.setenv("SYNTH_API_KEY", "k")
    workspace.compiled()
    line = {"seq": 1, "message": "it runs"}
    backend.answers = {
        "PUT /v1/files": (200, {"file": "F", "id": "not this one"}, {}),
        "GET /v1/files/F": (200, {"status": "here"}, {}),
        "POST /v1/fine_tuning/jobs": (200, {"run": "R"}, {}),
        "GET /v1/fine_tuning/jobs": (200, {"runs": [{"run": "R", "name": "n"}]}, {}),
        "GET /v1/fine_tuning/jobs/R": (200, {"status": "done"}, {}),
        "POST /v1/fine_tuning/jobs/R/stop": (200, {"status": "dead"}, {}),
        "GET /v1/fine_tuning/jobs/R/log": (200, {"lines": [line]}, {}),
        "GET /v1/fine_tuning/jobs/R/curves/loss": (200, {"data": [{"step": 1, "value": 2}]}, {}),
    }
    return backend


def test_a_job_is_made_followed_listed_and_cancelled(workspace: Any, other: Minimal) -> None:
    payload = (workspace.folder / "job.json").read_bytes()
    job = sftc.submit(Path("job.json"), name="n", dialect=OTHER)
    assert (job.job_id, job.resumed) == ("R", False)
    assert json.loads(other.bodies["POST /v1/fine_tuning/jobs"]) == filled(payload, "F", "F")
    assert b"\r\nsft\r\n" in other.bodies["PUT /v1/files"]
    assert (
        other.headers[-1] | {"X-Title": "n", "X-Request-Id": job.idempotency_key}
        == (other.headers[-1])
    )
    outcome = sftc.follow("R", dialect=OTHER)
    assert (outcome.status, outcome.succeeded) == ("done", True)
    assert outcome.history == ({"step": 1, "name": "loss", "value": 2.0},)
    assert [event.message for event in sftc.logs("R", dialect=OTHER)] == ["it runs"]
    assert [(job.job_id, job.name) for job in sftc.jobs(dialect=OTHER)] == [("R", "n")]
    assert sftc.cancel("R", dialect=OTHER).status == "dead"
    assert not [asked for asked in other.requests if "/learning/" in asked]


def test_its_errors_point_into_the_payload(other: Minimal) -> None:
    fault = {"fault": {"code": "E7", "message": "no such model"}}
    other.answers["POST /v1/fine_tuning/jobs"] = (400, fault, {})
    with pytest.raises(sftc.RefusedError, match="E7: no such model") as refused:
        sftc.submit(Path("job.json"), dialect=OTHER)
    assert refused.value.diagnostics[0].path == ("model",)


def test_the_preview_speaks_it(other: Minimal) -> None:
    prepared = prepare(
        Path("job.json"), "job.json", dict.fromkeys(("training", "validation")), None
    )
    shown = dry_run(prepared, "n", None, OTHER)["requests"]
    base = f"{other.address}/v1"
    assert [(step["method"], step["url"]) for step in shown] == [
        ("PUT", f"{base}/files"),
        ("PUT", f"{base}/files"),
        ("POST", f"{base}/fine_tuning/jobs"),
    ]
    assert shown[-1]["headers"]["X-Title"] == "n"
