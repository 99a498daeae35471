"""A tiny model trained for real through the backend, and everything killed that can be."""

import json
import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import served
import training_jobs
import training_server
from served import SFTC, Server
from training_jobs import METHODS, OF_TIME, row
from training_server import run_of, until

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
        process = served.begun(tmp_path / "data", *options)
        begun.append(process)
        return Server(process, served.first_line(process), served.KEY)

    yield start
    for process in begun:
        process.kill()
        process.communicate()
    training_server.end_trainers(tmp_path / "data")


def jsonl(numbers: range) -> bytes:
    return "".join(f"{json.dumps(row(number))}\n" for number in numbers).encode()


def body(server: Server, method: str) -> dict[str, Any]:
    """Return the payload of a method, over the rows that every job of these tests has."""
    made: dict[str, Any] = json.loads(json.dumps(METHODS[method]))
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


def trainers(folder: Path) -> list[int]:
    """Return the processes that train in a folder."""
    argument = f"\0{folder}\0".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"\0sftc.training\0" in line and argument in line:
                found.append(int(entry.name))
    return found


def test_whatever_is_killed_the_curve_is_the_same(
    tmp_path: Path,
    backend: Callable[[], Server],
    uninterrupted: Callable[[str], JobFolder],
    method: str,
) -> None:
    moments = random.Random(f"backend {method}")
    server = backend()
    job = server.started(body(server, method))
    folder = JobFolder(run_of(tmp_path / "data", job))

    def told() -> int:
        return training_jobs.steps(folder)

    at = moments.randint(1, 5)
    until(lambda: told() >= at)
    for pid in trainers(folder.root):
        os.kill(pid, signal.SIGKILL)
    at = moments.randint(at, 7)
    until(lambda: len(training_jobs.of(folder, Kind.START)) == 2 and told() >= at)
    server.process.kill()
    server.process.communicate()
    server = backend()
    assert server.over(job)["status"] == "succeeded"
    whole = uninterrupted(method)
    assert curve(server, job) == training_jobs.points(whole)
    resumed = [each for each in server.events(job) if each["type"] == "sft.job.resumed"]
    starts = training_jobs.of(folder, Kind.START)
    assert [each["data"]["step"] for each in resumed] == [starts[1].facts["resumed_from"] or 0]
    files = {
        each["path"]: each
        for each in server.ask("GET", f"/learning/jobs/{job}/artifacts").body["artifacts"]
    }
    weights = "model.safetensors" if method == "full" else "adapter_model.safetensors"
    assert files[weights]["bytes"] == (whole.result / weights).stat().st_size
    assert not trainers(folder.root)


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
    until(lambda: trainers(folder))
    server.ask("POST", f"/learning/jobs/{newest['id']}/cancel", {})
    until(lambda: not trainers(folder))
    assert server.job(newest["id"])["status"] == "cancelled"
