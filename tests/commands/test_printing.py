"""Nothing that a stranger wrote steers the terminal that shows it, or passes for our words."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import forked
import pytest

import sftc
from sftc import report
from sftc.diagnostics import Diagnostic, Severity, Span, printable
from sftc.report import FINDINGS, FindingsFormat, Format

ESCAPING = (Format.JSON, Format.SARIF)
"""Formats whose own escapes show what is in a text to the letter."""
BIN = Path(sys.executable).parent
HOSTILE = "\x1b]0;x\x07\x1b[2J\x9b31m\x7f\x00\r\u202e\u2066\u2028\n::error::x"
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
SHOWN = "\x1b[31m\u202e\x9b\u2028x"
BASIC = "\\u001b[31m\\u202e\\u009b\\u2028x"
CONFIG = f"""\
"{BASIC}" = 1
[job]
model = "{BASIC}" # \u202e\x9b
data = "{BASIC}"
[compute]
gpu_type = "{BASIC}"
gpu_count = "{BASIC}"
[hyperparameters]
"{BASIC}" = 2026-01-01
learnin_rate = 1 # {SHOWN[5:]}
["{BASIC}".b]
x = 1
"""


@pytest.mark.parametrize("text", [HOSTILE, SHOWN, "\udcff\ud800", *map(chr, (0x85, 0x61C, 0xAD))])
def test_printable(text: str) -> None:
    assert not UNSAFE.search(printable(text))
    assert "\n" not in printable(text)
    printable(text).encode()


def test_letters_of_all_scripts_stay() -> None:
    for text in ("größe 宽度 ключ עברית ไทย हिन्दी 👩‍👩‍👧", 'a\\b"c'):
        assert printable(text) == text


@pytest.mark.parametrize("form", FINDINGS)
def test_formats(form: FindingsFormat) -> None:
    span = Span(1, 1, 1, 2, f"f{HOSTILE}\udcff")
    bad = Diagnostic(
        "SFT004",
        "syntax",
        Severity.ERROR,
        f"m{HOSTILE}",
        span,
        path=(HOSTILE,),
        hint=f"h{HOSTILE}",
        why=f"w{HOSTILE}",
        fix=sftc.Fix(f"t{HOSTILE}", safe=True, edits=(sftc.Edit(span, HOSTILE),)),
    )
    for config in (CONFIG, CONFIG.replace('"\n', "\n")):
        found = [bad, *sftc.lint_config(config, filename=f"a{HOSTILE}")]
        sources = {diagnostic.file: config for diagnostic in found}
        shown = report.render(form, found, sources, version="1")
        shown.encode()
        assert not re.search(r"^::error::x", shown, re.MULTILINE)
        assert not UNSAFE.search(shown) or form in ESCAPING
        if form in ESCAPING:  # which have escapes of their own
            json.loads(shown)
            assert not re.search("[\x00-\x09\x0b-\x1f]", shown)


def run(*arguments: str | bytes, cwd: Path, **options: Any) -> "subprocess.CompletedProcess[bytes]":
    result = forked.run(*arguments, cwd=cwd, **options)
    assert b"Traceback" not in result.stderr
    return result


COMMANDS = [
    ("lint",),
    *(("lint", "--format", form) for form in FINDINGS if form not in ESCAPING),
    ("lint", "--statistics"),
    ("lint", "--fix"),
    ("compile",),
    ("compile", "-o", f"{SHOWN}/x/../\x1b.json"),
    ("explain",),
    ("explain", "hyperparameters"),
    ("diff", "good.toml"),
    ("diff", "--format", "markdown", "good.toml"),
    ("check",),
    ("lift",),
    ("data",),
    ("rule",),
    ("schema",),
    ("init",),
    ("lint", "--format"),
    ("lint", "--select"),
    (f"--{SHOWN}",),
    (SHOWN,),
]


@pytest.mark.slow_but_first
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(map(ascii, command)))
@pytest.mark.parametrize("good", [True, False])
def test_commands(command: tuple[str, ...], *, good: bool, tmp_path: Path) -> None:
    name = f"{SHOWN}.toml"
    valid = CONFIG.replace(f'gpu_count = "{BASIC}"', "").replace("2026-01-01", "1")
    (tmp_path / name).write_text(valid if good else CONFIG, "utf-8")
    (tmp_path / "good.toml").write_text(
        '[job]\nmodel = "m"\n[compute]\ngpu_type = "H100"\n[hyperparameters]\nn_epochs = 3\n'
    )
    first, *rest = command
    result = run(first, *rest, name, cwd=tmp_path)
    shown = result.stderr + (b"" if command == ("compile",) else result.stdout)
    assert not UNSAFE.search(shown.decode()), shown


@pytest.mark.slow_but_first
@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
@pytest.mark.parametrize("form", FINDINGS)
def test_a_name_that_is_not_utf8(form: FindingsFormat, tmp_path: Path) -> None:
    name = b"a\xff\x1b.toml"
    (tmp_path / os.fsdecode(name)).write_text('[job]\nmodel = "m"\n')
    result = run("lint", "--format", form, name, cwd=tmp_path)
    shown = (result.stdout + result.stderr).decode()
    assert result.returncode == 1
    assert (
        "a%FF%1B.toml" in shown if form is Format.SARIF else "a\\xff" in shown.replace("\\\\", "\\")
    )
    missing = run("lint", "--format", form, b"a\xfe\x1b.toml", cwd=tmp_path)
    assert missing.returncode == 2


WARNED = '[job]\nmodel = "m"\n[compute]\ngpu_type = "H100"\n[hyperparameters]\nlr = 1e-5'
BODIES = {
    "no line end": WARNED,
    "CRLF": WARNED.replace("\n", "\r\n") + "\r\n",
    "marks in strings": f'{WARNED}\n"a\u2028b" = "\u0085\u2029" # \u202e \x9b\n'
    'y = """\n---\n+++ x\n"""\n',
    "white space": f"{WARNED}  \t\n\n\n\n",
    "far apart": WARNED + "\n" * 50 + "[training]\nqlora = true\n",
}


@pytest.mark.slow_but_first
@pytest.mark.parametrize("program", ["git", pytest.param("patch", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name", ["a.toml", "a b.toml", 'q"uo\\te.toml', "größe.toml", "x\x1b\ty.toml"]
)
@pytest.mark.parametrize("body", BODIES)
def test_a_patch_is_taken(program: str, name: str, body: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(BODIES[body].encode())
    patch = run("lint", "--diff", name, cwd=tmp_path).stdout
    expected = run("lint", "--fix", "-", cwd=tmp_path, input=path.read_bytes()).stdout
    assert b"learning_rate = 1e-5" in expected
    command = {"patch": ["patch", "-p0", "--binary"], "git": ["git", "apply", "-p0"]}[program]
    done = subprocess.run(command, cwd=tmp_path, input=patch, capture_output=True, check=False)
    assert done.returncode == 0, done
    assert path.read_bytes() == expected
