"""`sftc data` as people and programs run it."""

import gzip
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import forked
import jsonschema
import pytest

from sftc import schemas

GOOD = (
    '{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}\n'
)
BAD = '{"messages": [{"role": 5}]}\n'
SFTC = [sys.executable, "-m", "sftc"]


def data(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return forked.run("data", *arguments, cwd=folder, input=stdin)


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


def test_equal_errors_are_one(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(GOOD + BAD * 30)
    run = data(tmp_path, "train.jsonl")
    assert run.returncode == 1
    assert run.stdout.startswith(b"train.jsonl: not valid\n")
    assert run.stderr.decode() == (
        "train.jsonl:2:24: error[SFT414]: `messages[0].role` must be a string, not a number\n"
        '  2 | {"messages": [{"role": 5}]}\n'
        "    |                        ^\n"
        "    = 30 times, in lines 2, 3, 4, 5, 6, …\n\n"
        "30 errors\n"
    )
    every = data(tmp_path, "train.jsonl", "--all")
    assert every.stderr.count(b"error[SFT414]") == 30
    assert every.stdout == run.stdout


@pytest.mark.slow
def test_errors_come_first_and_are_counted(tmp_path: Path) -> None:
    unknown = "".join(GOOD.replace("user", f"role{number}") for number in range(30))
    (tmp_path / "train.jsonl").write_text(unknown + GOOD * 500 + BAD + "{}\n")
    run = data(tmp_path, "train.jsonl", "--max-errors", "1")
    assert run.stderr.decode() == (
        "train.jsonl:531:24: error[SFT414]: `messages[0].role` must be a string, not a number\n"
        '  531 | {"messages": [{"role": 5}]}\n'
        "      |                        ^\n\n"
        "train.jsonl:1:24: warning[SFT446]: `messages[0].role` is `role0`, which chat templates do "
        "not know\n"
        f"  1 | {GOOD.replace('user', 'role0')}"
        "    |                        ^^^^^^^\n"
        "    = most chat templates reject an unknown role, some drop the message\n\n"
        "1 error, 1 warning\n"
        "and 1 more error, 528 more warnings; see --max-errors and --all\n"
    )
    for arguments, shown in (((), 2 + 20), (("--max-errors", "0"), 0), (("--all",), 531)):
        run = data(tmp_path, "train.jsonl", "--format", "json", *arguments)
        facts = json.loads(run.stdout)
        jsonschema.validate(facts, schemas.load("data"))
        assert (facts["version"], facts["errors"], facts["warnings"]) == (1, 2, 529)
        found = facts["findings"]
        severities = [finding["severity"] for finding in found]
        assert severities == sorted(severities)
        assert len(found) == shown
        counted = sum(finding.get("count", 1) for finding in found)
        assert counted + sum(facts["unseen"].values()) == 531


def test_findings_that_stand_for_many_rows_say_so(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(GOOD * 7)
    (found,) = json.loads(data(tmp_path, "train.jsonl", "--format", "json").stdout)["findings"]
    assert (found["code"], found["count"], found["lines"]) == ("SFT445", 6, [2, 3, 4, 5, 6])
    concise = data(tmp_path, "train.jsonl", "--format", "concise").stdout.decode()
    assert concise == (
        "train.jsonl:2:1: warning[SFT445]: the row is a duplicate of line 1 (6 times)\n"
    )


def test_the_reference_client_is_laxer(tmp_path: Path) -> None:
    row = '{"messages":[{"role":"user","content":""},{"role":"asistant","content":"5"}]}\n'
    (tmp_path / "train.jsonl").write_text(row)
    run = data(tmp_path, "train.jsonl", "--format", "json")
    codes = [finding["code"] for finding in json.loads(run.stdout)["findings"]]
    assert (run.returncode, codes) == (1, ["SFT420", "SFT418"])
    like = data(tmp_path, "train.jsonl", "--format", "json", "--like", "reference")
    facts = json.loads(like.stdout)
    assert (like.returncode, facts["valid"], facts["findings"]) == (0, True, [])
    assert facts["roles"] == {"asistant": 1, "user": 1}
    (tmp_path / "train.jsonl").write_text(row + BAD)
    assert data(tmp_path, "train.jsonl", "--like", "reference").returncode == 1


def test_the_reference_client_does_not_look_at_names_of_tools(tmp_path: Path) -> None:
    row = """{"messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"1",
        "name":"f"}]},{"role":"tool","tool_call_id":"1","content":"b"},{"role":"assistant",
        "content":"c"}],"tools":[{"name":"g"},{"name":"g"}]}\n"""
    (tmp_path / "train.jsonl").write_text(row.replace("\n ", "") * 9)
    shown = data(tmp_path, "train.jsonl", "--format", "concise").stdout
    assert all(code in shown for code in (b"SFT431", b"SFT432"))
    shown = data(tmp_path, "train.jsonl", "--format", "concise", "--like", "reference").stdout
    assert not any(code in shown for code in (b"SFT431", b"SFT432"))


def test_warnings_do_not_make_a_file_invalid(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(GOOD * 2)
    run = data(tmp_path, "train.jsonl")
    assert run.returncode == 0
    assert b"warning[SFT445]" in run.stderr


def test_several_files_and_json(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress((GOOD + BAD).encode()))
    run = data(tmp_path, "a.jsonl", "b.jsonl.gz", "c.jsonl", "--format", "json")
    assert (run.returncode, run.stderr) == (2, b"")
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
    (tmp_path / "train.jsonl").write_text(GOOD)
    run = data(tmp_path, "trian.jsonl", "no/where.jsonl", "a\nb")
    said = run.stderr.decode()
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_terminal_shows_progress_of_what_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFTC_PURE", "1")  # with the accelerator it would take a gigabyte
    with (tmp_path / "train.jsonl").open("w") as file:
        for number in range(300_000):
            file.write(GOOD.replace("2+2", str(number)))
    shown = on_a_terminal(tmp_path, "train.jsonl", "--jobs", "1")
    assert re.search(r"\d [kM]B/s", shown)
    assert "train.jsonl: valid" in shown


@pytest.mark.slow
def test_a_role_does_not_steer_a_terminal(tmp_path: Path) -> None:
    role = {"role": "user\x1b[31m\u202e", "content": "q"}
    row = {"messages": [role, {"role": "assistant", "content": "a"}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n")
    run = subprocess.run(
        [sys.executable, "-m", "sftc", "data", str(tmp_path / "a.jsonl")],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert not {"\x1b", "\u202e"} & set(run.stdout + run.stderr)
