"""Which base model a training began with: what is noticed of a change, and what is not known."""

import os
from pathlib import Path

import pytest

from sftc.jobfolder import Exit
from sftc.training.program import bases
from sftc.training.program.failures import JobError

NAME = "a/model"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "README.md").write_text("x")
    with (folder / "model.safetensors").open("wb") as weights:
        os.truncate(weights.fileno(), 200 * 1024 * 1024)
    bases.record(tmp_path / "checkpoints", NAME, folder)
    return folder


def changed(base: Path) -> str:
    with pytest.raises(JobError) as refused:
        bases.check(base.parent / "checkpoints", NAME, base, 5)
    assert (refused.value.code, refused.value.exit) == ("model-changed", Exit.REFUSED)
    return str(refused.value)


def test_the_same_model_is_the_same_anywhere(base: Path) -> None:
    (base / "README.md").write_text("y")
    moved = base.rename(base.with_name("moved"))
    assert bases.check(base.parent / "checkpoints", NAME, moved, 5) is None


@pytest.mark.parametrize("place", [0, 100 * 1024 * 1024, 200 * 1024 * 1024 - 1])
def test_other_weights_of_the_same_size_are_noticed(base: Path, place: int) -> None:
    with (base / "model.safetensors").open("r+b") as weights:
        weights.seek(max(place - 2 * 1024 * 1024, 0))
        weights.write(b"x" * 4 * 1024 * 1024)
        weights.truncate(200 * 1024 * 1024)
    assert "another base model: model.safetensors of a/model in " in changed(base)


def test_files_that_come_and_go_are_noticed(base: Path) -> None:
    (base / "tokenizer.json").write_text("{}")
    assert "t none, but" in changed(base)
    (base / "config.json").unlink()
    assert "another base model: config.json and 1 more of a/model in " in changed(base)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1, "files": 1, "name": "x"}'])
def test_what_is_not_known_is_noted(base: Path, text: str) -> None:
    checkpoints = base.parent / "checkpoints"
    (checkpoints / "base.json").write_text(text)
    unknown = bases.check(checkpoints, NAME, base, 5)
    assert unknown == "the base model of the checkpoint of step 5 is unknown"
