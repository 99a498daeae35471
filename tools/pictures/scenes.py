"""What the pictures of terminals show: the commands, and what has to be there before them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, TypeAlias

from pygments import token
from pygments.lexer import Lexer
from pygments.lexers import JsonLexer, TOMLLexer
from rich.text import Text

import sftc

from .terminal import ran

ROOT: Final = Path(__file__).parents[2]
SFTC: Final = str(Path(sys.executable).parent / "sftc")
CONFIGS: Final = Path(__file__).parent / "configs"
_DATE: Final = "2026-11-24T12:00:00Z"
_WHO: Final = ("AUTHOR", "COMMITTER")
_ROW: Final = (
    '{"messages":[{"role":"user","content":"What is %d plus one?"},'
    '{"role":"assistant","content":"One more than %d."}]}\n'
)
_CHANGES: Final = (
    ("per_device_batch = 1", "per_device_batch = 4"),
    ("learning_rate = 2e-4", "learning_rate = 4e-4"),
    ("lora_rank = 16", "lora_rank = 32"),
)
_LEFT: Final = 58
"""Columns of a config that stands beside its payload."""
_SYNTAX: Final[Sequence[tuple[Any, str]]] = (
    (token.Comment, "dim"),
    (token.Keyword.Constant, "magenta"),
    (token.Keyword, "blue"),
    (token.Name, "blue"),
    (token.Number, "magenta"),
    (token.String, "green"),
)
Scene: TypeAlias = tuple[str, list[Text]]
"""What stands above a picture, and its lines."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of the commands: a terminal with colours, and a home of its own."""
    kept = {name: value for name, value in os.environ.items() if name in {"LANG", "LC_ALL"}}
    return {
        **kept,
        "PATH": f"{Path(SFTC).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "SFTC_STATE_DIR": str(home / "state"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "HF_HUB_OFFLINE": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{who}_NAME": "sftc" for who in _WHO},
        **{f"GIT_{who}_EMAIL": "sftc@example.org" for who in _WHO},
        **{f"GIT_{who}_DATE": _DATE for who in _WHO},
        **more,
    }


def session(command: str, folder: Path, given: Mapping[str, str]) -> list[Text]:
    """Return a prompt with a command, and what a terminal shows below it."""
    prompt = Text.assemble(("$ ", "dim"), (command, "bold"))
    return [prompt, *ran(["bash", "-c", command], folder, given)]


def lint(folder: Path) -> Scene:
    """Return what is said of a config with mistakes."""
    shutil.copy(CONFIGS / "mistakes.toml", folder / "sft.toml")
    shown = session("sftc lint sft.toml", folder, environment(folder))
    return "A config with mistakes", shown


def plan(folder: Path) -> Scene:
    """Return what a job needs that does not fit its GPU; its dataset has 10,000 rows."""
    shutil.copy(CONFIGS / "tight.toml", folder / "sft.toml")
    (folder / "data").mkdir()
    with (folder / "data" / "train.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(_ROW % (number, number) for number in range(10_000))
    shown = session("sftc plan sft.toml", folder, environment(folder))
    return "What a job needs, before anything is rented", shown


def diff(folder: Path) -> Scene:
    """Return what a change of a config means for the run."""
    given = environment(folder)
    shutil.copy(CONFIGS / "small.toml", folder / "sft.toml")
    _quietly("git init -q -b main && sftc compile --write && git add -A", folder, given)
    _quietly("git commit -q -m 'A QLoRA' && git switch -q -c larger-steps", folder, given)
    config = folder / "sft.toml"
    text = config.read_text("utf-8")
    for line, other in _CHANGES:
        text = text.replace(line, other)
    config.write_text(text, "utf-8")
    _quietly("sftc compile --write && git commit -qam 'Larger steps'", folder, given)
    return "What a branch changes", session("sftc diff main", folder, given)


def compile_(folder: Path) -> Scene:
    """Return a config beside the payload that it compiles to."""
    text = (CONFIGS / "small.toml").read_text("utf-8")
    compiled = sftc.compile_config(text, filename="sft.toml")
    if compiled.payload_bytes is None:
        raise RuntimeError(compiled.diagnostics)
    left = _coloured(text, TOMLLexer())
    right = _coloured(compiled.payload_bytes.decode(), JsonLexer())
    lines = [Text.assemble(("sft.toml".ljust(_LEFT), "bold"), ("job.json", "bold")), Text()]
    for one, other in zip_longest(left, right, fillvalue=Text()):
        one.pad_right(_LEFT - one.cell_len)
        lines.append(one + other)
    del folder
    return "A config, and the payload that it compiles to", lines


def _coloured(text: str, lexer: Lexer) -> list[Text]:
    """Return the lines of a text in the colours of its language."""
    found = Text()
    for kind, piece in lexer.get_tokens(text.rstrip("\n")):
        found.append(piece, next((style for part, style in _SYNTAX if kind in part), ""))
    return list(found.split("\n"))


def _quietly(command: str, folder: Path, given: Mapping[str, str]) -> None:
    subprocess.run(["bash", "-c", command], cwd=folder, env=given, check=True, capture_output=True)
