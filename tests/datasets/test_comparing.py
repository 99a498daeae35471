"""`sftc data diff`: each folder of `comparing/` holds two files, and what they differ in.

`SFTC_REWRITE=1 pytest` writes what is found as what is expected.
"""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import forked
import jsonschema
import pytest
from backports import zstd

from sftc import report, schemas
from sftc.datasets import Unreadable
from sftc.datasets.comparing import compare
from sftc.datasets.reading import blocks
from sftc.report import Format

CASES = Path(__file__).with_name("comparing")
NAMES = sorted(path.name for path in CASES.iterdir())
SFTC = [sys.executable, "-m", "sftc"]
ROW = '{"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "%s"}]}\n'


def diff(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return forked.run("data", "diff", *arguments, cwd=folder, encoding="utf-8")


@pytest.mark.slow_but_first
@pytest.mark.parametrize("case", NAMES)
def test_two_files_differ_as_expected(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / case)
    found = compare("old.jsonl", "new.jsonl")
    facts, shown = found.facts(), found.shown(10)
    printed = report.dataset_difference(Format.JSON, facts, shown)
    jsonschema.validate(json.loads(printed), schemas.load("data-diff"))
    text = report.dataset_difference(Format.TEXT, facts, shown)
    readable = json.dumps(json.loads(printed), indent=1) + "\n"
    for name, got in (("expected.txt", text), ("expected.json", readable)):
        if os.environ.get("SFTC_REWRITE"):
            Path(name).write_text(got, encoding="utf-8")
        assert got == Path(name).read_text(encoding="utf-8")
    assert bool(found) == any(facts[kind] for kind in ("added", "removed", "changed"))


@pytest.mark.parametrize("case", NAMES)
def test_a_folder_holds_two_files_and_what_is_expected(case: str) -> None:
    names = sorted(path.name for path in (CASES / case).iterdir())
    assert names == ["expected.json", "expected.txt", "new.jsonl", "old.jsonl"]


def write(path: Path, *rows: str) -> str:
    path.write_text("".join(rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write(tmp_path / "old.jsonl", ROW % ("2+2?", "4"), ROW % ("3+3?", "7"))
    write(tmp_path / "new.jsonl", ROW % ("3+3?", "6"), ROW % ("2+2?", "4"))
    return tmp_path


def test_exit_codes(files: Path) -> None:
    same = diff(files, "old.jsonl", "old.jsonl")
    assert (same.returncode, same.stderr) == (0, "")
    assert same.stdout == "old.jsonl → old.jsonl: 2 the same\n  rows  2 → 2\n"
    other = diff(files, "old.jsonl", "new.jsonl")
    assert (other.returncode, other.stderr) == (1, "")
    assert other.stdout == (
        "old.jsonl → new.jsonl: 1 changed, 1 the same\n"
        "  rows  2 → 2\n"
        "~ old.jsonl:2 → new.jsonl:1\n"
        "    messages[1].content (assistant): [-7-]{+6+}\n"
    )
    for wrong in (
        ["old.jsonl"],
        ["old.jsonl", "new.jsonl", "--max-rows", "-1"],
        ["-", "old.jsonl"],
    ):
        run = diff(files, *wrong)
        assert (run.returncode, run.stdout) == (2, "")
        assert "Traceback" not in run.stderr


def test_what_cannot_be_read_is_named(files: Path) -> None:
    (files / "page.jsonl").write_text("<!doctype html>")
    (files / "cut.jsonl.gz").write_bytes(gzip.compress(b"{}\n" * 9)[:-4])
    for names, said in (
        (("no", "old.jsonl"), ["no:1:1: error[SFT401]: cannot read the file"]),
        (("no", "nor"), ["no:1:1: error[SFT401]", "nor:1:1: error[SFT401]"]),
        (("old.jsonl", "page.jsonl"), ["page.jsonl:1:1: error[SFT402]: the file is an HTML"]),
        (("cut.jsonl.gz", "old.jsonl"), ["cut.jsonl.gz:1:1: error[SFT405]"]),
    ):
        run = diff(files, *names)
        assert (run.returncode, run.stdout) == (2, ""), names
        assert all(part in run.stderr for part in said), run.stderr


def test_compressed_files_are_compared_by_what_they_hold(files: Path) -> None:
    text = (files / "old.jsonl").read_bytes()
    (files / "old.jsonl.gz").write_bytes(gzip.compress(text))
    (files / "old.jsonl.zst").write_bytes(zstd.compress(text))
    assert diff(files, "old.jsonl.gz", "old.jsonl.zst").returncode == 0
    assert diff(files, "new.jsonl", "old.jsonl.zst").returncode == 1


def test_json_has_all_lines_and_shows_the_first_changes(files: Path) -> None:
    write(files / "old.jsonl", *(ROW % (n, "no") for n in range(30)))
    write(files / "new.jsonl", *(ROW % (n, "yes") for n in range(10, 40)))
    run = diff(files, "old.jsonl", "new.jsonl", "--format", "json", "--max-rows", "2")
    found = json.loads(run.stdout)
    jsonschema.validate(found, schemas.load("data-diff"))
    assert run.returncode == 1
    assert found["removed"] == list(range(1, 11))
    assert found["added"] == list(range(21, 31))
    assert [row["old"] - row["new"] for row in found["changed"]] == [10] * 20
    assert [len(row.get("changes", [])) for row in found["changed"]] == [1, 1] + [0] * 18
    none = diff(files, "old.jsonl", "new.jsonl", "--max-rows", "0")
    assert none.stdout.splitlines()[2:] == [
        "  10 removed; see --max-rows",
        "  10 added; see --max-rows",
        "  20 changed; see --max-rows",
    ]


def test_names_and_rows_of_strangers_are_made_printable(files: Path) -> None:
    name = "old\x1b[31m\n.jsonl"
    write(files / name, ROW % ("\\u001b[2J", "\u202e"))
    run = diff(files, name, "new.jsonl")
    assert run.returncode == 1
    assert not {"\x1b", "\u202e"} & set(run.stdout)
    assert run.stdout.startswith("old\\u001B[31m\\n.jsonl → new.jsonl: ")


def test_a_file_that_changes_between_two_readings_is_refused(files: Path) -> None:
    old, new = files / "old.jsonl", files / "new.jsonl"
    found = compare(str(old), str(new))
    text = old.read_text("utf-8")
    for changed in (text.replace("7", "8"), ROW % ("2+2?", "4")):
        old.write_text(changed, encoding="utf-8")
        with pytest.raises(Unreadable) as caught:
            found.shown(10)
        finding = caught.value.finding
        assert (finding.code, finding.span and finding.span.document) == ("SFT404", str(old))


@pytest.mark.parametrize("around", ["", " " * 600_000])
def test_rows_too_large_for_memory_are_compared_as_bytes(
    around: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "LARGEST", 100_000)
    large = (ROW % ("a", "b" * 700_000)).strip()
    old = write(tmp_path / "old.jsonl", ROW % ("a", "b"), around, large, around, "\n", ROW % (1, 2))
    new = write(tmp_path / "new.jsonl", large, "\n", ROW % (1, 2), ROW % ("a", "b"))
    assert not compare(old, new)
    assert list(compare(old, new).old.as_bytes) == [2]
    other = write(tmp_path / "other.jsonl", ROW % (1, 2), large[:-1], " }\n", ROW % ("a", "b"))
    found = compare(old, other)
    assert (found.facts()["removed"], found.facts()["added"]) == ([2], [2])
    assert found.shown(1)["removed"] == [(2, "(more than 10 MB)")]


def test_rows_of_very_many_values_are_compared_as_bytes(tmp_path: Path) -> None:
    many = json.dumps({"messages": [0] * 300_000})
    old = write(tmp_path / "old.jsonl", many, "\n")
    new = write(tmp_path / "new.jsonl", many.replace(", ", ","), "\n")
    found = compare(old, new)
    assert list(found.old.as_bytes) == list(found.new.as_bytes) == [1]
    assert (list(found.removed), list(found.added)) == ([0], [0])


def test_a_large_change_is_not_looked_into(tmp_path: Path) -> None:
    old = write(tmp_path / "old.jsonl", ROW % ("a", "b" * 2_000_000))
    new = write(tmp_path / "new.jsonl", ROW % ("a", "c" * 2_000_000))
    found = compare(old, new)
    facts, shown = found.facts(), found.shown(1)
    assert facts["changed"] == [{"old": 1, "new": 1}]
    text = report.dataset_difference(Format.TEXT, facts, shown)
    assert text.endswith(f"~ {old}:1 → {new}:1\n    too large to show\n")
    assert "changes" not in json.loads(report.dataset_difference(Format.JSON, facts, shown))


def test_colours(files: Path) -> None:
    old, new = str(files / "old.jsonl"), str(files / "new.jsonl")
    found = compare(old, new)
    text = report.dataset_difference(Format.TEXT, found.facts(), found.shown(1), colour=True)
    assert "(assistant): \x1b[31m7\x1b[0m\x1b[32m6\x1b[0m\n" in text
