"""The help of every command, as it is read in terminals of several widths."""

import re
from collections.abc import Iterator
from typing import Any

import forked
import pytest
import typer

from sftc import cli

WIDTHS = (60, 80, 120)
ROOT: Any = typer.main.get_command(cli.app)


def commands(command: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of each command, the groups before what is in them."""
    yield path
    if hasattr(command, "list_commands"):
        for name in command.list_commands(None):
            yield from commands(command.get_command(None, name), (*path, name))


def found(path: tuple[str, ...]) -> Any:
    command: Any = ROOT
    for name in path:
        command = command.get_command(None, name)
    return command


ALL = list(commands())
each_command = pytest.mark.parametrize("path", ALL, ids=lambda path: "-".join(path) or "sftc")


def test_all_commands_are_listed() -> None:
    assert len([path for path in ALL if len(path) == 1]) == 22


@pytest.mark.parametrize("width", WIDTHS)
@each_command
def test_help_fits_and_is_not_cut(path: tuple[str, ...], width: int) -> None:
    result = forked.run(*path, "--help", env={"COLUMNS": str(width)}, encoding="utf-8")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(" ".join(("Usage: sftc", *path)))
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line.endswith(("...", "…")) and "]..." not in line]


@each_command
def test_help_is_whole_sentences(path: tuple[str, ...]) -> None:
    command = found(path)
    texts = [command.help, *(param.help for param in command.params)]
    for text in filter(None, texts):
        assert text[0].isupper() or text[0] in "`[", text
        assert text.rstrip().endswith((".", ")")), text
    assert all(param.help for param in command.params if param.name != "help")


@each_command
def test_the_list_says_what_the_help_says(path: tuple[str, ...]) -> None:
    command = found(path)
    for section in getattr(command, "summaries", {}).values():
        for name, line in section.items():
            if name not in {"data", "init"}:  # the one is its check; the other asks for more
                assert command.get_command(None, name).help.split("\n\n")[0] == line


@pytest.mark.parametrize("path", [p for p in ALL if hasattr(found(p), "summaries")])
def test_each_line_of_a_list_fits_60_columns(path: tuple[str, ...]) -> None:
    """Nothing wraps in the narrowest terminal: a name and a line on one line."""
    shown = forked.run(*path, "--help", env={"COLUMNS": "60"}, encoding="utf-8").stdout
    for section in found(path).summaries.values():
        for name, line in section.items():
            assert re.search(rf"^  {name} +{re.escape(line)}$", shown, re.MULTILINE), name


def test_exit_codes_are_named_where_scripts_need_them() -> None:
    silent = {"schema", "targets", "rule", "init", "data", "backend", "key"}
    for path in ALL:
        if path and path[-1] not in silent:
            assert "Exit codes: 0 " in found(path).help, path
