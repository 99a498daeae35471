"""`sftc init` at a terminal: what it asks, and that it asks nobody else."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SFTC = Path(sys.executable).with_name("sftc")
QUESTIONS = ("Base model", "Training data", "GPU, such as")


def at_a_terminal(folder: Path, answers: str, *arguments: str) -> tuple[int, str]:
    """Run init with a terminal on which somebody types; return its exit code and what is seen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [SFTC, "init", *arguments], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    try:
        for line in answers.splitlines():
            while not seen.rstrip().endswith(b"]:"):
                seen += os.read(ours, 4096)
            if line == "^C":
                process.send_signal(signal.SIGINT)
            else:
                os.write(ours, f"{line}\n".encode())
            seen += b"\n"
        while piece := os.read(ours, 4096):
            seen += piece
    except OSError:  # the terminal is closed at the other end
        pass
    os.close(ours)
    return process.wait(), seen.decode().replace("\r\n", "\n")


def test_enter_accepts_what_is_offered(tmp_path: Path) -> None:
    code, seen = at_a_terminal(tmp_path, "\n\n\n")
    assert code == 0
    assert all(question in seen for question in QUESTIONS)
    assert "QLoRA of Qwen/Qwen3-4B on 1 × H100" in seen
    assert 'data = "data/train.jsonl"' in (tmp_path / "sft.toml").read_text()


def test_a_wrong_gpu_is_asked_for_again(tmp_path: Path) -> None:
    code, seen = at_a_terminal(tmp_path, "Qwen/Qwen3-8B\nmine.jsonl\nRTX 409\nRTX 4090\n")
    assert code == 0
    assert "no GPU called 'RTX 409' is known; did you mean RTX 4090?" in seen
    text = (tmp_path / "sft.toml").read_text()
    assert 'gpu_type = "RTX 4090"' in text
    assert 'data = "mine.jsonl"' in text


def test_what_options_say_is_not_asked(tmp_path: Path) -> None:
    options = ("--model", "Qwen/Qwen3-0.6B", "--data", "x.jsonl", "--gpu", "L4")
    code, seen = at_a_terminal(tmp_path, "", *options)
    assert (code, any(question in seen for question in QUESTIONS)) == (0, False)
    code, seen = at_a_terminal(tmp_path, "", "--yes", "b.toml")
    assert (code, any(question in seen for question in QUESTIONS)) == (0, False)


def test_ctrl_c_writes_nothing(tmp_path: Path) -> None:
    code, seen = at_a_terminal(tmp_path, "Qwen/Qwen3-8B\n^C\n")
    assert code != 0
    assert "Traceback" not in seen
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stream", ["stdin", "stderr"])
def test_nobody_is_asked_without_a_terminal(stream: str, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    streams = {"stdin": theirs, "stderr": theirs, stream: subprocess.DEVNULL}
    done = subprocess.run([SFTC, "init"], cwd=tmp_path, **streams, timeout=120, check=False)  # type: ignore[call-overload]
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0
    assert (tmp_path / "sft.toml").exists()
