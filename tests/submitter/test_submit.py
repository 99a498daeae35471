"""A reviewed payload goes in, a running job comes out."""

import gzip
import json
import subprocess
from typing import Any

import jsonschema
import pytest
from minimal_backend import Minimal
from submitting import FILES, JOBS, filled

from sftc import schemas


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
    assert "train.jsonl is not pinned; its current sha256 is " in done.stderr
    workspace.write("train.jsonl", '{"messages": []}\n')
    done = workspace.sftc("submit", "job.json")
    assert done.returncode == 1
    assert "train.jsonl:1:" in done.stderr
    assert len(backend.jobs) == 1


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
    assert "rejects the validation dataset (HTTP 400: invalid_dataset: no good)" in done.stderr
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


@pytest.mark.slow_but_first
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


def test_what_submits_a_config(workspace: Any, backend: Minimal) -> None:
    for name in ("sft.toml", "renamed.txt"):
        workspace.write(name, (workspace.folder / "sft.toml").read_bytes())
        done = workspace.sftc("submit", name)
        assert (done.returncode, backend.requests) == (1, [])
        assert f"{name}:1:1: error[SFT502]: the payload is not JSON: it is a config" in done.stderr
        assert f"sftc train {name}" in done.stderr


@pytest.mark.slow
def test_a_job_has_the_name_of_its_file_or_its_own(workspace: Any, backend: Minimal) -> None:
    payload = workspace.compiled()
    sent = []
    for name, options in {
        "runs/support-bot.job.json": [],
        "wärter.json": [],
        "job.json": ["--name", "a name"],
    }.items():
        workspace.write(name, payload)
        assert workspace.sftc("submit", name, "--resubmit", *options).returncode == 0
        create = max(place for place, asked in enumerate(backend.requests) if asked == JOBS)
        sent.append(backend.headers[create]["X-Job-Name"])
    assert sent == ["support-bot", "w%C3%A4rter", "a%20name"]


def test_a_job_that_runs_already_counts_as_started(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    backend.answers["POST /learning/jobs/job-0/start"] = (409, {"error": "it runs"}, {})
    backend.answers["GET /learning/jobs/job-0"] = (200, {"status": "running"}, {})
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, done.stdout) == (0, "job-0\n")


@pytest.mark.slow_but_first
@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": ""}', b'{"name": "x"}', b'{"id": 3}'])
def test_an_answer_of_no_use(workspace: Any, backend: Minimal, body: bytes) -> None:
    workspace.compiled()
    backend.answers[FILES] = (200, body, {})
    done = workspace.sftc("submit", "job.json", "--retries", "1")
    assert (done.returncode, "SFT514" in done.stderr) == (3, True)


def test_a_payload_without_any_dataset(workspace: Any, backend: Minimal) -> None:
    workspace.write("sft.toml", '[job]\nmodel = "m"\n[compute]\ngpu_type = "A"\n')
    workspace.compiled()
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, "SFT504" in done.stderr, backend.requests) == (1, True, [])
    done = workspace.sftc("submit", "job.json", "--dataset", "train.jsonl")
    assert (done.returncode, done.stdout) == (0, "job-0\n")


def test_a_payload_that_is_not_there(workspace: Any, backend: Minimal) -> None:
    for name, said in (("nothing.json", "SFT501"), (".", "sftc: . is a folder")):
        done = workspace.sftc("submit", name)
        assert (done.returncode, said in done.stderr, backend.requests) == (2, True, [])


def test_for_scripts(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    done = workspace.sftc("submit", "job.json", "--format", "json")
    result = json.loads(done.stdout)
    jsonschema.validate(result, schemas.load("submission"))
    assert result.pop("idempotency_key").startswith("sftc-")
    assert result == {
        "format": 1,
        "job_id": "job-0",
        "name": "job",
        "backend": backend.address,
        "training_file_id": "file-0",
        "validation_file_id": "file-1",
        "resumed": False,
        "status": "",
        "page": None,
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
