"""What a process prints and writes survives any stream, and any file that it is written to."""

import json
import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from sample_files import GOOD, ROW, SFTC, environment, write_samples

from sftc import cli

DRIVER = str(Path(__file__).parents[1] / "support" / "output_driver.py")
ENCODINGS = (
    "ascii",
    "cp1252",
    "latin-1",
    "utf-16",
    "cp437",
    "utf-8:strict",
    "cp932",
    "koi8-r",
    "iso8859-15:replace",
    "cp037",
)
INSTEAD = {"→": "->", "×": "x", "÷": "/", "−": "-", "…": "...", "≥": ">="}


class Command(NamedTuple):
    """Arguments, the exit code, and whether what comes on standard output is for people."""

    code: int
    arguments: str
    people: bool = True

    @property
    def words(self) -> list[str]:
        return self.arguments.split()


COMMANDS = [
    Command(0, "--version"),
    Command(0, "--help"),
    Command(0, "targets"),
    Command(2, "--größe-宽"),
    Command(2, "größe-宽"),
    Command(0, "compile good.toml", people=False),
    Command(1, "compile bad.toml"),
    Command(2, "compile größe-宽.toml"),
    Command(0, "lint good.toml"),
    Command(1, "lint bad.toml"),
    *(
        Command(code, f"lint --format {form} {name}.toml", people=False)
        for form in ("concise", "json", "github", "sarif")
        for code, name in ((0, "good"), (1, "bad"))
    ),
    Command(1, "lint --diff warned.toml", people=False),
    Command(1, "lint --statistics bad.toml", people=False),
    Command(0, "data good.jsonl"),
    Command(1, "data bad.jsonl"),
    Command(0, "data --format json good.jsonl", people=False),
    Command(1, "data --format json bad.jsonl", people=False),
    Command(0, "data good.jsonl --validation good.jsonl --near-duplicates"),
    Command(1, "data diff good.jsonl bad.jsonl"),
    Command(1, "data diff --format json good.jsonl bad.jsonl", people=False),
    Command(2, "data diff good.jsonl -"),
    Command(0, "check good.toml"),
    Command(1, "check changed.toml"),
    Command(1, "check --format json changed.toml", people=False),
    Command(0, "diff good.toml good.job.json"),
    Command(1, "diff good.toml changed.toml"),
    Command(2, "diff good.toml bad.toml"),
    Command(1, "diff --format json good.toml changed.toml", people=False),
    Command(1, "diff --format markdown good.toml changed.toml", people=False),
    Command(0, "plan good.toml"),
    Command(0, "plan --format json good.toml", people=False),
    Command(0, "plan --format markdown good.toml", people=False),
    Command(1, "plan bad.toml"),
    Command(2, "plan --gpu größe-宽 good.toml"),
    Command(0, "explain good.toml"),
    Command(0, "explain --format json good.toml", people=False),
    Command(1, "explain bad.toml"),
    Command(2, "explain good.toml größe-宽"),
    Command(0, "lift good.job.json", people=False),
    Command(1, "lift bad.toml"),
    Command(0, "recipe good.job.json"),
    Command(0, "recipe --format json good.job.json", people=False),
    Command(0, "data fix good.jsonl -o -", people=False),
    Command(1, "data convert --from alpaca bad.jsonl", people=False),
    Command(0, "submit --dry-run good.job.json", people=False),
    Command(1, "submit bad.toml"),
    Command(0, "train --dry-run --config good.toml", people=False),
    Command(1, "train --config bad.toml"),
    Command(0, "backend key --data-dir server"),
    Command(2, "backend key --data-dir bad.toml"),
    Command(0, "rule SFT211"),
    Command(2, "rule größe-宽"),
    Command(0, "schema config", people=False),
    Command(2, "schema größe-宽"),
    Command(0, "init größe-宽/new.toml"),
    Command(2, "init bad.toml"),
]
NEED_A_BACKEND = {"jobs", "status", "follow", "logs", "cancel", "fetch"}
NEW_KEY = "backend key --data-dir server"
"""The one command whose output is another one each time."""


