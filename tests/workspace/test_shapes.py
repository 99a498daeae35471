"""Where the shape of a model comes from, and what no file can make of it."""

import json
import os
from pathlib import Path

import pytest

from sftc.job.architectures.table import shape_named
from sftc.workspace.shapes import Unfound, shape_for, shape_in_file

LLAMA = {
    "model_type": "llama",
    "vocab_size": 32000,
    "hidden_size": 2048,
    "intermediate_size": 5632,
    "num_hidden_layers": 22,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
}
PARAMETERS = 1_100_048_384
COMMIT = "0" * 40


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def written(path: Path, text: str = json.dumps(LLAMA)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def cached(hub: Path, name: str) -> Path:
    """Write a model into the cache as huggingface_hub does: a link to a blob."""
    folder = hub / f"models--{name.replace('/', '--')}"
    blob = written(folder / "blobs" / "abc")
    written(folder / "refs" / "main", COMMIT)
    link = folder / "snapshots" / COMMIT / "config.json"
    link.parent.mkdir(parents=True)
    link.symlink_to(os.path.relpath(blob, link.parent))
    return folder


def parameters(name: str, models: Path | None = None) -> int | str:
    found = shape_for(name, None if models is None else str(models))
    return found.why if isinstance(found, Unfound) else found.parameters


def test_a_file_that_the_user_names(tmp_path: Path) -> None:
    shape = shape_in_file(str(written(tmp_path / "model.json")))
    assert not isinstance(shape, Unfound)
    assert shape.parameters == PARAMETERS
    assert shape.source == str(tmp_path / "model.json")


def test_a_folder_of_models_comes_first_then_the_cache_then_the_table(tmp_path: Path) -> None:
    name = "meta-llama/Llama-3.1-8B"
    assert parameters(name) == shape_named("llama-3-8b").parameters
    cached(tmp_path / "hub", name)
    assert parameters(name) == PARAMETERS
    small = json.dumps({**LLAMA, "num_hidden_layers": 1})
    written(tmp_path / "models" / name / "config.json", small)
    found = parameters(name, tmp_path / "models")
    assert isinstance(found, int)
    assert found < PARAMETERS


def test_a_cached_file_that_is_not_understood_leaves_the_table(tmp_path: Path) -> None:
    name = "meta-llama/Llama-3.1-8B"
    (cached(tmp_path / "hub", name) / "blobs" / "abc").write_text("{}")
    assert parameters(name) == shape_named("llama-3-8b").parameters


def test_another_model_is_unknown() -> None:
    why = parameters("my-org/our-model")
    assert isinstance(why, str)
    assert "--model-config" in why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is not JSON"),
        ("[]", "it is not an object"),
        ("[" * 100_000, "it is not JSON"),
        ('{"a": ' * 50_000, "it is not JSON"),
        (json.dumps({**LLAMA, "hidden_size": float("nan")}), "it is not JSON"),
        (json.dumps(LLAMA).replace("2048", "9" * 5000), "it is not JSON"),
        (json.dumps({**LLAMA, "hidden_size": 10**30}), "`hidden_size` is too large"),
        (json.dumps({**LLAMA, "num_hidden_layers": 10**8}), "`num_hidden_layers` is 100000000"),
        (json.dumps({**LLAMA, "hidden_size": -1}), "`hidden_size` is -1"),
        (" " * (5 * 1024 * 1024), "it is too large to be one"),
    ],
)
def test_a_hostile_file(text: str, why: str, tmp_path: Path) -> None:
    found = shape_in_file(str(written(tmp_path / "model.json", text)))
    assert isinstance(found, Unfound)
    assert found.why == f"{tmp_path}/model.json has no supported model shape: {why}"
    written(tmp_path / "models" / "m" / "config.json", text)
    assert str(parameters("m", tmp_path / "models")).endswith(why)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(b"\xff\xfe{")
    assert isinstance(shape_in_file(str(tmp_path / "model.json")), Unfound)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    found = shape_in_file(str(tmp_path / "none.json"))
    assert isinstance(found, Unfound)
    assert "no such file" in found.why


@pytest.mark.parametrize("name", ["../secret", "a/../../secret", "..", "/etc", "a\0b", "link"])
def test_a_name_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    written(tmp_path / "secret" / "config.json")
    models = tmp_path / "models"
    (models / "a").mkdir(parents=True)
    (models / "link").symlink_to(tmp_path / "secret")
    assert isinstance(parameters(name, models), str)


def test_a_cache_whose_links_lead_out(tmp_path: Path) -> None:
    folder = cached(tmp_path / "hub", "a/b")
    link = folder / "snapshots" / COMMIT / "config.json"
    link.unlink()
    link.symlink_to(written(tmp_path / "secret.json"))
    assert "is outside" in str(parameters("a/b"))


@pytest.mark.parametrize("commit", ["../../..", "main", "", "0" * 39])
def test_a_cache_whose_reference_is_no_commit(commit: str, tmp_path: Path) -> None:
    (cached(tmp_path / "hub", "a/b") / "refs" / "main").write_text(commit)
    assert isinstance(parameters("a/b"), str)


def test_a_pipe_in_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "models" / "m").mkdir(parents=True)
    os.mkfifo(tmp_path / "models" / "m" / "config.json")
    assert "not a regular file" in str(parameters("m", tmp_path / "models"))
