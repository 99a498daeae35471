"""Where a base model is found by its files, and what a server says of one that is not."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import served

from sftc.commands.runners import model_problems
from sftc.training import model_files
from sftc.training.model_files import ModelError
from sftc.workspace.serving import ServeSettings

NAME = "test/tiny"


def model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"x")
    return folder


def cached(cache: Path, commit: str = "abc") -> Path:
    stored = cache / "models--test--tiny"
    (stored / "refs").mkdir(parents=True)
    (stored / "refs/main").write_text(commit)
    return model(stored / "snapshots/abc")


def test_a_folder_of_models_wins_over_the_cache(tmp_path: Path) -> None:
    there = {"HF_HUB_CACHE": str(tmp_path / "cache")}
    assert model_files.find(NAME, tmp_path, there) is None
    stored = cached(tmp_path / "cache")
    assert model_files.find(NAME, tmp_path, there) == stored
    assert model_files.find(NAME, None, there) == stored
    folder = model(tmp_path / NAME)
    assert model_files.find(NAME, tmp_path, there) == folder.resolve()


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"HF_HUB_CACHE": "{}/a", "HF_HOME": "{}/b"}, "a"),
        ({"HUGGINGFACE_HUB_CACHE": "{}/a", "HF_HOME": "{}/b"}, "a"),
        ({"HF_HOME": "{}/b", "XDG_CACHE_HOME": "{}/c"}, "b/hub"),
        ({"XDG_CACHE_HOME": "{}/c"}, "c/huggingface/hub"),
        ({}, ".cache/huggingface/hub"),
    ],
)
def test_the_cache_is_where_huggingface_hub_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], place: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    stored = cached(tmp_path / place)
    given = {name: value.format(tmp_path) for name, value in environment.items()}
    assert model_files.find(NAME, None, given) == stored


@pytest.mark.parametrize("commit", ["", "other", "../snapshots/abc", "abc\0", "\u00e9"])
def test_half_a_cache_is_none(tmp_path: Path, commit: str) -> None:
    there = {"HF_HUB_CACHE": str(tmp_path)}
    stored = cached(tmp_path, commit)
    assert model_files.find(NAME, None, there) is None
    (stored.parents[1] / "refs/main").write_text("abc\n")
    assert model_files.find(NAME, None, there) == stored
    (stored / "model.safetensors").unlink()
    assert model_files.find(NAME, None, there) is None


def unlink(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


REFUSED: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "no config": (unlink("config.json"), "model-unusable", "test/tiny has no config.json"),
    "no weights": (unlink("model.safetensors"), "model-unsafe", "test/tiny: it has no weights"),
    "a pickle": (
        lambda folder: (folder / "model.safetensors").rename(folder / "x.bin"),
        "model-unsafe",
        "test/tiny: loading x.bin may run code",
    ),
    "a link": (
        lambda folder: (folder / "a").symlink_to("/etc/passwd"),
        "model-outside",
        "test/tiny/a points outside ",
    ),
    "a link to itself": (
        lambda folder: (folder / "a").symlink_to("a"),
        "model-outside",
        "test/tiny/a points outside ",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_safe_is_refused(tmp_path: Path, case: str) -> None:
    change, code, words = REFUSED[case]
    change(model(tmp_path / "models" / NAME))
    with pytest.raises(ModelError) as refused:
        model_files.find(NAME, tmp_path / "models", {})
    assert refused.value.code == code
    assert str(refused.value).startswith(words)
    (problem,) = problems(NAME, models=tmp_path / "models", hub=True)
    assert (problem["code"], problem["pointer"]) == ("not_trainable", "/model")
    assert problem["message"] == f"{refused.value} ({code})"


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "/etc/passwd", "a/../b", "a/b/c", "a\0", "é", "\ud800", "a b", "x" * 121],
)
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(ModelError, match=re.escape(f"{name} is not a valid model name")):
        model_files.find(name, None, {})


def problems(name: str, **settings: Any) -> list[dict[str, str]]:
    found = model_problems({"model": name}, ServeSettings(runner="train", **settings))
    return [each.shown() for each in found]


def test_a_server_says_what_its_trainer_would(tmp_path: Path) -> None:
    there = {"environment": {"HF_HUB_CACHE": str(tmp_path / "cache")}}
    instead = "`hub = true` in the settings of the server lets trainers download it"
    words = f"the model {NAME} is not in the Hugging Face cache of this machine; {instead}"
    (found,) = problems(NAME, **there)
    assert found == {"code": "model_not_found", "message": words, "pointer": "/model"}
    (found,) = problems(NAME, models=tmp_path, **there)
    words = f"the model {NAME} is neither in {tmp_path} nor in the Hugging Face cache; {instead}"
    assert found["message"] == words
    assert problems(NAME, hub=True, **there) == []
    assert problems(NAME, engine="slurm", **there) == []
    cached(tmp_path / "cache")
    assert problems(NAME, **there) == []


@pytest.mark.slow
def test_a_model_that_is_not_there_is_refused_with_its_payload(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    program = "from sftc.commands import runners; from sftc.training import extra;"
    program += "runners.find_spec = extra.find_spec = lambda _: True;"
    program += "from sftc.cli import main; main()"
    options = ("--runner", "train", "--models", str(tmp_path / "models"))
    command = (sys.executable, "-c", program)
    with served.serving(tmp_path / "data", *options, command=command) as server:
        body = {**served.payload(server.ready()), "model": "a/b"}
        answer = server.ask("POST", "/learning/jobs", body)
        assert (answer.status, answer.code) == (400, "model_not_found")
        assert answer.body["error"]["pointer"] == "/model"


def test_no_torch_is_imported() -> None:
    program = "import sys; from sftc.training import model_files; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
