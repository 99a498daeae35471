"""Jobs for a trainer: folders with a payload and rows, and the trainer that is run on them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from forked_trainer import Trainer

from sftc.jobfolder import Entry, JobFolder, Kind, curve, read_entries

NAME: Final = "test/tiny"
"""The model of all jobs, below the folder of models."""
OF_TIME: Final = {"train.tokens_per_second", "train.seconds", "train.memory"}
"""Measures that no two runs have alike."""
LONG: Final = 240
"""Seconds after which a run hangs, on a machine that is busy."""

FULL: Final[dict[str, Any]] = {"learning_rate": 0.003}
LORA: Final[dict[str, Any]] = {
    "train_kind": "peft",
    "lora_rank": 4,
    "lora_alpha": 8,
    "lora_dropout": 0.1,
    "learning_rate": 0.01,
}


def row(number: int) -> dict[str, Any]:
    return {
        "messages": [
            {"role": "user", "content": f"What is {number} + {number}?"},
            {"role": "assistant", "content": f"It is {number + number}."},
        ]
    }


def payload(
    *, use_qlora: bool = False, gpus: int = 1, validation: bool = True, **hyperparameters: Any
) -> dict[str, Any]:
    """Return a payload: eight steps of four rows, evaluated every third one."""
    chosen = {
        "steps": 8,
        "per_device_batch": 2,
        "global_batch": 4,
        "evaluation_strategy": "steps",
        "eval_steps": 3,
        "save_best_model_at_end": True,
        "metric_for_best_model": "val.loss",
        "greater_is_better": False,
        "warmup_ratio": 0.1,
        **hyperparameters,
    }
    effective = {
        "compute": {"gpu_type": "H100", "gpu_count": gpus, "nodes": 1},
        "data": {"validation_files": ["file-2"] if validation else [], "topology": {}},
        "training": {
            "mode": "sft_offline",
            "use_qlora": use_qlora,
            "validation": {"enabled": validation},
        },
    }
    return {
        "hyperparameters": {key: value for key, value in chosen.items() if value is not None},
        "metadata": {"effective_config": effective},
        "model": NAME,
        "training_file_id": "file-1",
        "training_type": "sft_offline",
    }


METHODS: Final[Mapping[str, dict[str, Any]]] = {
    "full": payload(**FULL),
    "LoRA": payload(**LORA),
    "QLoRA": payload(use_qlora=True, **LORA),
}


def job(root: Path, value: Mapping[str, Any], rows: list[Any] | None = None) -> JobFolder:
    """Make the folder of a job, with twelve training rows and four for validation."""
    root.mkdir(parents=True)
    folder = JobFolder(root)
    folder.payload.write_text(json.dumps(value))
    wanted = [row(number) for number in range(12)] if rows is None else rows
    folder.training.write_text("".join(f"{json.dumps(one)}\n" for one in wanted))
    held = [row(number) for number in range(100, 104)]
    folder.validation.write_text("".join(f"{json.dumps(one)}\n" for one in held))
    return folder


def environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **more}


def command(folder: JobFolder, models: Path) -> list[str]:
    return [sys.executable, "-m", "sftc.training", str(folder.root), "--models", str(models)]


@cache
def forks() -> str:
    """Return the name under which trainers are forked, for all workers of pytest."""
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    name = f"sftc-trainers-of-{owner}"
    script = Path(__file__).with_name("trainer_forks.py")
    with subprocess.Popen(
        [sys.executable, "-P", script, name, str(owner)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout
        process.stdout.read()  # until it listens, or sees that another one does
        process.returncode = 0  # it ends by itself, after us
    return name


def forked(script: Path | str, *arguments: Path | str, output: Any, cwd: Path) -> int:
    """Run a script in a fork that has the libraries, and return its exit code."""
    given, both = [str(each) for each in (script, *arguments)], [output.fileno()] * 2
    return ended(Trainer(forks(), given, environment(), str(cwd), both))


def start(folder: JobFolder, models: Path, patch: str = "", **more: str) -> Trainer:
    """Start a trainer whose output goes to the job's log.

    Args:
        folder: the job's.
        models: the folder of models.
        patch: a function of ``training_faults`` that is called before it trains.
        more: variables.

    """
    arguments = ["", str(folder.root), "--models", str(models)]
    with folder.log.open("ab") as log:
        output = [log.fileno()] * 2
        return Trainer(forks(), arguments, environment(**more), str(folder.root), output, patch)


def ended(trainer: Trainer) -> int:
    """Wait for the end of a trainer, and return its exit code; negative: killed by a signal."""
    code = trainer.end(LONG)
    assert code is not None, "it hangs"
    return code


def train(folder: JobFolder, models: Path, patch: str = "", **more: str) -> int:
    """Train a job, and return the exit code."""
    return ended(start(folder, models, patch, **more))


def entries(folder: JobFolder) -> list[Entry]:
    return read_entries(folder.journal.read_bytes()) if folder.journal.exists() else []


def of(folder: JobFolder, kind: Kind) -> list[Entry]:
    return [entry for entry in entries(folder) if entry.kind is kind]


def points(folder: JobFolder) -> dict[int, dict[str, float]]:
    """Return the curve without what no two runs have alike."""
    return {
        step: {name: value for name, value in values.items() if name not in OF_TIME}
        for step, values in curve(entries(folder)).items()
    }


def wait_for(what: Callable[[], bool], trainer: Trainer) -> None:
    """Wait until something is so; the trainer must go on until then."""
    until = time.monotonic() + LONG
    while not what():
        assert trainer.end(0.005) is None, "it ended too early"
        assert time.monotonic() < until, "it hangs"


def steps(folder: JobFolder) -> int:
    """Return the last step that the journal tells of."""
    return max((entry.step or 0 for entry in of(folder, Kind.STEP)), default=0)


def end(trainer: Trainer, number: signal.Signals) -> int:
    """Send a signal to a trainer, and return its exit code."""
    os.kill(trainer.pid, number)
    return ended(trainer)


def follows(folder: JobFolder, starts: int, step: int) -> None:
    """Wait until the trainer that was started so often has come to a step."""
    patience = time.monotonic() + LONG
    while len(of(folder, Kind.START)) < starts or steps(folder) < step:
        assert time.monotonic() < patience, "it hangs"
        time.sleep(0.01)


def processes(folder: JobFolder) -> list[int]:
    """Return the trainers of a folder that an engine has started."""
    argument = f"\0{folder.root}\0".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"forked_trainer.py\0" in line and argument in line:
                found.append(int(entry.name))
    return sorted(found)


def rank_of(process: int) -> int:
    """Return the number of a trainer among those of its job."""
    variables = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    (found,) = [each for each in variables if each.startswith(b"RANK=")]
    return int(found.removeprefix(b"RANK="))
