"""A reviewed payload goes in, a running job comes out, exactly once."""

import asyncio
import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from minimal_backend import Minimal

import sftc
from sftc import schemas
from sftc.submitter import Patience

FILES, JOBS = "POST /learning/files", "POST /learning/jobs"


def filled(payload: bytes, training: str, validation: str | None) -> dict[str, Any]:
    """Return what must be sent of a payload."""
    value: dict[str, Any] = json.loads(payload)
    value["training_file_id"] = training
    if validation:
        value["metadata"]["effective_config"]["data"]["validation_files"] = [validation]
    return value


def test_the_reviewed_payload_becomes_a_job(workspace: Any, backend: Minimal) -> None:
    payload = workspace.compiled()
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, done.stdout) == (0, "job-0\n")
    assert backend.jobs["job-0"]["payload"] == filled(payload, "file-0", "file-1")
    assert backend.files == {
        "file-0": (workspace.folder / "train.jsonl").read_bytes(),
        "file-1": (workspace.folder / "validation.jsonl").read_bytes(),
    }
    assert [asked for asked in backend.requests if asked.startswith("POST")] == [
        FILES,
        FILES,
        JOBS,
        "POST /learning/jobs/job-0/start",
    ]
    assert "uploaded train.jsonl: 40 rows" in done.stderr


def test_the_bytes_of_the_payload_are_what_is_sent(workspace: Any, backend: Minimal) -> None:
    workspace.write(
        "sft.toml",
        '[job]\nmodel="m"\ndata="train.jsonl"\n[compute]\ngpu_type="A"\n'
        "[hyperparameters.parallelism]\na=1.0\nb=-0.0\nc=9223372036854775807\nd=5e-324\n",
    )
    payload = workspace.compiled()
    workspace.sftc("submit", "job.json")
    sent = backend.bodies[JOBS]
    assert sent == payload.replace(b'"training_file_id": null', b'"training_file_id": "file-0"')


def test_the_first_rows_are_uploaded_as_they_were_pinned(workspace: Any, backend: Minimal) -> None:
    payload = json.loads(workspace.compiled(head=10))
    assert workspace.sftc("submit", "job.json").returncode == 0
    pin = payload["metadata"]["sftc"]["files"]["training"]
    assert len(backend.files["file-0"]) == pin["bytes"]
    assert backend.files["file-0"].count(b"\n") == pin["examples"] == pin["head"] == 10


def test_a_compressed_dataset_is_uploaded_plain(workspace: Any, backend: Minimal) -> None:
    plain = (workspace.folder / "train.jsonl").read_bytes()
    workspace.write("train.jsonl.gz", gzip.compress(plain))
    workspace.compiled(dataset="train.jsonl.gz")
    assert workspace.sftc("submit", "job.json").returncode == 0
    assert backend.files["file-0"] == plain
    assert backend.names[0] == "train.jsonl"


def test_a_payload_without_pins_is_checked_and_submitted(workspace: Any, backend: Minimal) -> None:
    workspace.sftc("compile", "sft.toml", "-o", "job.json")
    done = workspace.sftc("submit", "job.json")
    assert done.stdout == "job-0\n"
    assert "train.jsonl is not pinned; what is there now has sha256 " in done.stderr
    workspace.write("train.jsonl", '{"messages": []}\n')
    done = workspace.sftc("submit", "job.json")
    assert done.returncode == 1
    assert "train.jsonl:1:" in done.stderr
    assert len(backend.jobs) == 1


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


def test_a_dataset_that_is_not_the_reviewed_one(workspace: Any, backend: Minimal) -> None:
    payload = json.loads(workspace.compiled())
    path = workspace.folder / "train.jsonl"
    path.write_bytes(path.read_bytes().replace(b"4 4", b"5 4"))
    done = workspace.sftc("submit", "job.json")
    assert done.returncode == 1
    assert payload["metadata"]["sftc"]["files"]["training"]["sha256"] in done.stderr
    here = workspace.sftc("data", "train.jsonl", "--format", "json")
    assert json.loads(here.stdout)["sha256"] in done.stderr
    assert "job.json:" in done.stderr
    assert backend.requests == []


