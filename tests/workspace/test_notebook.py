"""Datasets from Python: frozen values, the same facts as the command line's, and plots."""

import dataclasses
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import tiny_tokenizer

import sftc
from sftc.datasets import measure

ROW = {"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}
BAD = {"messages": [{"role": "user", "content": "<script>alert(1)</script>"}]}
TOKENS = len("^user_2+2?$_^assistant_4$_")
CONFIG = """[job]
model = "Qwen/Qwen3-4B"
data = "train.jsonl"
[compute]
gpu_type = "H100"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    tiny_tokenizer.save(tmp_path / "tok")
    (tmp_path / "train.jsonl").write_text(json.dumps(ROW) + "\n")
    (tmp_path / "bad.jsonl").write_text(json.dumps(ROW) + "\n" + (json.dumps(BAD) + "\n") * 3)
    return tmp_path


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_checked_dataset_has_the_facts_of_the_command(folder: Path) -> None:
    checked = sftc.check_dataset(folder / "bad.jsonl")
    assert checked.facts() == measure(str(folder / "bad.jsonl")).facts()
    assert (checked.valid, checked.errors, checked.warnings, checked.rows) == (False, 3, 0, 4)
    assert [(found.code, found.count) for found in checked.diagnostics] == [("SFT441", 3)]
    assert checked.pin is None
    page = Page(checked._repr_html_())
    assert (page.tags.count("svg"), "script" in page.tags) == (1, False)
    assert "SFT441" in page.text
    for value, name in ((checked, "rows"), (checked, "errors"), (checked.statistics, "tools")):
        with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
            setattr(value, name, 1)


def test_statistics_with_tokens(folder: Path) -> None:
    plain = sftc.dataset_statistics("train.jsonl")
    assert (plain.rows, plain.tokens, dict(plain.roles)) == (1, None, {"user": 1, "assistant": 1})
    assert plain == sftc.dataset_statistics(Path("train.jsonl"))
    found = sftc.dataset_statistics("train.jsonl", tokenizer="tok", sequence_length=20)
    assert found.tokens
    assert (found.tokens.total, found.tokens.cut, found.tokens.trained) == (TOKENS, TOKENS - 20, 0)
    page = Page(found._repr_html_())
    assert page.tags.count("svg") == 2
    assert "learned tokens" in page.text
    (folder / "empty.jsonl").write_bytes(b"\x1f\x8b damaged")
    with pytest.raises(sftc.InvalidInputError, match="SFT4") as raised:
        sftc.dataset_statistics("empty.jsonl")
    assert raised.value.diagnostics


def test_a_pin_is_what_compile_takes(folder: Path) -> None:
    pin = sftc.pin("train.jsonl")
    compiled = sftc.compile_config(CONFIG, pins={"training": pin})
    assert compiled.payload
    pinned = compiled.payload["metadata"]["sftc"]["files"]["training"]
    assert pinned == {"path": "train.jsonl", **pin.facts()}
    assert set(pin.facts()) == {"sha256", "bytes", "examples"}
    with_tokens = sftc.pin("train.jsonl", tokenizer="tok")
    assert with_tokens.facts() == {
        **pin.facts(),
        "tokenizer": "tok",
        "tokens": TOKENS,
        "tokens_cut": 0,
        "trained_tokens": len("4$"),
    }
    cut = sftc.pin("train.jsonl", tokenizer="tok", sequence_length=100)
    with pytest.raises(ValueError, match="sequence length 100, but the config has None"):
        sftc.compile_config(CONFIG, pins={"training": cut})
    same = CONFIG + "[hyperparameters]\nsequence_length = 100\n"
    assert sftc.compile_config(same, pins={"training": cut}).payload
    with pytest.raises(sftc.InvalidInputError, match="SFT441"):
        sftc.pin(folder / "bad.jsonl")
    assert sftc.pin(folder / "bad.jsonl", examples=1).head == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"path": "-"}, "standard input"),
        ({"path": "train.jsonl", "sequence_length": 5}, "need a tokenizer"),
        ({"path": "train.jsonl", "chat_template": "x"}, "need a tokenizer"),
        ({"path": "train.jsonl", "tokenizer": "tok", "sequence_length": 0}, "at least 1"),
        ({"path": "train.jsonl", "examples": 0}, "at least 1"),
        ({"path": "train.jsonl", "max_errors": -1}, "at least 0"),
        ({"path": "train.jsonl", "tokenizer": "no/where/at/all"}, "there is no folder"),
    ],
)
def test_arguments_that_cannot_be(folder: Path, arguments: dict[str, object], said: str) -> None:
    del folder
    with pytest.raises(ValueError, match=said):
        sftc.check_dataset(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        ({"train": {}}, "the config has no train dataset"),
        ({"validation": {"sha256": "0" * 64}}, "the config has no validation dataset"),
        ({"training": {"sha256": "x"}}, "is not a pin"),
        ({"training": {"colour": "x"}}, "is not a pin"),
        ({"training": 1}, "is not a pin"),
    ],
)
def test_pins_that_cannot_be(pins: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sftc.compile_config(CONFIG, pins=pins)


def test_the_api_can_be_completed() -> None:
    assert {"check_dataset", "pin", "diff", "compile_config"} <= set(dir(sftc))