class Result(NamedTuple):
    """What came of a command; a stream that was not captured is empty."""

    code: int
    stdout: bytes
    stderr: bytes


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the commands read."""
    return write_samples(tmp_path_factory.mktemp("files"))


def run_all(
    commands: Sequence[Command],
    files: Path,
    folder: Path,
    redirections: str = "",
    captured: str = "12",
    **variables: str,
) -> list[Result]:
    """Run commands in one interpreter, all with the same streams; none may show a traceback."""
    shutil.copytree(files, folder, dirs_exist_ok=True)
    (folder / "commands").write_text(json.dumps([command.words for command in commands]))
    driver = shlex.join([sys.executable, DRIVER, "commands", "results", captured])
    done = subprocess.run(
        ["bash", "-c", f"exec {driver} {redirections}"],
        cwd=folder,
        env=environment(folder, **variables),
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert done.returncode == 0, done
    results = []
    for code, shown in json.loads((folder / "results").read_text()):
        stdout, stderr = (bytes.fromhex(shown.get(number, "")) for number in "12")
        results.append(Result(code, stdout, stderr))
        for encoding in ("utf-8", "utf-16", "cp037"):
            assert "Traceback" not in stderr.decode(encoding, "replace"), stderr
    return results


@pytest.fixture(scope="module")
def usual(files: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Command, Result]:
    """Return what the commands come to where all can be shown."""
    folder = tmp_path_factory.mktemp("usual")
    results = run_all(COMMANDS, files, folder, PYTHONIOENCODING="utf-8")
    return dict(zip(COMMANDS, results, strict=True))


@pytest.mark.slow
def test_every_command_is_there(usual: Mapping[Command, Result]) -> None:
    group: Any = typer.main.get_command(cli.app)
    tried = {command.words[0] for command in COMMANDS}
    assert set(group.list_commands(None)) - tried == NEED_A_BACKEND
    assert {c: result.code for c, result in usual.items()} == {c: c.code for c in COMMANDS}


def in_words_of(encoding: str, text: str) -> str:
    """Return a text as an encoding can show it."""

    def char_of(char: str) -> str:
        try:
            char.encode(encoding)
        except UnicodeEncodeError:
            return INSTEAD.get(char) or char.encode("ascii", "backslashreplace").decode()
        return char

    return "".join(map(char_of, text))


@pytest.mark.slow_but_first
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_any_encoding(
    encoding: str, usual: Mapping[Command, Result], files: Path, tmp_path: Path
) -> None:
    results = run_all(COMMANDS, files, tmp_path, PYTHONIOENCODING=encoding, PYTHONUTF8="1")
    name = encoding.partition(":")[0]
    for command, result in zip(COMMANDS, results, strict=True):
        assert result.code == command.code, (command, result)
        expected = usual[command]
        if command.arguments == NEW_KEY:
            expected = expected._replace(stdout=in_words_of(name, "").encode())
            result = result._replace(stdout=b"")  # noqa: PLW2901
        # The help is the library's, which writes UTF-8 where it is told of ASCII.
        assert result.stderr.decode(name) == in_words_of(name, expected.stderr.decode())
        if command.people:
            shown = in_words_of(name, expected.stdout.decode())
            assert result.stdout.decode(name) == shown, command
        else:
            assert result.stdout == expected.stdout, command


def test_what_an_encoding_lacks_is_readable(files: Path, tmp_path: Path) -> None:
    commands = [
        Command(1, "diff good.toml changed.toml"),
        Command(1, "lint bad.toml"),
        Command(2, "rule größe-宽"),
    ]
    diff, lint, rule = run_all(commands, files, tmp_path, PYTHONIOENCODING="ascii")
    assert diff.stdout.startswith(b"~ hyperparameters.n_epochs  1 -> 2  changed.toml:7:12")
    assert b"gr\\xf6\\xdfe-\\u5bbd" in lint.stderr
    assert rule.stderr.startswith(
        b"sftc: there is no code or name of a code `gr\\xf6\\xdfe-\\u5bbd`; "
    )


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C", "PYTHONUTF8": "1"},
        {"LC_ALL": "C", "PYTHONUNBUFFERED": "1"},
        {"LC_ALL": "POSIX", "COLUMNS": "1", "TERM": "dumb"},
        {"COLUMNS": "20", "NO_COLOR": "1", "FORCE_COLOR": "1"},
        {"TERM": "dumb", "FORCE_COLOR": "1"},
    ],
    ids=str,
)
def test_any_locale_and_terminal(
    variables: dict[str, str], usual: Mapping[Command, Result], files: Path, tmp_path: Path
) -> None:
    results = run_all(COMMANDS, files, tmp_path, **variables)
    for command, result in zip(COMMANDS, results, strict=True):
        assert result.code == command.code, (command, result)
        assert b"\x1b" not in result.stdout + result.stderr
        if not command.people:
            assert result.stdout == usual[command].stdout, command


STREAMS = {
    ">&-": ("2", b"sftc: cannot write the output: standard output is closed\n"),
    ">/dev/full": ("2", b"sftc: cannot write the output: no space left on device\n"),
    "2>&-": ("1", b""),
    "2>/dev/full": ("1", b""),
    "<&-": ("12", b""),
    "<&- 2>&-": ("1", b""),
    ">&- 2>&- <&-": ("", b""),
    ">/dev/full 2>/dev/full": ("", b""),
    ">&- 2>/dev/full": ("", b""),
}


@pytest.mark.slow_but_first
@pytest.mark.parametrize("streams", STREAMS)
def test_closed_and_full_streams(
    streams: str, usual: Mapping[Command, Result], files: Path, tmp_path: Path
) -> None:
    captured, complaint = STREAMS[streams]
    results = run_all(COMMANDS, files, tmp_path, streams, captured, PYTHONIOENCODING="utf-8")
    output_fails = ">&-" in streams.split() or ">/dev/full" in streams.split()
    for command, result in zip(COMMANDS, results, strict=True):
        expected = usual[command]
        lost = output_fails and expected.stdout
        assert result.code == (1 if lost else command.code), command
        if "1" in captured and command.arguments != NEW_KEY:
            assert result.stdout == expected.stdout, command
        if "2" in captured:
            shown = expected.stderr
            assert result.stderr.endswith(complaint if lost else shown), command
            assert not lost or result.stderr.count(b"cannot write the output") == 1


@pytest.mark.slow_but_first
@pytest.mark.parametrize("stream", [1, 2])
def test_a_reader_that_goes_away(stream: int, files: Path, tmp_path: Path) -> None:
    """As `head` does; the driver's pipe is one that nobody reads."""
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    for command in (Command(0, "rule --all"), Command(1, "lint bad.toml"), Command(0, "--help")):
        reading, writing_ = os.pipe()
        os.close(reading)
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        pipes["stdout" if stream == 1 else "stderr"] = writing_
        done: Any = subprocess.run(
            [SFTC, *command.words], cwd=tmp_path, check=False, env=environment(tmp_path), **pipes
        )
        os.close(writing_)
        if stream == 1 and command.code == 0:
            assert (done.returncode, done.stderr) == (1, b"")
        else:
            assert done.returncode == command.code
    shown = subprocess.run(
        ["bash", "-c", f"{SFTC} rule --all | head -n 1"], capture_output=True, check=False
    )
    assert (shown.stdout, shown.stderr) == (b"# Findings\n", b"")