def test_a_dataset_from_elsewhere_must_have_the_pinned_bytes(
    workspace: Any, backend: Minimal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace.compiled()
    other = tmp_path_factory.mktemp("elsewhere") / "copy.jsonl"
    (workspace.folder / "train.jsonl").rename(other)
    assert workspace.sftc("submit", "job.json", "--dataset", str(other)).returncode == 0
    other.write_text(other.read_text("utf-8") + "\n", "utf-8")
    done = workspace.sftc("submit", "job.json", "--dataset", str(other), "--resubmit")
    assert (done.returncode, "SFT506" in done.stderr) == (1, True)
    assert len(backend.jobs) == 1


def test_no_job_without_its_validation_file(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    refused = {"error": {"code": "invalid_dataset", "message": "no good"}}
    backend.refused_uploads["validation.jsonl"] = (400, refused, {})
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, done.stdout) == (3, "")
    assert "refuses the validation dataset (HTTP 400: invalid_dataset: no good)" in done.stderr
    assert backend.jobs == {}
    backend.refused_uploads.clear()
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    assert len(backend.files) == 2


def test_a_refusal_points_into_the_payload(workspace: Any, backend: Minimal) -> None:
    payload = workspace.compiled().decode().splitlines()
    line = next(n for n, text in enumerate(payload, 1) if "gpu_type" in text)
    backend.answers[JOBS] = (400, {"detail": {"code": "missing_gpu_type"}}, {})
    done = workspace.sftc("submit", "job.json")
    assert done.returncode == 3
    column = payload[line - 1].index('"H100"') + 1
    assert f"job.json:{line}:{column}: error[SFT517]" in done.stderr
    assert "missing_gpu_type" in done.stderr


@pytest.mark.parametrize(
    ("status", "code"), [(401, "SFT515"), (403, "SFT516"), (404, "SFT517"), (422, "SFT517")]
)
def test_refusals_by_status(workspace: Any, backend: Minimal, status: int, code: str) -> None:
    workspace.compiled()
    backend.answers[FILES] = (status, b"<html>no</html>", {})
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, code in done.stderr) == (3, True)
    assert backend.requests.count(FILES) == 1


def test_a_file_that_the_backend_finds_bad(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    broken = {"status": "failed", "error": {"code": "invalid_dataset", "message": "row 3"}}
    backend.answers["GET /learning/files/file-0"] = (200, broken, {})
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, backend.jobs) == (3, {})
    assert "error[SFT518]" in done.stderr
    assert "does not accept the training dataset `train.jsonl`: invalid_dataset" in done.stderr


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


def test_a_started_job_that_the_backend_does_not_know(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    backend.jobs.clear()
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, "SFT520" in done.stderr) == (3, True)
    assert "--resubmit" in done.stderr


def test_a_job_that_runs_already_counts_as_started(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    backend.answers["POST /learning/jobs/job-0/start"] = (409, {"error": "it runs"}, {})
    backend.answers["GET /learning/jobs/job-0"] = (200, {"status": "running"}, {})
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, done.stdout) == (0, "job-0\n")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": ""}', b'{"name": "x"}', b'{"id": 3}'])
def test_an_answer_of_no_use(workspace: Any, backend: Minimal, body: bytes) -> None:
    workspace.compiled()
    backend.answers[FILES] = (200, body, {})
    done = workspace.sftc("submit", "job.json", "--retries", "1")
    assert (done.returncode, "SFT514" in done.stderr) == (3, True)


