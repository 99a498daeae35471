"""The reference client, unmodified, against the embedded backend. Run by ``make parity``.

Our own submitter follows, and the payloads that arrive must be the same.

Usage: python parity_submit.py REFERENCE_PYTHON, a Python with ``synth-ai`` from PyPI. Its
command line and its SDK each upload, create, start and follow a job to its terminal state.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import served
from served import KEY, ROWS, Server

CONFIG = """
[algorithm]
type = "offline"
method = "sft"
variety = "lora"
[job]
model = "Qwen/Qwen3-4B"
data = "train.jsonl"
[compute]
gpu_type = "H100"
gpu_count = 1
nodes = 1
[data]
topology = {}
validation_path = "validation.jsonl"
[training]
mode = "lora"
use_qlora = true
[training.validation]
enabled = true
eval_steps = 10
[hyperparameters]
n_epochs = 2
"""

SDK = """
import asyncio, sys
from synth_ai.api.train.sft import SFTJob
from synth_ai.learning.client import LearningClient
from synth_ai.learning.jobs import JobHandle
address, key = sys.argv[1:]
name = SFTJob.from_config("sft.toml", backend_url=f"{address}/api", api_key=key).submit()
asyncio.run(LearningClient(address, key).start_job(name))
end = asyncio.run(JobHandle(address, key, name).poll_until_terminal(interval_seconds=0.1))
print(end["status"])
"""


REHEARSED = frozenset({"train.loss", "val.loss"})


def submit(
    name: str,
    command: list[str],
    server: Server,
    folder: Path,
    expected: AbstractSet[str] = REHEARSED,
) -> Any:
    """Run a client, look at the job and the curves that it has left, and return its payload."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "SYNTH_API_KEY": KEY,
        "BACKEND_BASE_URL": server.address,
        "SYNTH_BACKEND_OVERRIDE": server.address,  # without it the client asks a host of its own
        "ENVIRONMENT_API_KEY": "unused",
    }
    before = jobs(server)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    new = [job for job in jobs(server) if job not in before]
    if done.returncode or len(new) != 1 or server.job(new[0])["status"] != "succeeded":
        sys.exit(f"{name}: exit code {done.returncode}, jobs {new}\n{done.stdout}{done.stderr}")
    steps = server.job(new[0])["progress"]["step"]
    curves = {curve for curve, _, _ in server.points(new[0])}
    assert curves == expected
    print(f"{name}: one job, succeeded after {steps} steps with {', '.join(sorted(curves))}")
    return server.job(new[0])["payload"]


def jobs(server: Server) -> list[Any]:
    """Return the ids of all jobs."""
    return [job["id"] for job in server.ask("GET", "/learning/jobs").body["jobs"]]


def main(reference: str) -> None:
    """Submit with each client."""
    with tempfile.TemporaryDirectory() as name, served.serving(Path(name) / "data") as server:
        folder = Path(name)
        (folder / "sft.toml").write_text(CONFIG)
        (folder / "train.jsonl").write_bytes(ROWS)
        (folder / "validation.jsonl").write_bytes(ROWS[: ROWS.index(b"\n") + 1])
        line = [str(Path(reference).absolute().with_name("synth-ai")), "train", "sft.toml"]
        polling = ["--poll", "--poll-interval", "0.2"]
        theirs = submit("the reference client's command line", [*line, *polling], server, folder)
        python = str(Path(reference).absolute())
        program = [python, "-c", SDK, server.address, KEY]
        submit("the reference client's SDK", program, server, folder)
        train = [str(served.SFTC), "train", "--type", "sft", "--config", "sft.toml", "--follow"]
        ours = submit("sftc train", train, server, folder)
        del ours["metadata"]["sftc"]  # the pins, which the reference client does not know
        if ours != theirs:
            sys.exit(f"the payloads differ:\n{ours}\n{theirs}")
        print("sftc and the reference client submit the same payload")


if __name__ == "__main__":
    main(sys.argv[1])