def slowly(descriptor: int) -> bytes:
    """Read a pipe to its end, after a while."""
    time.sleep(0.5)
    data = b""
    while piece := os.read(descriptor, 50_000):
        data += piece
        time.sleep(0.01)
    return data


@pytest.mark.slow_but_first
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_pipe_that_does_not_wait(stream: str, tmp_path: Path) -> None:
    """Non-blocking, as an event loop at the other end may have made it."""
    knobs = "".join(f'"größe_{number}" = 2020-01-01\n' for number in range(3_000))
    (tmp_path / "many.toml").write_text(f"{GOOD}{knobs}", "utf-8")
    form = ["--format", "json"] if stream == "stdout" else []
    command = [SFTC, "lint", *form, "many.toml"]
    expected: Any = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    reading, writing_ = os.pipe()
    os.set_blocking(writing_, False)
    pipes: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    pipes[stream] = writing_
    with subprocess.Popen(command, cwd=tmp_path, **pipes) as process:
        os.close(writing_)
        shown = slowly(reading)
    os.close(reading)
    assert len(shown) > 200_000
    assert shown == getattr(expected, stream)
    assert process.returncode == expected.returncode == 1


@pytest.mark.slow
def test_standard_input_that_does_not_wait(files: Path) -> None:
    for command, data in (
        (["compile", "-"], GOOD.encode()),
        (["data", "-"], ROW.encode()),
        (["explain", "-"], GOOD.encode()),
        (["submit", "--dry-run", "-"], (files / "good.job.json").read_bytes()),
    ):
        reading, writing_ = os.pipe()
        os.set_blocking(reading, False)
        with subprocess.Popen(
            [SFTC, *command],
            cwd=files,
            stdin=reading,
            stdout=subprocess.PIPE,
            env=environment(files),
        ) as process:
            os.close(reading)
            time.sleep(0.5)
            os.write(writing_, data[:20])
            time.sleep(0.1)
            os.write(writing_, data[20:])
            os.close(writing_)
            shown = process.communicate()[0]
        assert process.returncode == 0
        assert shown


