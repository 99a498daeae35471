"""`sftc data convert` and `sftc data fix` as people and programs run them."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import forked
import jsonschema
import pytest
from backports import zstd

from sftc import schemas
from sftc.commands.data_convert import From
from sftc.datasets.converting import FORMATS

SFTC = [sys.executable, "-m", "sftc", "data"]
GOOD = '{"instruction": "é?", "output": "a", "id": 1}\n'
BAD = '{"instruction": "q", "output": ""}\n'
OURS = '{"messages":[{"role":"user","content":"é?"},{"role":"assistant","content":"a"}]'
ROW = OURS + ',"metadata":{"id":1}}\n'
NEARLY = OURS.replace("user", "usr") + "}\n"


def data(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return forked.run("data", *arguments, cwd=folder, input=stdin)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_command_has_each_format() -> None:
    assert [member.value for member in From] == list(FORMATS)
    schema = schemas.load("convert")
    assert schema["properties"]["from"]["enum"] == list(FORMATS)


def test_rows_go_to_standard_output(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD)
    run = data(tmp_path, "convert", "--from", "alpaca", "a.jsonl")
    assert (run.returncode, run.stdout.decode()) == (0, ROW)
    assert run.stderr.decode() == (
        "a.jsonl:1:38: note[SFT471]: `id` is not part of a conversation: it is kept in `metadata`\n"
        f"  1 | {GOOD}"
        "    |                                      ^^^^\n\n"
        "1 note\n"
        "a.jsonl: 1 of 1 rows converted\n"
    )


def test_with_errors_the_good_rows_are_printed_and_no_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD + BAD)
    run = data(tmp_path, "convert", "--from", "alpaca", "a.jsonl")
    assert (run.returncode, run.stdout.decode()) == (1, ROW)
    out = tmp_path / "new" / "out.jsonl"
    run = data(tmp_path, "convert", "--from", "alpaca", "a.jsonl", "-o", "new/out.jsonl")
    assert (run.returncode, run.stdout) == (1, b"a.jsonl: 1 of 2 rows converted, 1 left out\n")
    assert run.stderr.endswith(b"1 error, 1 note\nnew/out.jsonl was not written.\n")
    assert names(tmp_path) == ["a.jsonl"]
    out.parent.mkdir()
    out.write_text("old")
    assert data(tmp_path, "convert", "--from", "alpaca", "a.jsonl", "-o", str(out)).returncode == 1
    assert (out.read_text(), names(out.parent)) == ("old", ["out.jsonl"])
    run = data(tmp_path, "convert", "--from", "alpaca", "a.jsonl", "-o", str(out), "--skip-errors")
    assert (run.returncode, out.read_text("utf-8")) == (0, ROW)
    assert names(out.parent) == ["out.jsonl"]
    (tmp_path / "a.jsonl").write_text(BAD)
    run = data(tmp_path, "convert", "--from", "alpaca", "a.jsonl", "-o", str(out), "--skip-errors")
    assert run.returncode == 1  # no row is left


def test_what_cannot_be_read_to_its_end_is_not_written_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(f"[{GOOD},{{]")
    run = data(tmp_path, "convert", "--from", "alpaca", "a.json", "-o", "out", "--skip-errors")
    assert run.returncode == 1
    assert b"the file could not be read to its end" in run.stdout
    assert names(tmp_path) == ["a.json"]
    run = data(tmp_path, "convert", "--from", "alpaca", "missing.json")
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"error[SFT401]" in run.stderr


@pytest.mark.parametrize("command", [("convert", "--from", "openai-legacy"), ("fix",)])
@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_a_file_is_not_written_over_itself(
    tmp_path: Path, command: tuple[str, ...], link: object
) -> None:
    (tmp_path / "a.jsonl").write_text(NEARLY)
    name = "b.jsonl" if callable(link) else "./a.jsonl"
    if callable(link):
        link(tmp_path / "a.jsonl", tmp_path / name)
    run = data(tmp_path, *command, "a.jsonl", "-o", name)
    said = f"sftc: {name} is the input: write to another file\n"
    assert (run.returncode, run.stderr.decode()) == (2, said)
    assert (tmp_path / "a.jsonl").read_text() == NEARLY


def test_json_does_not_mix_with_rows(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD + BAD)
    run = data(tmp_path, "convert", "--from", "alpaca", "a.jsonl", "--format", "json")
    assert run.stdout.decode() == ROW
    facts = json.loads(run.stderr)
    jsonschema.validate(facts, schemas.load("convert"))
    assert (facts["rows"], facts["written"], facts["output"]) == (2, 1, None)
    assert [one["code"] for one in facts["findings"]] == ["SFT443", "SFT471"]
    run = data(
        tmp_path, "convert", "--from", "alpaca", "a.jsonl", "--format", "json", "-o", "o",
        "--skip-errors", "--max-errors", "0",
    )  # fmt: skip
    facts = json.loads(run.stdout)
    assert (run.stderr, facts["output"], facts["findings"]) == (b"", "o", [])
    assert facts["unseen"] == {"error": 1, "note": 1}
    (tmp_path / "b.jsonl").write_text(NEARLY)
    run = data(tmp_path, "fix", "b.jsonl", "-o", "o", "--format", "json")
    facts = json.loads(run.stdout)
    jsonschema.validate(facts, schemas.load("fix"))
    assert (run.returncode, run.stderr, facts["output"]) == (0, b"", "o")
    assert facts["changes"] == [{"kind": "roles", "count": 1, "lines": [1]}]


def test_a_stream_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text(NEARLY)
    run = data(tmp_path, "fix", "b.jsonl", "-o", "/dev/stdout")
    assert (run.returncode, run.stdout.decode()) == (0, OURS + "}\n")
    assert run.stderr.decode() == "b.jsonl: fixed\n  1 role corrected (line 1)\n"


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_compressed_files_and_standard_input(tmp_path: Path, suffix: str) -> None:
    text = GOOD.encode()
    packed = {"": text, ".gz": gzip.compress(text), ".zst": zstd.compress(text)}[suffix]
    (tmp_path / f"a.jsonl{suffix}").write_bytes(packed)
    run = data(tmp_path, "convert", "--from", "alpaca", f"a.jsonl{suffix}")
    assert (run.returncode, run.stdout.decode()) == (0, ROW)
    run = data(tmp_path, "fix", "-", "-o", "-", stdin=NEARLY.encode())
    assert (run.returncode, run.stdout.decode()) == (0, OURS + "}\n")


def test_what_is_left_after_a_fix_is_told_in_the_new_file(tmp_path: Path) -> None:
    blank = OURS.replace('"a"', '" "') + "}\n"
    (tmp_path / "b.jsonl").write_text(NEARLY + blank)
    run = data(tmp_path, "fix", "b.jsonl", "-o", "new.jsonl")
    assert run.returncode == 1
    assert run.stderr.startswith(b"new.jsonl:2:45: error[SFT443]")
    assert run.stdout.decode() == "b.jsonl: fixed\n  1 role corrected (line 1)\n"
    assert (tmp_path / "new.jsonl").read_text("utf-8") == OURS + "}\n" + blank
    run = data(tmp_path, "fix", "new.jsonl", "-o", "newer.jsonl")
    assert (run.returncode, run.stdout) == (1, b"new.jsonl: nothing to fix\n")


def test_rows_of_another_format_are_sent_to_convert(tmp_path: Path) -> None:
    (tmp_path / "a b.jsonl").write_text(GOOD)
    run = data(tmp_path, "fix", "a b.jsonl", "-o", "new.jsonl")
    assert run.returncode == 1
    assert run.stdout.decode() == (
        "a b.jsonl: nothing to fix\n"
        "Most rows need: sftc data convert --from alpaca 'a b.jsonl' -o OUT\n"
    )
    run = data(tmp_path, "fix", "-", "-o", "-", stdin=GOOD.encode())
    assert run.stderr.decode().endswith("convert --from alpaca - -o OUT\n")


def test_legacy_functions_that_are_left_are_told(tmp_path: Path) -> None:
    row = OURS + ',"functions":{"name":"f"}}\n'
    (tmp_path / "a.jsonl").write_text(row * 2)
    run = data(tmp_path, "fix", "a.jsonl", "-o", "o")
    assert run.stdout.decode() == (
        "a.jsonl: nothing could be fixed\n"
        "  2 rows keep legacy functions, calls or answers (lines 1, 2): "
        "`functions` must be an array, not an object\n"
    )
    assert (tmp_path / "o").read_text("utf-8") == row * 2
    run = data(tmp_path, "fix", "a.jsonl", "-o", "o", "--format", "json")
    jsonschema.validate(json.loads(run.stdout), schemas.load("fix"))


def test_a_file_that_is_no_dataset_is_not_fixed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    run = data(tmp_path, "fix", "a.csv", "-o", "o")
    assert run.returncode == 1
    assert b"a.csv:1:1: error[SFT402]: the file is CSV, not JSONL" in run.stderr
    assert names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("data", [b"\xff\xfe{\x00\x00\xd8", b'[{"messages": ['])
def test_what_cannot_be_read_to_its_end_is_not_called_fixed(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    run = subprocess.run(
        [*SFTC, "fix", "a", "-o", "o"], cwd=tmp_path, capture_output=True, check=False
    )
    assert (run.returncode, run.stdout) == (
        1,
        b"a: not fixed: the file could not be read to its end\n",
    )
    assert run.stderr.endswith(b"o was not written.\n")
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("command", [("convert", "--from", "openai-legacy"), ("fix",)])
def test_sigterm_leaves_nothing_behind(tmp_path: Path, command: tuple[str, ...]) -> None:
    # The writer has begun once the temporary file is there; the pipe stays open until the end.
    with subprocess.Popen(
        [*SFTC, *command, "-", "-o", "new/o"], cwd=tmp_path, stdin=subprocess.PIPE
    ) as process:
        while not any(tmp_path.glob("new/.sftc-*.tmp")):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 143
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("convert", "a.jsonl"),
        ("convert", "a.jsonl", "--from", "vicuna"),
        ("convert", "--from", "alpaca", "a.jsonl", "-o", "."),
        ("convert", "--from", "alpaca", "a.jsonl", "-o", ""),
        ("fix", "a.jsonl"),
        ("fix", "-o", "b"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD)
    assert data(tmp_path, *arguments).returncode == 2


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD)
    run = data(tmp_path, "convert", "--from", "alpaca", "a.jsonl", "-o", "a.jsonl/b")
    assert run.returncode == 1
    assert run.stderr == b"sftc: cannot write a.jsonl/b: not a directory\n"
    run = data(tmp_path, "fix", "a.jsonl", "-o", "/dev/full")
    assert run.returncode == 1
    assert run.stderr == b"sftc: cannot write /dev/full: no space left on device\n"
