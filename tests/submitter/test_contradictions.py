"""A payload that contradicts itself is refused before its data is looked at, whoever wrote it."""

import json
from typing import Any

import pytest
from edited_payloads import edited
from minimal_backend import Minimal

import sftc

ENGINES = {
    "hyperparameters.parallelism.use_deepspeed": True,
    "hyperparameters.parallelism.deepspeed_stage": 2,
    "hyperparameters.parallelism.fsdp": True,
    "metadata.sftc.files.training.path": "not-there.jsonl",
}
KEYS = (("fsdp", ""), ("use_deepspeed", ","))


@pytest.mark.parametrize("how", [[], ["--dry-run"]], ids=["submit", "dry-run"])
def test_it_is_refused_at_its_line(workspace: Any, backend: Minimal, how: list[str]) -> None:
    workspace.write("job.json", json.dumps(edited(ENGINES), indent=2))
    done = workspace.sftc("submit", "job.json", *how)
    assert (done.returncode, done.stdout, backend.requests) == (1, "", [])
    lines = json.dumps(edited(ENGINES), indent=2).splitlines()
    line, other = (1 + lines.index(f'      "{key}": true{end}') for key, end in KEYS)
    assert f"job.json:{line}:15: error[SFT201]" in done.stderr
    assert f"= job.json:{other}:24: `hyperparameters.parallelism.use_deepspeed` is" in done.stderr
    assert "not-there" not in done.stderr


def test_an_edit_by_hand_is_refused(workspace: Any, backend: Minimal) -> None:
    payload = json.loads(workspace.compiled())
    payload["hyperparameters"]["world_size"] = 3
    payload["metadata"]["effective_config"]["compute"]["gpu_count"] = 2
    payload["hyperparameters"]["parallelism"] = {"bf16": True, "fp16": True}
    with pytest.raises(sftc.PayloadError) as bad:
        sftc.submit(payload, backend=backend.address, key="k")
    assert [each.code for each in bad.value.diagnostics] == ["SFT202", "SFT205"]
    assert backend.requests == []


def test_a_warning_does_not_stop_a_submission(workspace: Any, backend: Minimal) -> None:
    payload = json.loads(workspace.compiled())
    payload["metadata"]["effective_config"]["compute"]["gpu_count"] = 2
    payload["metadata"]["effective_config"]["data"]["topology"]["container_count"] = 3
    workspace.write("job.json", json.dumps(payload))
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    assert len(backend.jobs) == 1


def test_an_endless_file_is_not_read_to_its_end(workspace: Any, backend: Minimal) -> None:
    done = workspace.sftc("submit", "/dev/zero")
    assert (done.returncode, backend.requests) == (2, [])
    assert "SFT501" in done.stderr
