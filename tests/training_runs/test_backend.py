"""A tiny model trained for real through the backend, and everything killed that can be."""

import hashlib
import json
import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import served
import training_jobs
import training_server
from served import SFTC, Server
from training_jobs import FULL, LORA, METHODS, OF_TIME, follows, payload, processes, row
from training_server import run_of, until

from sftc.engines.folder import read_supervisor
from sftc.jobfolder import JobFolder, Kind

CONFIG = """
[job]
model = "test/tiny"
data = "train.jsonl"
name = "tiny"
[compute]
gpu_type = "H100"
gpu_count = 1
[training]
use_qlora = true
[hyperparameters]
steps = 3
per_device_batch = 2
learning_rate = 0.01
lora_rank = 4
"""


@pytest.fixture
def backend(tmp_path: Path, models: Path) -> Iterator[Callable[[], Server]]:
    """Return what starts a server over a data directory; each ends, with its trainers."""
    begun = []

    def start() -> Server:
        options = ("--runner", "train", "--models", str(models))
        command = training_server.warm(training_jobs.forks())
        process = served.begun(tmp_path / "data", *options, command=command)
        begun.append(process)
        return Server(process, served.first_line(process), served.KEY)

    yield start
    for process in begun:
        process.kill()
        process.communicate()
    training_server.end_trainers(tmp_path / "data")


def jsonl(numbers: range) -> bytes:
    return "".join(f"{json.dumps(row(number))}\n" for number in numbers).encode()


def body(server: Server, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload, over the rows that every job of these tests has."""
    made: dict[str, Any] = json.loads(json.dumps(payload))
    made["training_file_id"] = server.ready(jsonl(range(12)))
    data = made["metadata"]["effective_config"]["data"]
    data["validation_files"] = [server.ready(jsonl(range(100, 104)))]
    return made


def curve(server: Server, job: str) -> dict[int, dict[str, float]]:
    """Return the points of a job without what no two runs have alike."""
    found: dict[int, dict[str, float]] = {}
    for name, step, value in server.points(job):
        if name not in OF_TIME:
            found.setdefault(step, {})[name] = value
    return found


def supervisor(folder: Path) -> int:
    known = read_supervisor(folder)
    assert known
    return int(known["pid"])


def test_whatever_is_killed_the_curve_is_the_same(
    tmp_path: Path,
    backend: Callable[[], Server],
    uninterrupted: Callable[[str], JobFolder],
    method: str,
) -> None:
    """The trainer, the server, and what supervises the trainer."""
    at = sorted(random.Random(f"backend {method}").sample(range(1, 7), 3))
    server = backend()
    job = server.started(body(server, METHODS[method]))
    folder = JobFolder(run_of(tmp_path / "data", job))
    follows(folder, 1, at[0])
    for pid in processes(folder):
        os.kill(pid, signal.SIGKILL)
    follows(folder, 2, at[1])
    server.process.kill()
    server.process.communicate()
    follows(folder, 2, at[2])
    os.kill(supervisor(folder.root), signal.SIGKILL)
    server = backend()
    assert server.over(job)["status"] == "succeeded"
    whole = uninterrupted(method)
    assert curve(server, job) == training_jobs.points(whole)
    resumed = [each["data"]["step"] for each in server.events(job) if _goes_on(each)]
    starts = training_jobs.of(folder, Kind.START)
    assert resumed == [each.facts["resumed_from"] or 0 for each in starts[1:]]
    files = {
        each["path"]: each
        for each in server.ask("GET", f"/learning/jobs/{job}/artifacts").body["artifacts"]
    }
    weights = "model.safetensors" if method == "full" else "adapter_model.safetensors"
    digest = hashlib.sha256((whole.result / weights).read_bytes()).hexdigest()
    assert files[weights]["sha256"] == digest
    assert not processes(folder)


def _goes_on(event: Mapping[str, Any]) -> bool:
    return bool(event["type"] == "sft.job.resumed" and event["message"].startswith("The training"))


@pytest.mark.parametrize("method", METHODS)
def test_of_two_ranks_one_is_killed_and_then_their_supervisor(
    tmp_path: Path, models: Path, backend: Callable[[], Server], method: str
) -> None:
    hyperparameters = FULL if method == "full" else {**LORA, "lora_dropout": 0.0}
    asked = payload(use_qlora=method == "QLoRA", gpus=2, **hyperparameters)
    alone = training_jobs.job(tmp_path / "alone", asked)
    one = training_jobs.start(alone, models)
    at = sorted(random.Random(f"ranks {method}").sample(range(1, 7), 2))
    server = backend()
    job = server.started(body(server, asked))
    folder = JobFolder(run_of(tmp_path / "data", job))
    follows(folder, 1, at[0])
    ranks = processes(folder)
    assert len(ranks) == 2
    os.kill(ranks[1], signal.SIGKILL)
    follows(folder, 2, at[1])
    os.kill(supervisor(folder.root), signal.SIGKILL)
    assert server.over(job)["status"] == "succeeded"
    assert training_jobs.ended(one) == 0
    assert [each.facts["world"] for each in training_jobs.of(folder, Kind.START)] == [2, 2, 2]
    assert curve(server, job) == training_jobs.points(alone)


def test_sftc_submits_follows_and_cancels(tmp_path: Path, backend: Callable[[], Server]) -> None:
    (tmp_path / "sft.toml").write_text(CONFIG)
    (tmp_path / "train.jsonl").write_bytes(jsonl(range(12)))
    server = backend()
    environment = {**os.environ, "SYNTH_API_KEY": server.key, "BACKEND_BASE_URL": server.address}

    def run(*command: str) -> str:
        done = subprocess.run(
            [SFTC, *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    run("compile", "--pin", "sft.toml", "-o", "job.json")
    said = run("submit", "job.json", "--follow")
    assert "succeeded" in said
    (job,) = server.ask("GET", "/learning/jobs").body["jobs"]
    assert (job["mode"], job["engine"], job["progress"]["step"]) == ("train", "local", 3)
    run("train", "sft.toml", "--set", "hyperparameters.steps=1000")
    (newest, _) = server.ask("GET", "/learning/jobs").body["jobs"]
    folder = run_of(tmp_path / "data", newest["id"])
    until(lambda: processes(JobFolder(folder)))
    server.ask("POST", f"/learning/jobs/{newest['id']}/cancel", {})
    until(lambda: not processes(JobFolder(folder)))
    assert server.job(newest["id"])["status"] == "cancelled"
