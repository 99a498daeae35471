"""The folders of ``recipes/``: each is a payload, and exactly what a trainer is told by it.

``job.json`` is the payload and ``arguments`` are those of the command besides, if there are any.
``recipe.json`` and ``recipe.txt`` are what it prints. ``SFTC_REWRITE=1`` rewrites these.
"""

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sftc import cli
from sftc.diagnostics.catalogue import CODES
from sftc.schemas.explaining import validator
from sftc.training.recipe import Recipe

RECIPES = Path(__file__).parent / "recipes"
CASES = sorted(RECIPES.iterdir())
REWRITE = bool(os.environ.get("SFTC_REWRITE"))

each_case = pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)


def run(case: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, bytes]:
    monkeypatch.chdir(case)
    arguments = Path("arguments")
    more = shlex.split(arguments.read_text("utf-8")) if arguments.exists() else []
    done = CliRunner().invoke(cli.app, ["recipe", "job.json", "--format", form, *more])
    assert done.stderr == ""
    return done.exit_code, done.stdout_bytes


@each_case
@pytest.mark.parametrize("form", ["json", "text"])
def test_what_is_printed(case: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, printed = run(case, form, monkeypatch)
    golden = case / ("recipe.json" if form == "json" else "recipe.txt")
    if REWRITE:
        golden.write_bytes(printed)
    assert printed == golden.read_bytes()
    assert code == (1 if json.loads((case / "recipe.json").read_bytes())["refused"] else 0)


@each_case
def test_it_fits_its_schema_and_comes_back(case: Path) -> None:
    golden = (case / "recipe.json").read_bytes()
    assert list(validator("recipe").iter_errors(json.loads(golden))) == []
    recipe = Recipe.from_json(golden)
    assert recipe.to_json() == golden
    assert Recipe.from_json(recipe.to_json()) == recipe


@each_case
def test_each_field_has_one_word_and_what_is_set_is_there(case: Path) -> None:
    recipe = json.loads((case / "recipe.json").read_bytes())
    pointers = [word["pointer"] for part in ("set", "noted", "refused") for word in recipe[part]]
    assert len(pointers) == len(set(pointers))
    for word in recipe["set"]:
        value: Any = recipe
        for name in word["name"].split("."):
            value = value[name]
        assert value == word["value"], word


@each_case
def test_the_table_has_eighty_columns(case: Path) -> None:
    for line in (case / "recipe.txt").read_text("utf-8").splitlines():
        assert len(line) <= 80, line
        assert line == line.rstrip()


def test_each_folder_is_a_case() -> None:
    for case in CASES:
        names = {path.name for path in case.iterdir()} - {"arguments"}
        assert names == {"job.json", "recipe.json", "recipe.txt"}, case.name


def test_each_code_of_training_has_a_case() -> None:
    seen = {
        code
        for case in CASES
        for code in re.findall(r"SFT7\d\d", (case / "recipe.json").read_text("utf-8"))
    }
    assert seen == {code for code in CODES if code.startswith("SFT70")}
