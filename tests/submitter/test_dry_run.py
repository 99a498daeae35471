"""What would be sent, and nothing is."""

import json
from typing import Any

import jsonschema
import pytest
from minimal_backend import Minimal
from submitting import filled

from sftc import schemas


@pytest.mark.slow_but_first
@pytest.mark.parametrize("known", [True, False], ids=["backend", "no backend"])
def test_a_dry_run_shows_what_is_sent(workspace: Any, backend: Minimal, *, known: bool) -> None:
    payload = workspace.compiled(head=2)
    without = {} if known else {"BACKEND_BASE_URL": ""}
    done = workspace.sftc("submit", "job.json", "--dry-run", SYNTH_API_KEY="", **without)
    assert (done.returncode, done.stderr, backend.requests) == (0, "", [])
    shown = json.loads(done.stdout)
    jsonschema.validate(shown, schemas.load("requests"))
    base = f"{backend.address}/api" if known else "/api"
    assert [(step["method"], step["url"]) for step in shown["requests"]] == [
        ("POST", f"{base}/learning/files"),
        ("POST", f"{base}/learning/files"),
        ("POST", f"{base}/learning/jobs"),
        ("POST", f"{base}/learning/jobs/{{job_id}}/start"),
    ]
    training, _, create, start = shown["requests"]
    pin = json.loads(payload)["metadata"]["sftc"]["files"]["training"]
    form = {"purpose": "fine-tune", "media_type": "application/jsonl"}
    assert training["file"] == {"name": "train.jsonl", **form, **pin}
    assert create["body"] == filled(payload, "{training_file_id}", "{validation_file_id}")
    assert start["body"] == {}
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    sent = [
        headers
        for asked, headers in zip(backend.requests, backend.headers, strict=True)
        if asked.startswith("POST")
    ]
    for step, headers in zip(shown["requests"], sent, strict=True):
        kind = step["headers"].pop("Content-Type")
        assert headers["Content-Type"].startswith(kind)
        assert step["headers"].items() <= headers.items()
        assert "Authorization" not in step["headers"]


@pytest.mark.parametrize("name", ["", " ", "\x1b[2J", "x" * 201, "\udcff"])
@pytest.mark.parametrize("options", [["--dry-run"], []], ids=["dry-run", "submit"])
def test_names_that_are_none(
    workspace: Any, backend: Minimal, name: str, options: list[str]
) -> None:
    workspace.compiled()
    for command in (["submit", "job.json"], ["train", "sft.toml"]):
        done = workspace.sftc(*command, "--name", name, *options)
        assert (done.returncode, backend.requests) == (2, [])
        assert "a job name must have 1 to 200 printable characters" in done.stderr


def test_floats_and_long_integers_stay_what_they_are_in_a_dry_run(workspace: Any) -> None:
    config = '[job]\nmodel="m"\ndata="train.jsonl"\n[compute]\ngpu_type="A"\n'
    workspace.write("sft.toml", config + "[data.topology]\na=1.0\nb=9223372036854775807\n")
    workspace.compiled()
    done = workspace.sftc("submit", "job.json", "--dry-run")
    assert '"a": 1.0,' in done.stdout
    assert '"b": 9223372036854775807' in done.stdout
