"""The reference pages are what the code says of itself, and whole."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from markdown_blocks import blocks

import sftc
from sftc import schemas
from sftc.backend.operations import OPERATIONS
from sftc.cli import app
from sftc.diagnostics.catalogue import CODES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "reference"
PAGES = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
REQUIRED = {"[job]": 'model = "Qwen/Qwen3-4B"\n', "[compute]": 'gpu_type = "H100"\n'}


def headings(page: str) -> list[str]:
    return re.findall(r"^##+ (.*)$", PAGES[page], re.MULTILINE)


def test_the_pages_are_current() -> None:
    command = [sys.executable, "-m", "sftc.tools.docs", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_each_key_has_an_entry() -> None:
    keys = {
        ".".join(map(str, (*path, key)))
        for path, table in schemas.known_tables().items()
        for key, below in table.items()
        if below.get("type") != "object"
    }
    assert keys == {name for name in headings("config") if re.fullmatch(r"[\w.]+", name)}


def test_each_command_has_an_entry() -> None:
    group: Any = typer.main.get_command(app)
    assert {f"sftc {name}" for name in group.list_commands(None)} <= set(headings("commands"))
    assert {"sftc data fix", "sftc backend serve"} <= set(headings("commands"))


def test_each_public_name_has_an_entry() -> None:
    named = {*headings("python"), *headings("python-types")}
    assert named == {name for name in sftc.__all__ if not name.startswith("_")}


def test_each_operation_has_an_entry() -> None:
    operations = {
        f"{operation.method} /api{operation.paths[0].replace(':path}', '}')}"
        for operation in OPERATIONS
    }
    assert operations <= set(headings("http"))


def test_each_code_is_in_the_index() -> None:
    assert re.findall(r"^\| \[(SFT\d+)\]", PAGES["findings"], re.MULTILINE) == list(CODES)


@pytest.mark.parametrize("text", [block.text for block in blocks(PAGES["config"])])
def test_each_example_of_a_key_is_taken(text: str) -> None:
    for table, key in REQUIRED.items():
        if table not in text:
            text += f"{table}\n{key}"
        elif key.split()[0] not in text.split():
            text = text.replace(f"{table}\n", f"{table}\n{key}")
    found = [found.code for found in sftc.lint_config(text)]
    assert [code for code in found if not code.startswith("SFT2")] == []  # alone, a key may be moot
