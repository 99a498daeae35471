"""Two processes train what one does, to the bit; and one goes on where two were killed."""

import random
import signal
import socket
from pathlib import Path

import pytest
from forked_trainer import Trainer
from training_jobs import (
    FULL,
    LORA,
    end,
    ended,
    entries,
    job,
    of,
    payload,
    points,
    start,
    steps,
    train,
    wait_for,
)

from sftc.jobfolder import Exit, JobFolder, Kind

PLAIN = {**LORA, "lora_dropout": 0.0}  # two processes drop other places than one


def ranks(folder: JobFolder, models: Path, patch: str = "") -> list[Trainer]:
    """Start a job in two processes, as torchrun does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    return [
        start(
            folder, models, patch, **shared, MASTER_PORT=port, RANK=str(rank), LOCAL_RANK=str(rank)
        )
        for rank in range(2)
    ]


@pytest.mark.parametrize("qlora", [False, True], ids=["full", "QLoRA"])
def test_two_ranks_killed_and_resumed_on_one(tmp_path: Path, models: Path, qlora: bool) -> None:  # noqa: FBT001
    hyperparameters = PLAIN if qlora else FULL
    asked = payload(use_qlora=qlora, gpus=2, **hyperparameters)
    alone, folder = job(tmp_path / "alone", asked), job(tmp_path / "two", asked)
    assert train(alone, models) == Exit.DONE
    processes = ranks(folder, models)
    at = random.Random(f"two {qlora}").randint(4, 7)
    wait_for(lambda: steps(folder) >= at, processes[0])
    assert end(processes[1], signal.SIGKILL) == -signal.SIGKILL
    end(processes[0], signal.SIGKILL)  # which may have failed by now, since the other one is gone
    assert train(folder, models) == Exit.DONE, folder.log.read_text()
    assert of(folder, Kind.START)[0].facts["world"] == 2
    assert of(folder, Kind.START)[-1].facts["resumed_from"] in {3, 6}
    assert points(folder) == points(alone)


def test_one_signal_stops_both_after_the_same_step(tmp_path: Path, models: Path) -> None:
    folder = job(tmp_path / "job", payload(gpus=2, **PLAIN))
    processes = ranks(folder, models)
    wait_for(lambda: steps(folder) >= 1, processes[0])
    assert end(processes[1], signal.SIGTERM) == Exit.INTERRUPTED
    assert ended(processes[0]) == Exit.INTERRUPTED
    last = entries(folder)[-1]
    assert last.kind is Kind.INTERRUPTED
    again = ranks(folder, models)
    assert [ended(process) for process in again] == [Exit.DONE, Exit.DONE]
    assert list(points(folder)) == list(range(1, 9))


def test_more_processes_than_the_job_trains_in_are_refused(tmp_path: Path, models: Path) -> None:
    folder = job(tmp_path / "job", payload(gpus=1, **FULL))
    assert [ended(process) for process in ranks(folder, models)] == [Exit.REFUSED, Exit.REFUSED]
    last = entries(folder)[-1]
    assert (last.kind, last.code) == (Kind.REFUSED, "processes")
    assert last.message == "2 processes were started, but the job needs 1"


def test_what_another_process_failed_by_is_told(tmp_path: Path, models: Path) -> None:
    folder = job(tmp_path / "job", payload(gpus=2, **PLAIN))
    processes = ranks(folder, models, "fill_memory_of_the_second_process")
    assert [ended(process) for process in processes] == [Exit.FAILED, Exit.FAILED]
    (told,) = of(folder, Kind.FAILED)
    assert told == entries(folder)[-1]
    assert told.code == "out-of-memory"
    assert told.message
    assert told.message.startswith("process 1: out of memory: ")
