"""Rows that are in the training and in the validation dataset, and rows that are nearly twice."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import forked
import jsonschema
import pytest

from sftc import schemas
from sftc.datasets import Measured, measure
from sftc.datasets.comparing import near, near_duplicates, overlap, shared
from sftc.datasets.comparing.lines import rows
from sftc.datasets.counting import repeats
from sftc.diagnostics import codes

SFTC = [sys.executable, "-m", "sftc"]
ROW = '{"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "%s"}]}\n'
TURNED = '{"messages":[{"content":"%s","role":"user"},{"content":"%s","role":"\\u0061ssistant"}]}\n'
CONFIG = """
[job]
model = "no/such-model"
data = "train.jsonl"
[compute]
gpu_type = "H100"
"""
VALIDATED = '[data]\nvalidation_path = "valid.jsonl"\n[training.validation]\neval_steps = 5\n'


def data(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    offline = {**os.environ, "HF_HUB_OFFLINE": "1"}
    return forked.run("data", *arguments, cwd=folder, env=offline, encoding="utf-8")


def write(path: Path, *rows: str) -> str:
    path.write_text("".join(rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write(tmp_path / "train.jsonl", ROW % (1, 1), "\n", *(ROW % (n, n) for n in range(2, 9)))
    write(
        tmp_path / "valid.jsonl",
        ROW % ("new", "new"),
        TURNED % (3, 3),
        ROW % (" 1", "1\\n"),
        ROW % (2, 2),
        "\n",
        ROW % (2, 2),
    )
    return tmp_path


def places(folder: Path, head: int) -> list[tuple[object, ...]]:
    found = overlap(str(folder / "train.jsonl"), str(folder / "valid.jsonl"), head=head)
    return [(one.code, one.count, one.lines, one.span.line) for one in found]


def test_rows_in_both_are_found_by_content(files: Path) -> None:
    exact, nearly = overlap(
        str(files / "train.jsonl"), str(files / "valid.jsonl"), shown=("t", "v")
    )
    assert (exact.code, exact.count, exact.lines) == ("SFT480", 3, (2, 4, 6))
    assert (exact.span.document, exact.span.line) == ("v", 2)
    assert exact.message == "the row is also in the training dataset, in line 4"
    assert [(one.span.document, one.span.line, one.message) for one in exact.related] == [
        ("t", 4, "the first row equal to line 2"),
        ("t", 3, "the first row equal to line 4"),
        ("t", 3, "the first row equal to line 6"),
    ]
    assert (nearly.code, nearly.count, nearly.span.line) == ("SFT481", 1, 3)
    assert [one.span.line for one in nearly.related] == [1]


def test_each_row_can_be_told_alone(files: Path) -> None:
    found = overlap(str(files / "train.jsonl"), str(files / "valid.jsonl"), each=True)
    assert [(one.code, one.span.line) for one in found] == [
        ("SFT480", 2),
        ("SFT480", 4),
        ("SFT480", 6),
        ("SFT481", 3),
    ]


def test_the_model_may_be_trained_on_the_first_rows_only(files: Path) -> None:
    assert places(files, head=1) == [("SFT481", 1, (), 3)]
    assert places(files, head=2) == [("SFT480", 2, (4, 6), 4), ("SFT481", 1, (), 3)]


def test_the_first_rows_of_a_large_validation_dataset_are_looked_for(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "MOST", 2)
    found = overlap(str(files / "train.jsonl"), str(files / "valid.jsonl"))
    assert [(one.code, one.span.line) for one in found] == [("SFT480", 2), ("SFT483", 1)]
    assert found[1].message == "only the first 2 rows were compared with the training dataset"


def test_a_file_that_cannot_be_read_is_one_finding(files: Path) -> None:
    for names, at in (("no", "valid.jsonl"), "no"), (("train.jsonl", "no"), "no"):
        (found,) = overlap(*(str(files / name) for name in names), shown=names)
        assert (found.code, found.span.document) == ("SFT401", at), names
    (found,) = near_duplicates(str(files / "no"), shown="x")
    assert (found.code, found.span.document) == ("SFT401", "x")


def test_near_duplicates_are_told_and_equal_bytes_are_not(files: Path) -> None:
    rows = [
        ROW % (1, 1),
        ROW % (1, 1),
        TURNED % (1, 1),
        ROW % (2, 2),
        ROW % ("1 ", " 1"),
        ROW % (11, ""),
    ]
    path = write(files / "rows.jsonl", *rows)
    (found,) = near_duplicates(path)
    assert (found.code, found.count, found.lines) == ("SFT482", 2, (3, 5))
    assert [one.span.line for one in found.related] == [1, 1]
    assert near_duplicates(path, head=2) == ()
    assert [one.span.line for one in near_duplicates(path, each=True)] == [3, 5]


def test_rows_that_only_lose_their_white_space_alike_are_no_duplicates(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", ROW % ("a b", 1), ROW % ("ab", 1), ROW % ("ab\\t", 1))
    (found,) = near_duplicates(path)
    assert (found.count, found.span.line, found.related[0].span.line) == (1, 3, 2)


def test_too_many_rows_for_near_duplicates_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "SLOTS", 8)
    path = write(tmp_path / "a.jsonl", *(ROW % (n, n) for n in range(20)), TURNED % (3, 3))
    twice, full = near_duplicates(path)
    assert (twice.code, twice.span.line) == ("SFT482", 21)
    assert full.message == "only the first 6 distinct rows were checked for duplicates"


def test_the_check_compares_with_a_validation_dataset(files: Path) -> None:
    run = data(files, "train.jsonl", "--validation", "valid.jsonl")
    assert run.returncode == 0
    assert run.stdout.count(": valid\n") == 2
    assert run.stderr == (
        "valid.jsonl:2:1: warning[SFT480]: the row is also in the training dataset, in line 4\n"
        "  = 3 times, in lines 2, 4, 6\n"
        "  = train.jsonl:4:1: the first row equal to line 2\n"
        "  = train.jsonl:3:1: the first row equal to line 4\n"
        "  = train.jsonl:3:1: the first row equal to line 6\n"
        "  = the validation loss then measures memorisation\n\n"
        "valid.jsonl:3:1: warning[SFT481]: the row is also in the training dataset, in line 1, "
        "apart from white space\n"
        "  = train.jsonl:1:1: the first row equal to line 3\n"
        "  = the validation loss then measures memorisation\n\n"
        "valid.jsonl:6:1: warning[SFT445]: the row is a duplicate of line 4\n"
        "  = valid.jsonl:4:1: the first such row\n"
        "  = it counts twice in training\n\n"
        "5 warnings\n"
    )


def test_the_findings_are_in_every_format_and_counted(files: Path) -> None:
    (files / "train.jsonl.gz").write_bytes(gzip.compress((files / "train.jsonl").read_bytes()))
    arguments = ("train.jsonl.gz", "--validation", "valid.jsonl", "--examples", "2")
    run = data(files, *arguments, "--format", "json")
    train, valid = map(json.loads, run.stdout.splitlines())
    for facts in (train, valid):
        jsonschema.validate(facts, schemas.load("data"))
    assert (train["rows"], train["findings"], train["head"]) == (2, [], 2)
    assert (valid["rows"], valid["warnings"], valid["valid"], valid["head"]) == (5, 4, True, None)
    assert [(one["code"], one["line"]) for one in valid["findings"]] == [
        ("SFT481", 3),
        ("SFT480", 4),
        ("SFT445", 6),
    ]
    few = json.loads(
        data(files, *arguments, "--format", "json", "--max-errors", "1").stdout.splitlines()[1]
    )
    assert [one["code"] for one in few["findings"]] == ["SFT481"]
    assert (few["warnings"], few["unseen"]) == (4, {"warning": 3})
    each = data(files, *arguments, "--all", "--format", "concise").stdout
    assert each.count("SFT480") == 2


def test_several_training_files_and_one_that_is_not_there(files: Path) -> None:
    write(files / "more.jsonl", ROW % ("new", "new"))
    run = data(files, "more.jsonl", "no.jsonl", "--validation", "valid.jsonl")
    assert run.returncode == 2
    assert "valid.jsonl:1:1: warning[SFT480]" in run.stderr
    assert run.stderr.count("SFT401") == 1
    absent = data(files, "more.jsonl", "--validation", "no.jsonl")
    assert (absent.returncode, absent.stderr.count("SFT401")) == (2, 1)
    same = data(files, "more.jsonl", "--validation", "more.jsonl")
    assert "more.jsonl:1:1: warning[SFT480]" in same.stderr


def test_near_duplicates_are_looked_for_if_asked(files: Path) -> None:
    write(files / "twice.jsonl", ROW % (1, 1), TURNED % (1, 1))
    assert data(files, "twice.jsonl").stderr == ""
    run = data(files, "twice.jsonl", "--near-duplicates")
    assert run.returncode == 0
    assert "twice.jsonl:2:1: warning[SFT482]: the row is a near duplicate of line 1" in run.stderr


def test_the_files_of_a_config(files: Path) -> None:
    write(files / "sft.toml", CONFIG, VALIDATED)
    run = data(files, "--config", "sft.toml", "--format", "json")
    train, valid = map(json.loads, run.stdout.splitlines())
    assert (run.returncode, train["file"], valid["file"]) == (0, "train.jsonl", "valid.jsonl")
    assert {"SFT480", "SFT481"} < {one["code"] for one in valid["findings"]}
    assert "tokens are not counted: " in run.stderr
    write(files / "sft.toml", CONFIG)
    alone = data(files, "--config", "sft.toml", "--format", "json")
    assert [json.loads(line)["file"] for line in alone.stdout.splitlines()] == ["train.jsonl"]
    write(files / "other.jsonl", ROW % (8, 8))
    other = data(files, "--config", "sft.toml", "--validation", "other.jsonl")
    assert "other.jsonl:1:1: warning[SFT480]" in other.stderr
    write(files / "sft.toml", CONFIG.replace('data = "train.jsonl"', ""))
    assert data(files, "--config", "sft.toml").returncode == 2
    write(files / "sft.toml", "[job]\n")
    bad = data(files, "--config", "sft.toml")
    assert (bad.returncode, "error[SFT" in bad.stderr) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("-", "--validation", "valid.jsonl"),
        ("train.jsonl", "--validation", "-"),
        ("-", "--near-duplicates"),
        ("--validation", "valid.jsonl"),
    ],
)
def test_wrong_usage(files: Path, arguments: tuple[str, ...]) -> None:
    run = data(files, *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert "Traceback" not in run.stderr


def test_what_was_measured_keeps_its_order(files: Path) -> None:
    path = write(files / "bad.jsonl", ROW % (1, 1), ROW % (1, 1), "{}\n", TURNED % (1, 1))
    measured: Measured = measure(path)
    more = measured.also(near_duplicates(path))
    assert [one.code for one in more.diagnostics] == ["SFT413", "SFT445", "SFT482"]
    assert (sum(more.counts.values()), dict(more.unseen)) == (3, {})
    few = measured.also(near_duplicates(path), most=1)
    assert [one.code for one in few.diagnostics] == ["SFT413", "SFT445"]
    assert {str(severity): count for severity, count in few.unseen.items()} == {"warning": 1}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a\\nb", "a\\tb"),  # a backslash and a letter
        ('say "b"', 'say"b"'),
        ("a \\", "a\\"),
        ("a\u200bb", "a b"),  # which is no white space
    ],
)
def test_what_is_no_white_space_counts(one: str, other: str, tmp_path: Path) -> None:
    rows = [json.dumps({"prompt": text}) + "\n" for text in (one, other)]
    assert near_duplicates(write(tmp_path / "a.jsonl", *rows)) == ()


@pytest.mark.parametrize("lost", [1, -1])
def test_a_file_that_changes_before_its_near_duplicates_are_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    path = write(tmp_path / "a.jsonl", ROW % (1, 1), TURNED % (1, 1), ROW % (2, 2))
    found = list(rows(path))
    readings = [found, found[:-1] if lost > 0 else [*found, found[-1]]]
    monkeypatch.setattr(near, "rows", lambda *_, **__: iter(readings.pop(0)))
    (finding,) = near_duplicates(path)
    assert finding.code == codes.CHANGED_WHILE_READ
