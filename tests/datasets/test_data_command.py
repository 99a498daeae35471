"""`sftc data` as people and programs run it."""

import gzip
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from sftc import schemas

GOOD = (
    '{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}\n'
)
BAD = '{"messages": [{"role": 5}]}\n'
SFTC = [sys.executable, "-m", "sftc"]


def data(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [*SFTC, "data", *arguments]
    return subprocess.run(command, cwd=folder, input=stdin, capture_output=True, check=False)


def test_a_valid_file(tmp_path: Path) -> None:
    tool = '{"messages": [{"role": "assistant", "content": "é"}], "tools": [{"name": "f"}]}\n'
    (tmp_path / "train.jsonl").write_text(GOOD + tool)
    run = data(tmp_path, "train.jsonl")
    assert (run.returncode, run.stderr) == (0, b"")
    text = run.stdout.decode()
    sha256 = "".join(re.findall(r"sha256 +([0-9a-f]{64})\n", text))
    assert text == (
        "train.jsonl: valid\n"
        "  rows        2 (1 with tools)\n"
        "  bytes       172\n"
        f"  sha256      {sha256}\n"
        "  messages    3 (2 assistant, 1 user)\n"
        "  characters  79 in the shortest row, 79 in the median, 90 in the longest\n"
    )


def test_a_file_with_errors(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(GOOD + BAD * 30)
    run = data(tmp_path, "train.jsonl", "--max-errors", "2")
    assert run.returncode == 1
    assert run.stdout.startswith(b"train.jsonl: not valid\n")
    assert run.stderr.decode() == (
        "train.jsonl:2:24: error[SFT414]: `messages[0].role` must be a string, not a number\n"
        '  2 | {"messages": [{"role": 5}]}\n'
        "    |                        ^\n\n"
        "train.jsonl:3:24: error[SFT414]: `messages[0].role` must be a string, not a number\n"
        '  3 | {"messages": [{"role": 5}]}\n'
        "    |                        ^\n\n"
        "2 errors\n"
        "and 28 more errors; see --max-errors\n"
    )
    assert data(tmp_path, "train.jsonl").stderr.count(b"error[SFT414]") == 20


def test_warnings_do_not_make_a_file_invalid(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(GOOD * 2)
    run = data(tmp_path, "train.jsonl")
    assert run.returncode == 0
    assert b"warning[SFT445]" in run.stderr


def test_several_files_and_json(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress((GOOD + BAD).encode()))
    run = data(tmp_path, "a.jsonl", "b.jsonl.gz", "c.jsonl", "--format", "json")
    assert (run.returncode, run.stderr) == (1, b"")
    a, b, c = [json.loads(line) for line in run.stdout.splitlines()]
    for facts in (a, b, c):
        jsonschema.validate(facts, schemas.load("data"))
    assert [a["file"], b["file"], c["file"]] == ["a.jsonl", "b.jsonl.gz", "c.jsonl"]
    assert [a["valid"], b["valid"], c["valid"]] == [True, False, False]
    assert [a["rows"], b["rows"], c["rows"]] == [1, 2, 0]
    assert (a["bytes"], c["sha256"], a["findings"]) == (len(GOOD), None, [])
    assert a["roles"] == {"assistant": 1, "user": 1}
    (found,) = b["findings"]
    assert (found["code"], found["line"]) == ("SFT414", 2)
    assert found["path"] == ["messages", 0, "role"]
    assert c["findings"][0]["code"] == "SFT401"


def test_standard_input(tmp_path: Path) -> None:
    run = data(tmp_path, "-", "--format", "json", stdin=(GOOD + BAD).encode())
    facts = json.loads(run.stdout)
    assert (facts["file"], facts["rows"]) == ("<stdin>", 2)
    assert facts["findings"][0]["file"] == "<stdin>"


def test_the_first_rows_only(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(GOOD + BAD)
    run = data(tmp_path, "train.jsonl", "--examples", "1", "--format", "json")
    facts = json.loads(run.stdout)
    assert (run.returncode, facts["rows"], facts["head"]) == (0, 1, 1)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_processes_can_be_chosen(tmp_path: Path, jobs: str) -> None:
    (tmp_path / "train.jsonl").write_text(GOOD)
    assert data(tmp_path, "train.jsonl", "--jobs", jobs).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [(), ("--max-errors", "-1", "a"), ("--examples", "0", "a"), ("--jobs", "0", "a")],
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert data(tmp_path, *arguments).returncode == 2


def test_names_that_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "train.jsonl").write_text(GOOD)
    run = data(tmp_path, "folder", "trian.jsonl", "no/where.jsonl", "a\nb")
    said = run.stderr.decode()
    assert "folder:1:1: error[SFT401]: cannot read the file: is a directory" in said
    assert "did you mean `train.jsonl`?" in said
    assert f"there is no `no` in {tmp_path}" in said
    assert "Traceback" not in said


def on_a_terminal(folder: Path, *arguments: str) -> str:
    """Run with a terminal as the output and for errors, and return what it shows."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*SFTC, "data", *arguments], cwd=folder, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        shown += piece
        if not piece:
            break
    os.close(ours)
    process.wait()
    return shown.decode()


def test_a_terminal_shows_how_long_rows_are(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(GOOD * 3 + GOOD.replace("4", "4" * 300))
    shown = on_a_terminal(tmp_path, "train.jsonl")
    assert "< 128  ████████████████████████████████████████ 3" in shown
    assert "< 512  █████████████▍ 1" in shown


def test_a_long_line_is_shown_around_the_place(tmp_path: Path) -> None:
    said = "é" * 300
    row = f'{{"messages": [{{"content": "{said}", "role": "", "name": "{said}"}}]}}\n'
    (tmp_path / "train.jsonl").write_text(row, encoding="utf-8")
    run = data(tmp_path, "train.jsonl")
    assert run.stderr.decode() == (
        "train.jsonl:1:339: error[SFT416]: `messages[0].role` is blank\n"
        f'  1 | …{"é" * 29}", "role": "", "name": "{"é" * 67}…\n'
        f"    | {' ' * 41}^^\n\n"
        "1 error\n"
    )


def test_a_terminal_shows_progress_of_what_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFTC_PURE", "1")  # with the accelerator it would take a gigabyte
    with (tmp_path / "train.jsonl").open("w") as file:
        for number in range(300_000):
            file.write(GOOD.replace("2+2", str(number)))
    shown = on_a_terminal(tmp_path, "train.jsonl", "--jobs", "1")
    assert "MB/s" in shown
    assert "train.jsonl: valid" in shown
