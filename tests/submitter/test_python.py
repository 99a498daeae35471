"""Submitting from Python."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from minimal_backend import Minimal
from submitting import FILES, JOBS

import sftc
from sftc.client import Patience


@pytest.fixture
def inside(
    workspace: Any, backend: Minimal, monkeypatch: pytest.MonkeyPatch
) -> tuple[bytes, Minimal]:
    """Work in the workspace with its environment."""
    payload = workspace.compiled()
    monkeypatch.chdir(workspace.folder)
    for name in ("SYNTH_API_KEY", "SFTC_STATE_DIR", "BACKEND_BASE_URL"):
        monkeypatch.setenv(name, workspace.environment[name])
    return payload, backend


def test_from_python(inside: tuple[bytes, Minimal]) -> None:
    payload, backend = inside
    said: list[str] = []
    job = sftc.submit(payload, note=said.append)
    assert (job.job_id, job.resumed) == ("job-0", False)
    assert said[-1] == "started job job-0"
    for same in (Path("job.json"), payload.decode(), json.loads(payload)):
        assert sftc.submit(same).resumed
    assert len(backend.jobs) == 1


def test_from_a_notebook_where_an_event_loop_runs(inside: tuple[bytes, Minimal]) -> None:
    async def cell() -> str:
        return sftc.submit(inside[0]).job_id

    assert asyncio.run(cell()) == "job-0"


def test_a_file_that_is_never_ready(inside: tuple[bytes, Minimal]) -> None:
    payload, backend = inside
    backend.answers["GET /learning/files/file-0"] = (200, {"status": "validating"}, {})
    with pytest.raises(sftc.BackendError, match="SFT519"):
        sftc.submit(payload, patience=Patience(ready=0.2))
    assert backend.jobs == {}
    backend.answers.clear()
    assert sftc.submit(payload).job_id == "job-0"
    assert backend.requests.count(FILES) == 2


def test_exceptions_are_typed_and_say_why(inside: tuple[bytes, Minimal]) -> None:
    payload, backend = inside
    with pytest.raises(sftc.PayloadError) as bad:
        sftc.submit(b"{}")
    assert bad.value.diagnostics[0].code == "SFT503"
    backend.answers[JOBS] = (400, {"error": {"code": "missing_gpu_type", "message": "no"}}, {})
    with pytest.raises(sftc.RefusedError) as refused:
        sftc.submit(payload)
    assert (refused.value.status, refused.value.code) == (400, "missing_gpu_type")
    path = refused.value.diagnostics[0].path
    assert path == ("metadata", "effective_config", "compute", "gpu_type")
    Path("train.jsonl").unlink()
    with pytest.raises(sftc.DatasetError, match="SFT401"):
        sftc.submit(payload)
    with pytest.raises(sftc.BackendError, match="SFT512"):
        sftc.follow("job-0", backend="http://127.0.0.1:1", patience=Patience(attempts=1))
