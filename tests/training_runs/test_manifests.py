"""What compiled manifests run, as two nodes on this machine: killed, and gone on with."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from forked_ranks import hang, python_of_nodes
from training_jobs import (
    FULL,
    LONG,
    end,
    environment,
    job,
    of,
    payload,
    points,
    start,
    steps,
    train,
)
from training_jobs import wait_for as wait_for_trainer

from sftc import targets
from sftc.jobfolder import Exit, JobFolder, Kind
from sftc.targets.quantities import quantities


def asked(nodes: int) -> dict[str, object]:
    """Return a payload for some nodes with a GPU each, which names its files."""
    made = payload(gpus=1, **FULL)
    made["metadata"]["effective_config"]["compute"]["nodes"] = nodes
    files = {"training": {"path": "rows.jsonl"}, "validation": {"path": "held.jsonl"}}
    made["metadata"]["sftc"] = {"files": files, "format": 1}
    return made


def emitted(name: str) -> str:
    text = targets.emit(asked(2), targets.load(name)).text
    assert text is not None
    return text


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, models: Path) -> JobFolder:
    """Return the folder of the same job, trained by one process without a break."""
    folder = job(tmp_path_factory.mktemp("alone") / "job", asked(2))
    assert train(folder, models) == Exit.DONE, folder.log.read_text()
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return python_of_nodes(tmp_path_factory.mktemp("python"))


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def weights(result: Path) -> bytes:
    return (result / "model.safetensors").read_bytes()


def nodes(
    command: Sequence[str], log: Path, *each: Mapping[str, str]
) -> list[subprocess.Popen[bytes]]:
    with log.open("ab") as file:
        return [
            subprocess.Popen(
                command, env=environment(**one), stdout=file, stderr=file, start_new_session=True
            )
            for one in each
        ]


def wait_for(what: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until something is so; the process must go on until then."""
    until = time.monotonic() + LONG
    while not what():
        assert process.poll() is None, "it ended too early"
        assert time.monotonic() < until, "it hangs"
        time.sleep(0.005)


def machine(home: Path, bucket: Path, files: JobFolder, program: Path) -> None:
    """Make a home as it is on a machine after SkyPilot's setup, with its mounts."""
    python = home / "sftc" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(program)
    (home / "sftc" / "bucket").symlink_to(bucket)
    (home / "sftc" / "train.jsonl").write_bytes(files.training.read_bytes())
    (home / "sftc" / "validation.jsonl").write_bytes(files.validation.read_bytes())


def test_a_task_of_skypilot_goes_on_after_its_machines_are_lost(
    tmp_path: Path, models: Path, alone: JobFolder, python: Path
) -> None:
    text = emitted("skypilot")
    bucket, log = tmp_path / "bucket", tmp_path / "log"
    bucket.mkdir()
    (bucket / "models").symlink_to(models)
    kept = bucket / str(quantities(asked(2))["name"])
    command = ["bash", "-c", yaml.safe_load(text)["run"]]

    def launched(start: int) -> list[subprocess.Popen[bytes]]:
        homes = [tmp_path / f"home-{start}-{rank}" for rank in range(2)]
        for home in homes:
            machine(home, bucket, alone, python)
        shared = {
            "SKYPILOT_NUM_NODES": "2",
            "SKYPILOT_NODE_IPS": "127.0.0.1\n127.0.0.1",
            "SKYPILOT_NUM_GPUS_PER_NODE": "1",
            "MASTER_PORT": free_port(),
        }
        return nodes(
            command,
            log,
            *(
                {**shared, "HOME": str(home), "SKYPILOT_NODE_RANK": str(rank)}
                for rank, home in enumerate(homes)
            ),
        )

    first = launched(1)
    trained = JobFolder(tmp_path / "home-1-0" / "sftc" / kept.name)
    wait_for(lambda: steps(trained) >= 4, first[0])
    hang(JobFolder(tmp_path / "home-1-1" / "sftc" / kept.name))  # so that the other one waits
    wait_for(lambda: bool(list(kept.glob("checkpoints/*.node-1.json"))), first[0])
    os.killpg(first[1].pid, signal.SIGKILL)
    assert first[0].wait(LONG) not in {Exit.DONE, Exit.REFUSED}, log.read_text()
    assert first[1].wait(LONG) == -signal.SIGKILL
    assert not (kept / "result.json").exists()

    assert [each.wait(LONG) for each in launched(2)] == [Exit.DONE, Exit.DONE], log.read_text()
    facts = of(JobFolder(kept), Kind.START)[-1].facts
    assert (facts["world"], facts["resumed_from"] in {3, 6}) == (2, True)
    assert points(JobFolder(kept)) == points(alone)
    assert weights(kept / "result") == weights(alone.result)


def test_the_pods_of_a_trainjob_go_on_where_two_were_killed(
    tmp_path: Path, models: Path, alone: JobFolder, python: Path
) -> None:
    config, made = yaml.safe_load_all(emitted("trainjob"))
    mounted = tmp_path / "payload" / "job.json"
    mounted.parent.mkdir()
    mounted.write_text(config["data"]["job.json"])
    volume, log = tmp_path / "volume", tmp_path / "log"
    folder = job(volume / "jobs" / config["metadata"]["name"], asked(2))
    folder.payload.write_bytes(mounted.read_bytes())
    (volume / "models").symlink_to(models)
    (volume / "rows.jsonl").write_bytes(alone.training.read_bytes())
    (volume / "held.jsonl").write_bytes(alone.validation.read_bytes())
    port = free_port()
    shared = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1"}
    before = [
        start(folder, models, **shared, MASTER_PORT=port, RANK=str(rank), LOCAL_RANK="0")
        for rank in range(2)
    ]
    wait_for_trainer(lambda: steps(folder) >= 4, before[0])
    for process in before:
        end(process, signal.SIGKILL)
    trainer = made["spec"]["trainer"]
    command = [str(python), *trainer["command"][1:]]
    command += [text.replace("/sftc/", f"{tmp_path}/") for text in trainer["args"]]
    assert (trainer["numNodes"], trainer["numProcPerNode"]) == (2, 1)
    kubeflow = {
        "PET_NNODES": str(trainer["numNodes"]),
        "PET_NPROC_PER_NODE": str(trainer["numProcPerNode"]),
        "PET_MASTER_ADDR": "127.0.0.1",
        "PET_MASTER_PORT": free_port(),
    }
    pods = nodes(command, log, *({**kubeflow, "PET_NODE_RANK": str(rank)} for rank in range(2)))
    assert [pod.wait(LONG) for pod in pods] == [Exit.DONE, Exit.DONE], log.read_text()
    assert of(folder, Kind.START)[-1].facts["resumed_from"] in {3, 6}
    assert points(folder) == points(alone)
    assert weights(folder.result) == weights(alone.result)
