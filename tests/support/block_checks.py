"""What a fenced block that is not run must be, by its language."""

import ast
import configparser
import json
import shlex
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

import tomli
import typer
import yaml
from markdown_blocks import Block
from typer.core import TyperGroup

import sftc
from sftc import cli, schemas
from sftc.schemas.explaining import validator

NO_CODE: Final = ("", "text", "diff", "markdown", "html", "dockerfile", "{toctree}")
"""Outputs and drawings, which no test reads."""
_SETTINGS: Final = ("settings", "serve")
"""The schemas of other files in TOML, which a block is held to if it has their keys alone."""


def _toml(block: Block) -> Iterator[str]:
    values = tomli.loads(block.text)
    schema = next((name for name in _SETTINGS if values.keys() <= _keys(name)), None)
    if schema:
        found = validator(schema).iter_errors(values)
        yield from (str(error.message) for error in found)
    elif block.noted("excerpt") is None:
        yield from (str(found) for found in sftc.lint_config(block.text))


def _keys(schema: str) -> set[str]:
    return set(schemas.load(schema)["properties"])


def _python(block: Block) -> Iterator[str]:
    try:
        ast.parse(block.text)
    except SyntaxError as error:
        yield str(error)


def _json(block: Block) -> Iterator[str]:
    json.loads(block.text)
    yield from ()


def _jsonl(block: Block) -> Iterator[str]:
    for line in block.text.splitlines():
        json.loads(line)
    yield from ()


def _yaml(block: Block) -> Iterator[str]:
    list(yaml.safe_load_all(block.text))
    yield from ()


def _ini(block: Block) -> Iterator[str]:
    configparser.ConfigParser(strict=True, interpolation=None).read_string(block.text)
    yield from ()


def _sh(block: Block) -> Iterator[str]:
    checked = subprocess.run(
        ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
    )
    if checked.returncode:
        yield checked.stderr
    yield from command_lines(block.text)


CHECKS: Final[dict[str, Callable[[Block], Iterator[str]]]] = {
    "toml": _toml,
    "python": _python,
    "json": _json,
    "jsonl": _jsonl,
    "yaml": _yaml,
    "ini": _ini,
    "sh": _sh,
    "": lambda block: command_lines(block.text),
}


def command_lines(text: str) -> Iterator[str]:
    """Yield which commands and options of the lines that call sftc do not exist."""
    for line in text.splitlines():
        if line.startswith("sftc "):
            lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            words: list[str] = []
            for word in lexer:
                if set(word) <= set("|&;<>()"):
                    break
                words.append(word)
            yield from (f"{line}: {problem}" for problem in _parsed(words[1:]))


def _parsed(words: list[str]) -> Iterator[str]:
    command: Any = typer.main.get_command(cli.app)
    while isinstance(command, TyperGroup):
        named = words[:1] if words and not words[0].startswith("-") else []
        inner = command.get_command(cast("Any", None), named[0]) if named else None
        if inner is None and "check" in command.commands:  # of `sftc data`, which need not be named
            inner, named = command.commands["check"], []
        if inner is None:
            break
        command, words = inner, words[len(named) :]
    if isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        yield f"no command `{words[0]}`"
    options = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    options |= {"-h", "--help", "-", "--"}
    for word in words:
        name = word.partition("=")[0]
        if name.startswith("-") and name not in options:
            yield f"no option `{name}`"
