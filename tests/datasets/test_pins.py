"""What is pinned is what is uploaded; and a config compiled with its pins."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import forked
import pytest
from backports import zstd

import sftc
from sftc.datasets import Pin, Unreadable, measure, upload_bytes
from sftc.diagnostics import Finding, Span
from sftc.workspace.pinning import compile_pinned

ROW = '{"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "hi"}]}'
ROWS = [ROW % number for number in range(30)]
CONFIG = b"""[job]
model = "Qwen/Qwen3-4B"
data = "train.jsonl"
[compute]
gpu_type = "H100"
[data]
validation_path = "validation.jsonl"
[training.validation]
eval_steps = 5
"""

TEXTS = {
    "plain": "\n".join(ROWS) + "\n",
    "no line end": "\n".join(ROWS),
    "crlf": "\r\n".join(ROWS) + "\r\n",
    "blank lines": "\n \n" + "\n\n\t\n".join(ROWS) + "\n\n",
    "large row": "\n".join([*ROWS[:3], ROW % ("x" * 3_000_000), *ROWS[3:]]) + "\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("train.jsonl").write_text(TEXTS["plain"])
    Path("validation.jsonl").write_text("".join(row + "\n" for row in ROWS[:5]))
    Path("sft.toml").write_bytes(CONFIG)
    return tmp_path


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("head", [None, 1, 4, 10, 30, 31, 1000])
@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "jsonl.zst"])
def test_the_pin_is_of_the_bytes_that_are_uploaded(
    tmp_path: Path, name: str, head: int | None, suffix: str
) -> None:
    compress: Any = {"jsonl": bytes, "jsonl.gz": gzip.compress, "jsonl.zst": zstd.compress}[suffix]
    path = tmp_path / f"data.{suffix}"
    path.write_bytes(compress(TEXTS[name].encode()))
    pin = measure(str(path), head=head).pin
    uploaded = b"".join(upload_bytes(str(path), head=head))
    rows = [line for line in uploaded.split(b"\n") if line.strip()]
    assert pin == Pin(hashlib.sha256(uploaded).hexdigest(), len(uploaded), len(rows), head)
    assert TEXTS[name].encode().startswith(uploaded)
    all_rows = [line for line in TEXTS[name].encode().split(b"\n") if line.strip()]
    assert rows == all_rows[:head]


def test_the_bytes_of_a_head_are_those_that_head_gives(folder: Path) -> None:
    by_head = subprocess.check_output(["head", "-n", "10", str(folder / "train.jsonl")])
    assert b"".join(upload_bytes("train.jsonl", head=10)) == by_head


def test_rows_after_the_head_do_not_matter(folder: Path) -> None:
    (folder / "train.jsonl").write_text(TEXTS["plain"] + "no row\n")
    assert not measure("train.jsonl").valid
    assert measure("train.jsonl", head=30).valid
    assert not measure("train.jsonl", head=31).valid


def test_an_invalid_dataset_has_no_pin(folder: Path) -> None:
    (folder / "train.jsonl").write_text("{}\n")
    assert measure("train.jsonl").pin is None


@pytest.mark.parametrize("head", [0, -1])
def test_a_head_has_rows(folder: Path, head: int) -> None:
    del folder
    with pytest.raises(ValueError, match="at least 1"):
        measure("train.jsonl", head=head)


def test_a_file_that_cannot_be_read_cannot_be_uploaded(folder: Path) -> None:
    del folder
    with pytest.raises(Unreadable):
        list(upload_bytes("nothing.jsonl"))


def pinned(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return forked.run("compile", "sft.toml", *options, cwd=folder, encoding="utf-8")


def files_of(run: subprocess.CompletedProcess[str]) -> dict[str, dict[str, object]]:
    assert run.returncode == 0, run.stderr
    files: dict[str, dict[str, object]] = json.loads(run.stdout)["metadata"]["sftc"]["files"]
    return files


def facts(data: bytes) -> dict[str, object]:
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "examples": data.count(b"\n"),
    }


def test_without_pin_no_file_is_read(folder: Path) -> None:
    for name in ("train.jsonl", "validation.jsonl"):
        (folder / name).unlink()
    assert files_of(pinned(folder)) == {
        "training": {"path": "train.jsonl"},
        "validation": {"path": "validation.jsonl"},
    }


def test_pin_adds_the_facts_of_each_file(folder: Path) -> None:
    training, validation = (
        (folder / name).read_bytes() for name in ("train.jsonl", "validation.jsonl")
    )
    assert files_of(pinned(folder, "--pin")) == {
        "training": {"path": "train.jsonl", **facts(training)},
        "validation": {"path": "validation.jsonl", **facts(validation)},
    }


@pytest.mark.parametrize("options", [("--examples", "10"), ("--pin", "--examples", "10")])
def test_examples_pin_the_first_rows_of_the_training_dataset(
    folder: Path, options: tuple[str, ...]
) -> None:
    files = files_of(pinned(folder, *options))
    head = b"".join(upload_bytes(str(folder / "train.jsonl"), head=10))
    assert files["training"] == {"path": "train.jsonl", "head": 10, **facts(head)}
    assert files["validation"]["examples"] == 5
    assert "head" not in files["validation"]


def test_dataset_takes_the_place_of_the_config_s(folder: Path) -> None:
    (folder / "other.jsonl").write_text(ROWS[0] + "\n")
    training = files_of(pinned(folder, "--pin", "--dataset", "other.jsonl"))["training"]
    assert (training["path"], training["examples"]) == ("other.jsonl", 1)


def test_a_missing_file_is_found_where_the_config_names_it(folder: Path) -> None:
    (folder / "train.jsonl").rename(folder / "trian.jsonl")
    compiled = compile_pinned(CONFIG, filename="sft.toml")
    (found,) = compiled.diagnostics
    assert not compiled.ok
    assert (found.code, found.file, found.path) == ("SFT401", "sft.toml", ("job", "data"))
    assert found.span == Span(3, 8, 3, 21, "sft.toml")
    assert found.message == (
        "cannot read the training dataset `train.jsonl`: no such file or directory"
    )
    assert found.hint == (f"there is no `train.jsonl` in {folder}; did you mean `trian.jsonl`?")


def test_a_missing_folder_is_named(folder: Path) -> None:
    config = CONFIG.replace(b'"validation.jsonl"', b'"dta/validation.jsonl"')
    (folder / "data").mkdir()
    (found,) = compile_pinned(config, filename="sft.toml").diagnostics
    assert found.path == ("data", "validation_path")
    assert found.hint == f"there is no `dta` in {folder}; did you mean `data`?"


def test_a_missing_file_of_the_option_is_found_in_the_config_at_all(folder: Path) -> None:
    del folder
    compiled = compile_pinned(CONFIG, filename="sft.toml", dataset="nothing.jsonl")
    (found,) = [d for d in compiled.diagnostics if d.code == "SFT401"]
    assert (found.file, found.path) == ("sft.toml", ())
    assert "`nothing.jsonl`" in found.message


def test_what_is_wrong_with_a_dataset_leaves_no_payload(folder: Path) -> None:
    (folder / "train.jsonl").write_text(f"{ROWS[0]}\n{{}}\n{ROWS[0]}\n")
    run = pinned(folder, "--pin")
    assert run.returncode == 1
    assert run.stdout == ""
    assert "train.jsonl:2:1: error[SFT413]: the row has no `messages`" in run.stderr
    assert "train.jsonl:3:1: warning[SFT445]" in run.stderr


def test_warnings_of_a_dataset_count_as_those_of_a_config(folder: Path) -> None:
    (folder / "train.jsonl").write_text(f"{ROWS[0]}\n{ROWS[0]}\n")
    assert files_of(pinned(folder, "--pin"))["training"]["examples"] == 2
    assert pinned(folder, "--pin", "--strict").returncode == 1


def test_pins_are_data_to_the_compiler() -> None:
    pins: Any = {"training": {"sha256": "0" * 64, "bytes": 5, "examples": 1}}
    compiled = sftc.compile_config(CONFIG, pins=pins)
    assert compiled.payload is not None
    files = compiled.payload["metadata"]["sftc"]["files"]
    assert files["training"] == {"path": "train.jsonl", **pins["training"]}
    assert compiled.provenance["/metadata/sftc/files/training/sha256"] == sftc.FromOption("pin")
    problem = Finding("SFT401", words={"what": "it", "reason": "because"})
    (found,) = sftc.compile_config(CONFIG, pins={"validation": problem}).diagnostics
    assert (found.message, found.span.line) == ("cannot read it: because", 7)


def test_rows_of_both_datasets_are_told(folder: Path) -> None:
    compiled = compile_pinned(CONFIG, filename="sft.toml")
    (finding,) = [each for each in compiled.diagnostics if each.code == "SFT480"]
    assert (finding.severity, finding.count, finding.span.document, finding.span.line) == (
        sftc.Severity.WARNING,
        5,
        "validation.jsonl",
        1,
    )
    assert finding.related[0].span.document == "train.jsonl"
    assert compiled.payload
    (folder / "validation.jsonl").write_text("".join(row + "\n" for row in ROWS[25:]))
    head = compile_pinned(CONFIG, filename="sft.toml", head=25)
    assert "SFT480" not in {each.code for each in head.diagnostics}


def test_a_dataset_that_comes_once_is_read_once(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    command = f"cat train.jsonl > pipe & {sys.executable} -m sftc compile --pin sft.toml"
    run = subprocess.run(  # a second reader would wait for ever
        ["bash", "-c", f"{command} --dataset pipe"],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["metadata"]["sftc"]["files"]["training"]["examples"] == 30