def on_a_terminal(command: Sequence[str], folder: Path, **variables: str) -> tuple[int, str]:
    """Run with a terminal as both streams; return the exit code and what it shows."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [SFTC, *command],
        cwd=folder,
        stdout=theirs,
        stderr=theirs,
        stdin=theirs,
        env=environment(folder, **variables),
    ) as process:
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end was closed
                break
            shown += piece
    os.close(ours)
    encoding = variables.get("PYTHONIOENCODING", "utf-8")
    return process.returncode, shown.decode(encoding).replace("\r\n", "\n")


@pytest.mark.slow_but_first
@pytest.mark.parametrize("columns", ["1", "20"])
@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_a_narrow_terminal(columns: str, term: str, files: Path) -> None:
    size = {"COLUMNS": columns, "TERM": term, "PYTHONIOENCODING": "cp1252"}
    for command in (["data", "good.jsonl"], ["lint", "bad.toml"], ["--help"]):
        code, shown = on_a_terminal(command, files, **size)
        assert code == (command[0] == "lint")
        assert "Traceback" not in shown
        assert ("\x1b" in shown) == (term == "xterm" and command[0] == "lint")
        if command[0] == "data":
            assert "< 128  ########" in shown


@pytest.mark.slow
def test_a_terminal_is_not_steered_by_a_payload(tmp_path: Path) -> None:
    config = GOOD.replace("m/", "\\u009b31m\N{RIGHT-TO-LEFT OVERRIDE}")
    (tmp_path / "a.toml").write_text(config, "utf-8")
    for command in (["compile", "a.toml"], ["lift", "a.json"], ["lint", "--diff", "a.toml"]):
        if command[0] == "lift":
            run = subprocess.run(
                [SFTC, "compile", "a.toml"], cwd=tmp_path, capture_output=True, check=False
            )
            (tmp_path / "a.json").write_bytes(run.stdout)
            assert "\x9b" in run.stdout.decode()  # what programs read is what it says
        code, shown = on_a_terminal(command, tmp_path)
        assert code == 0
        assert "\x9b" not in shown
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in shown
    assert json.loads(on_a_terminal(["compile", "a.toml"], tmp_path)[1]) == json.loads(run.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
def test_a_name_that_the_locale_cannot_spell(tmp_path: Path) -> None:
    (tmp_path / "sftc.toml").write_text('out-dir = "größe"\n', "utf-8")
    variables = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [SFTC, "check"],
        cwd=tmp_path,
        env=environment(tmp_path, **variables),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"sftc: the locale cannot name the file `")
    assert done.stderr.endswith(b"gr\\xf6\\xdfe`; set PYTHONUTF8=1\n")


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = ["sh", "-c", f"rmdir ../gone && exec {SFTC} data a.jsonl"]
    done = subprocess.run(command, cwd=gone, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
    assert done.returncode in (1, 2)
