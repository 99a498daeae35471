"""Pages played: their sessions and programs run, in the folders and shells that they ask for."""

import re
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from markdown_blocks import Block, blocks, replaced
from served import KEY, serving
from shell_sessions import Shell, shell
from volatile import Names, shown

ROOT = Path(__file__).parents[2]
FOLDERS = ROOT / "tests" / "docs" / "folders"
RUN: Final = ("console", "python")
"""The languages of blocks that are run."""
_ASKS = re.compile(r"\bsftc (?:submit|train|jobs|status|follow|logs|cancel|fetch)\b|sftc\.submit")
_FINE = (0, 1, 2, 3)
_DOCUMENTED = "127.0.0.1:8000"


def folder(name: str, above: Path) -> Path:
    """Return a new folder with what a page works on."""
    made = above / name / "work"
    made.parent.mkdir(exist_ok=True)
    if name == "empty":
        made.mkdir()
    elif name == "examples":
        hidden = shutil.ignore_patterns(".*", "__pycache__")
        shutil.copytree(ROOT / "examples", made, ignore=hidden)
        shutil.copytree(ROOT / "examples", made / "examples", ignore=hidden)
    else:
        shutil.copytree(FOLDERS / name, made)
    return made


class Player:
    """Plays the sessions of a page, one shell for each of its folders."""

    def __init__(self, above: Path, stack: ExitStack, backend: str) -> None:
        """Work below a folder, until the stack is left."""
        self._above = above
        self._stack = stack
        self._names = Names()
        self._asked: dict[str, str] = {}
        self._shells: dict[str, Shell] = {}
        if backend:
            self._names.name(backend.removeprefix("http://"), _DOCUMENTED)
            self._asked = {"BACKEND_BASE_URL": backend, "SYNTH_API_KEY": KEY}

    def begin(self, name: str) -> Shell:
        """Return the shell of a folder."""
        if name not in self._shells:
            made = folder(name, self._above)
            opened = shell(made, made.parent / "home", **self._asked)
            self._shells[name] = self._stack.enter_context(opened)
        return self._shells[name]

    def console(self, block: Block, name: str) -> str:
        """Return a console session with what its commands print now."""
        there, text = self.begin(name), ""
        for command, expected in block.commands:
            code, printed = there.run(self._names.real(command))
            assert code in _FINE, f"$ {command}\n{printed}"
            assert "Traceback" not in printed, f"$ {command}\n{printed}"
            printed = printed.replace(str(self._above / name / "work"), "…")
            printed = shown(self._names.documented(printed, expected), expected)
            text += "$ " + command.replace("\n", "\n> ") + "\n" + printed
        return text

    def python(self, block: Block, name: str) -> None:
        """Run a program, which is to end well."""
        program = self._above / name / "block.py"
        there = self.begin(name)
        program.write_text(self._names.real(block.text), "utf-8")
        code, printed = there.run(f"python '{program}'")
        assert code == 0, printed


def _rests(block: Block) -> bool:
    return block.spare is not None or (block.language, block.noted("excerpt")) == ("python", "")


def played(page: str, above: Path) -> str:
    """Return a page with what its commands print now."""
    texts: dict[Block, str] = {}
    run = [block for block in blocks(page) if block.language in RUN and not _rests(block)]
    name = "examples"
    with ExitStack() as stack:
        backend = ""
        if any(_ASKS.search(block.text) for block in run):
            backend = stack.enter_context(serving(above / "backend")).address
        player = Player(above, stack, backend)
        for block in run:
            name = block.noted("folder") or name
            if block.language == "python":
                player.python(block, name)
            else:
                texts[block] = player.console(block, name)
    return replaced(page, texts)
