"""``python -m sftc.training`` without its extra, and what may be imported without torch."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"torch", "transformers", "trl", "peft", "accelerate", "bitsandbytes", "deepspeed"}


def python(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-P", "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "module",
    ["sftc", "sftc.jobfolder", "sftc.training", "sftc.training.__main__", "sftc.training.recipe",
     "sftc.training.rows"],
)  # fmt: skip
def test_no_torch_is_imported(module: str) -> None:
    program = f"import sys, {module}\nprint(sorted({HEAVY!r} & set(sys.modules)))"
    done = python(program)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


WITHOUT = """
import importlib.util, runpy
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "torch" else find(name)
runpy.run_module("sftc.training", run_name="__main__", alter_sys=True)
"""
"""Runs the trainer where a library is not installed."""


def folder(root: Path, *names: str) -> str:
    for name in names:
        (root / name).write_text("{}")
    return str(root)


def test_without_the_extra_one_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    done = python(WITHOUT, folder(tmp_path, "job.json", "train.jsonl"))
    assert done.returncode == 2
    assert (
        done.stderr == "training needs an extra: run pip install 'sftc[train]' (torch is missing)\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["job.json", "train.jsonl"]


@pytest.mark.parametrize("missing", ["job.json", "train.jsonl"])
def test_a_folder_without_a_job_is_named(tmp_path: Path, missing: str) -> None:
    there = {"job.json", "train.jsonl"} - {missing}
    done = python(WITHOUT, folder(tmp_path, *there))
    assert done.returncode == 2
    assert done.stderr.endswith(f"error: there is no {tmp_path / missing}\n")


def test_a_folder_of_models_that_is_not_there_is_named(tmp_path: Path) -> None:
    models = tmp_path / "none"
    done = python(WITHOUT, folder(tmp_path, "job.json", "train.jsonl"), "--models", str(models))
    assert done.returncode == 2
    assert done.stderr.endswith(f"error: there is no folder {models}\n")