def test_a_dry_run_sends_nothing_and_can_be_replayed(workspace: Any, backend: Minimal) -> None:
    workspace.write("it's $(odd) `name`.jsonl", rows_with_quotes())
    workspace.compiled(dataset="it's $(odd) `name`.jsonl", head=2)
    script = workspace.sftc("submit", "job.json", "--dry-run")
    assert (script.returncode, backend.requests) == (0, [])
    assert "$SYNTH_API_KEY" in script.stdout
    replayed = subprocess.run(
        ["bash", "-c", script.stdout],
        cwd=workspace.folder,
        env=workspace.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert replayed.returncode == 0, replayed.stderr
    assert replayed.stdout == "job-0\n"
    replay, names, files = backend.jobs["job-0"]["payload"], backend.names, backend.files
    backend.forget()
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    assert (replay, names, files) == (
        backend.jobs["job-0"]["payload"],
        backend.names,
        backend.files,
    )


def rows_with_quotes() -> str:
    row = {"messages": [{"role": "assistant", "content": 'it\'s a "quote" $HOME `x` \\ @'}]}
    return "".join(json.dumps({**row, "metadata": {"n": number}}) + "\n" for number in range(5))


def test_train_is_compile_pin_and_submit(workspace: Any, backend: Minimal) -> None:
    payload = workspace.compiled(head=5)
    options = ["--type", "sft", "--config", "sft.toml", "--examples", "5"]
    preview = workspace.sftc("train", *options, "--dry-run")
    assert (preview.returncode, backend.requests) == (0, [])
    assert preview.stdout == workspace.sftc("submit", "job.json", "--dry-run").stdout
    assert workspace.sftc("train", *options).stdout == "job-0\n"
    assert backend.jobs["job-0"]["payload"] == filled(payload, "file-0", "file-1")


@pytest.mark.usefixtures("backend")
def test_train_takes_a_dataset_from_anywhere(
    workspace: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("elsewhere") / "train.jsonl"
    (workspace.folder / "train.jsonl").rename(other)
    done = workspace.sftc("train", "--config", "sft.toml", "--dataset", str(other))
    assert (done.returncode, done.stdout) == (0, "job-0\n")


def test_train_says_what_is_wrong_with_the_config(workspace: Any, backend: Minimal) -> None:
    workspace.write("sft.toml", '[job]\nmodel = "m"\ndata = "train.jsonl"\n')
    done = workspace.sftc("train", "--config", "sft.toml")
    assert (done.returncode, backend.requests) == (1, [])
    assert "SFT103" in done.stderr or "gpu_type" in done.stderr


def test_a_refusal_in_train_points_into_the_payload(workspace: Any, backend: Minimal) -> None:
    backend.answers[JOBS] = (400, {"detail": {"code": "missing_gpu_type"}}, {})
    done = workspace.sftc("train", "--config", "sft.toml")
    assert done.returncode == 3
    assert re.search(
        r"<payload of sft.toml>:\d+:\d+: error\[SFT517\].*\n.*\"gpu_type\": \"H100\"", done.stderr
    )


def test_a_payload_without_any_dataset(workspace: Any, backend: Minimal) -> None:
    workspace.write("sft.toml", '[job]\nmodel = "m"\n[compute]\ngpu_type = "A"\n')
    workspace.compiled()
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, "SFT504" in done.stderr, backend.requests) == (1, True, [])
    done = workspace.sftc("submit", "job.json", "--dataset", "train.jsonl")
    assert (done.returncode, done.stdout) == (0, "job-0\n")


def test_a_payload_that_is_not_there(workspace: Any, backend: Minimal) -> None:
    for name in ("nothing.json", "."):
        done = workspace.sftc("submit", name)
        assert (done.returncode, "SFT501" in done.stderr, backend.requests) == (1, True, [])


def test_for_scripts(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    done = workspace.sftc("submit", "job.json", "--format", "json")
    result = json.loads(done.stdout)
    jsonschema.validate(result, schemas.load("submission"))
    assert result.pop("idempotency_key").startswith("sftc-")
    assert result == {
        "format": 1,
        "job_id": "job-0",
        "backend": backend.address,
        "training_file_id": "file-0",
        "validation_file_id": "file-1",
        "resumed": False,
    }
    workspace.write("job.json", "{}")
    found = json.loads(workspace.sftc("submit", "job.json", "--format", "json").stdout)
    jsonschema.validate(found, schemas.load("findings"))
    assert {each["code"] for each in found["findings"]} == {"SFT503"}


@pytest.mark.usefixtures("backend")
def test_a_payload_from_standard_input(workspace: Any) -> None:
    payload = workspace.compiled()
    done = subprocess.run(
        [workspace.program, "submit", "-"],
        input=payload,
        cwd=workspace.folder,
        env=workspace.environment,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"job-0\n")


def test_without_a_backend_or_a_key(workspace: Any) -> None:
    workspace.compiled()
    done = workspace.sftc("submit", "job.json")
    assert done.returncode == 2
    for way in ("--backend", "BACKEND_BASE_URL", "sftc backend serve"):
        assert way in done.stderr
    done = workspace.sftc("submit", "job.json", "--backend", "http://127.0.0.1:1", SYNTH_API_KEY="")
    assert (done.returncode, "set SYNTH_API_KEY" in done.stderr) == (2, True)


def test_an_address_is_no_file(workspace: Any) -> None:
    workspace.compiled()
    options = ["--backend", "http://127.0.0.1:1", "--retries", "0"]
    done = workspace.sftc("submit", "job.json", *options)
    assert done.returncode == 3
    assert "http://127.0.0.1:1: error[SFT512]: cannot reach the backend" in done.stderr


def test_state_that_cannot_be_kept_stops_it(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    folder = workspace.write("a-file", "")
    done = workspace.sftc("submit", "job.json", SFTC_STATE_DIR=str(folder))
    assert (done.returncode, "SFT521" in done.stderr) == (1, True)
    assert backend.requests == []


def test_damaged_state_counts_as_none(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    workspace.sftc("submit", "job.json")
    (record,) = workspace.state.glob("*.json")
    record.write_bytes(b'{"version": 1, "begun": 7')
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    assert len(backend.jobs) == 1


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
