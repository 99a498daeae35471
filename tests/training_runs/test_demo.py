"""``make demo-train`` with the tiny model: each of its steps, and nothing left behind."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import training_server
from training_jobs import NAME, forks

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = Path(sys.executable).parent


@pytest.fixture
def warm(tmp_path: Path) -> Path:
    """Return a folder with an ``sftc`` whose trainers are forked; else the demo takes longer."""
    folder = tmp_path / "programs"
    folder.mkdir()
    sftc = folder / "sftc"
    sftc.write_text(f'#!/bin/sh\nexec {shlex.join(training_server.warm(forks()))} "$@"\n')
    sftc.chmod(0o755)
    return folder


@contextmanager
def demo(
    models: Path, folder: Path, model: str = NAME, steps: int = 4, programs: Path = PROGRAMS
) -> Iterator["subprocess.Popen[str]"]:
    """Run the demo in a folder, on a model, for some steps; it leaves no file and no process."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    config = folder / "examples" / "smollm2.toml"
    text = config.read_text()
    for old, new in {
        "HuggingFaceTB/SmolLM2-135M-Instruct": model,
        "total_steps = 20": f"total_steps = {steps}",
        "eval_steps = 10": "eval_steps = 2",
        "warmup_ratio = 0.1": "warmup_ratio = 0.5",
        "sequence_length = 256": "sequence_length = 2048",  # a token a byte
    }.items():
        assert old in text
        text = text.replace(old, new)
    config.write_text(text)
    temporary = folder / "temporary"
    temporary.mkdir()
    with subprocess.Popen(
        ["bash", "examples/demo-train.sh", programs, models],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
    assert [*temporary.glob("tmp.*")] == []
    assert str(temporary) not in running()


def running() -> str:
    """Return the command lines of all processes."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:  # it has ended
            continue
    return "\n".join(lines)


def test_it_trains_fetches_and_asks(models: Path, tmp_path: Path) -> None:
    with demo(models, tmp_path) as process:
        said, _ = process.communicate()
    assert process.returncode == 0, said
    for words in ("step 4/4", "val.loss ", "succeeded", "Fetched ", "adapter_model.safetensors"):
        assert words in said
    assert "  without the adapter  " in said
    assert "  with the adapter     " in said


def test_it_fails_loudly(models: Path, tmp_path: Path, warm: Path) -> None:
    with demo(models, tmp_path, "nobody/has-this", programs=warm) as process:
        said, _ = process.communicate()
    assert process.returncode == 3
    assert "error[" in said
    assert "nobody/has-this" in said
    assert "Fetched " not in said


def test_ctrl_c_ends_the_training_too(models: Path, tmp_path: Path, warm: Path) -> None:
    with demo(models, tmp_path, steps=100_000, programs=warm) as process:
        assert process.stdout
        assert any(re.search(r"step \d[\d,]*/", line) for line in process.stdout)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate()
    assert process.returncode != 0
