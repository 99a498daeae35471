"""Completion: what ``sftc`` answers to shells, and a real bash that asks."""

import os
import shutil
import subprocess
from pathlib import Path

import forked
import pytest
from forked import SFTC

from sftc.commands.shells import SCRIPTS


def answer(shell: str, *words: str) -> list[str]:
    """Return the lines that a shell reads, without what words mean."""
    done = forked.run(*words, env={**os.environ, "_SFTC_COMPLETE": shell}, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    return [line.rsplit("\t", 1)[0].removeprefix("word\t") for line in done.stdout.splitlines()]


FILES = {
    "CONFIG": ["file\t.toml"],
    "DATASET": ["file\t.jsonl", "file\t.jsonl.gz", "file\t.jsonl.zst"],
}
FORMATS = ["text", "concise", "json", "github", "sarif", "gitlab", "junit"]
DATA = ["check", "show", "diff", "convert", "fix"]


def named(*ends: str) -> list[str]:
    """Return how lines for files begin; the last field, which is cut, is how names end."""
    return ["file"] * len(ends)


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["li"], ["lint", "lift"]),
        (["LI"], ["lint", "lift"]),
        (["nothing", ""], []),
        (["--inst"], ["--install-completion"]),
        (["--install-completion", ""], ["bash", "zsh", "fish"]),
        (["lint", "--st"], ["--strict", "--statistics"]),
        (["lint", "--format", ""], FORMATS),
        (["lint", "--format", "j"], ["json", "junit"]),
        (["lint", "--format=j"], ["--format=json", "--format=junit"]),
        (["lint", "--strict", "--format", "te"], ["text"]),
        (["lint", ""], named(".toml")),
        (["lint", "--select", "SFT75"], ["SFT751", "SFT752"]),
        (["lint", "--ignore", "tight"], ["tight-fit"]),
        (["rule", "sft20"], [f"SFT20{n}" for n in range(1, 10)]),
        (["rule", "SFT201", "global-b"], ["global-batch-mismatch"]),
        (["plan", ""], named(".toml", ".json")),
        (["plan", "--gpu", "RTX 409"], ["RTX 4090"]),
        (["compile", "--target", "o"], ["openai"]),
        (["compile", "a.toml", "--out-dir", ""], ["folder"]),
        (["explain", "a.toml", ""], []),
        (["lift", "--from", "ax"], ["axolotl"]),
        (["data", ""], [*DATA, *named(".jsonl", ".jsonl.gz", ".jsonl.zst")]),
        (["data", "a.jsonl", "--max"], ["--max-errors"]),
        (["data", "con"], ["convert", *named(".jsonl", ".jsonl.gz", ".jsonl.zst")]),
        (["data", "convert", "--from", "sh"], ["sharegpt"]),
        (["backend", ""], ["serve", "key"]),
        (["backend", "serve", "--run"], ["--runner"]),
        (["schema", "data"], ["data", "data-diff"]),
        (["submit", ""], named(".json")),
        (["submit", "job.json", ""], []),
    ],
    ids=" ".join,
)
def test_what_may_come_next(words: list[str], lines: list[str]) -> None:
    assert answer("zsh", *words) == lines


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["lint", "--format", "="], FORMATS),
        (["lint", "--format", "=", "j"], ["json", "junit"]),
        (["lint", "--format", "=", "json", "--stri"], ["--strict"]),
    ],
    ids=" ".join,
)
def test_bash_cuts_words_at_equal_signs(words: list[str], lines: list[str]) -> None:
    assert answer("bash", *words) == lines


def test_a_word_comes_with_what_it_means() -> None:
    done = forked.run("rul", env={**os.environ, "_SFTC_COMPLETE": "fish"}, encoding="utf-8")
    assert done.stdout == "word\trule\tExplain a finding's code, or search all codes.\n"


DRIVER = """
source "$1"
cd "$2"
shift 2
COMP_WORDS=(sftc "$@")
COMP_CWORD=$#
_sftc_complete "$SFTC" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "reply"),
    [
        (["comp"], ["compile"]),
        (["lint", ""], ["a config.toml", "folder"]),
        (["lint", "a"], ["a config.toml"]),
        (["lint", "--format", "=", "sa"], ["sarif"]),
        (["data", "t"], ["train.jsonl", "train.jsonl.gz"]),
        (["compile", "--out-dir", ""], ["folder"]),
        (["compile", "--chat-template", "tem"], ["template.jinja"]),
        (["rule", "SFT211"], ["SFT211"]),
    ],
    ids=str,
)
def test_a_real_bash_completes(words: list[str], reply: list[str], tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "folder").mkdir(parents=True)
    for name in ("a config.toml", "train.jsonl", "train.jsonl.gz", "template.jinja", "b.txt"):
        (here / name).touch()
    script = tmp_path / "sftc.bash"
    script.write_text(SCRIPTS["bash"])
    arguments = ["bash", "--norc", "-c", DRIVER, "driver", str(script), str(here), *words]
    done = subprocess.run(
        arguments, capture_output=True, text=True, env={**os.environ, "SFTC": SFTC}, check=True
    )
    assert (done.stdout.split("\n"), done.stderr) == ([*reply, ""], "")


@pytest.mark.parametrize("shell", SCRIPTS)
def test_each_script_is_printed(shell: str) -> None:
    assert forked.run("--show-completion", shell, encoding="utf-8").stdout == SCRIPTS[shell]
    known = {**os.environ, "SHELL": f"/usr/bin/{shell}"}
    assert forked.run("--show-completion", env=known, encoding="utf-8").stdout == SCRIPTS[shell]


@pytest.mark.parametrize(
    ("shell", "script", "startup"),
    [
        ("bash", ".local/share/sftc/completion.bash", ".bashrc"),
        ("zsh", ".local/share/sftc/completion.zsh", ".zshrc"),
        ("fish", ".config/fish/completions/sftc.fish", None),
    ],
)
def test_completion_is_installed_once(
    shell: str, script: str, startup: str | None, tmp_path: Path
) -> None:
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    if startup:
        (tmp_path / startup).write_text("alias ll='ls -l'")  # without an end of the line
    for _ in range(2):
        done = forked.run("--install-completion", shell, env=home, encoding="utf-8")
        assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / script).read_text() == SCRIPTS[shell]
    if startup:
        assert (tmp_path / startup).read_text() == (
            f"alias ll='ls -l'\n\n# Completion of sftc\nsource {tmp_path / script}\n"
        )
    assert done.stderr == f"Wrote {tmp_path / script}.\nOpen a new shell to use it.\n"


@pytest.mark.parametrize("option", ["--install-completion", "--show-completion"])
def test_another_shell_has_none(option: str) -> None:
    done = forked.run(option, "tcsh", encoding="utf-8")
    said = f"sftc: completion is for bash, zsh and fish: name one, as in `sftc {option} bash`\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
