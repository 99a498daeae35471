"""Pins with tokens: counted when asked for, kept while they hold, and what a diff says of them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import forked
import pytest
import tiny_tokenizer

SFTC = [sys.executable, "-m", "sftc"]
GOOD = {"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}
LONG = {"messages": [{"role": "user", "content": "x" * 90}, {"role": "assistant", "content": "y"}]}
TOKENS = len("^user_2+2?$_^assistant_4$_")
CONFIG = """[job]
model = "m/x"
data = "train.jsonl"
[compute]
gpu_type = "H100"
gpu_count = 1
[hyperparameters]
n_epochs = 1
per_device_batch = 2
gradient_accumulation_steps = 1
sequence_length = 100
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_tokenizer.save(tmp_path / "tok")
    write(tmp_path / "train.jsonl", GOOD, GOOD)
    (tmp_path / "sft.toml").write_text(CONFIG)
    (tmp_path / "sftc.toml").write_text("pin = true\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def write(path: Path, *rows: Any) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def sftc(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return forked.run(*arguments, cwd=folder, encoding="utf-8")


def pinned(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)["metadata"]["sftc"]["files"]["training"]
    return found


def test_compile_pins_tokens(folder: Path) -> None:
    write(folder / "train.jsonl", GOOD, GOOD, {**LONG, "messages": [*GOOD["messages"] * 5]})
    run = sftc(folder, "compile", "--tokenizer", "tok", "sft.toml")
    assert run.returncode == 0, run.stderr
    pin = pinned(run.stdout)
    assert {
        name: pin[name] for name in ("tokenizer", "tokens", "tokens_cut", "trained_tokens")
    } == {
        "tokenizer": "tok",
        "tokens": 7 * TOKENS,
        "tokens_cut": 5 * TOKENS - 100,
        "trained_tokens": 5 * len("4$"),
    }
    assert "SFT462" in run.stderr
    again = sftc(folder, "compile", "--pin", "--tokenizer", "tok", "sft.toml")
    assert again.stdout == run.stdout


def test_a_row_that_teaches_nothing_leaves_no_payload(folder: Path) -> None:
    write(folder / "train.jsonl", GOOD, LONG)
    run = sftc(folder, "compile", "--tokenizer", "tok", "sft.toml")
    assert (run.returncode, run.stdout) == (1, "")
    assert "train.jsonl:2:1: error[SFT461]" in run.stderr
    assert sftc(folder, "compile", "--pin", "sft.toml").returncode == 0


@pytest.mark.slow
def test_tokens_are_kept_while_they_hold(folder: Path) -> None:
    assert sftc(folder, "compile", "--write", "--tokenizer", "tok", "sft.toml").returncode == 0
    artifact = folder / "sft.job.json"
    counted = artifact.read_text()
    assert pinned(counted)["tokens"] == 2 * TOKENS
    assert sftc(folder, "check").returncode == 0
    assert sftc(folder, "compile", "--write", "sft.toml").returncode == 0
    assert artifact.read_text() == counted

    assert sftc(folder, "compile", "--pin", "sft.toml", "-o", "sft.job.json").returncode == 0
    assert artifact.read_text() == counted

    (folder / "sft.toml").write_text(CONFIG.replace("n_epochs = 1", "n_epochs = 2"))
    assert sftc(folder, "compile", "--write", "sft.toml").returncode == 0
    assert pinned(artifact.read_text()) == pinned(counted)

    for other in (CONFIG.replace("m/x", "m/y"), CONFIG.replace("= 100", "= 50")):
        artifact.write_text(counted)
        (folder / "sft.toml").write_text(other)
        run = sftc(folder, "check")
        assert run.returncode == 1
        causes = ("model", "hyperparameters.sequence_length")
        told = run.stdout + run.stderr
        assert min(told.find(cause) % len(told) for cause in causes) < told.find("tokens_cut")
        assert sftc(folder, "compile", "--write", "sft.toml").returncode == 0
        assert "tokens" not in pinned(artifact.read_text())
        assert sftc(folder, "check").returncode == 0

    artifact.write_text(counted)
    (folder / "sft.toml").write_text(CONFIG)
    write(folder / "train.jsonl", GOOD, GOOD, GOOD)
    run = sftc(folder, "check")
    assert (run.returncode, "it has 3 rows; the pin has 2" in run.stderr + run.stdout) == (
        1,
        True,
    )
    assert sftc(folder, "compile", "--write", "sft.toml").returncode == 0
    assert "tokens" not in pinned(artifact.read_text())


def test_a_diff_says_what_new_data_does_to_the_run(folder: Path) -> None:
    for name, rows in (("old", [GOOD] * 2), ("new", [GOOD] * 5)):
        write(folder / "train.jsonl", *rows)
        output = sftc(folder, "compile", "--tokenizer", "tok", "-o", f"{name}.json", "sft.toml")
        assert output.returncode == 0
    run = sftc(folder, "diff", "old.json", "new.json", "--format", "json")
    assert run.returncode == 1
    (comparison,) = json.loads(run.stdout)["comparisons"]
    effects = {each["name"]: (each["before"], each["after"]) for each in comparison["effects"]}
    assert effects == {
        "steps per epoch": (
            {"value": 1, "how": "2 rows ÷ 2, rounded up"},
            {"value": 3, "how": "5 rows ÷ 2, rounded up"},
        ),
        "tokens per epoch": ({"value": 2 * TOKENS, "how": ""}, {"value": 5 * TOKENS, "how": ""}),
        "trained tokens per epoch": (
            {"value": 4, "how": "7.7% of them"},
            {"value": 10, "how": "7.7% of them"},
        ),
    }


def test_a_template_needs_a_tokenizer(folder: Path) -> None:
    run = sftc(folder, "compile", "--chat-template", "x", "sft.toml")
    assert (run.returncode, run.stderr) == (2, "sftc: --chat-template needs --tokenizer\n")
