"""The house rules that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import tomli

import sftc

ROOT = Path(__file__).parent.parent
PURE = [
    path
    for folder in (
        "compiler",
        "diagnostics",
        "job",
        "payloads",
        "report",
        "review",
        "targets",
        "training/recipe",
    )
    for path in sorted((ROOT / folder).rglob("*.py"))
]
IMPURE = {"open", "print", "input", "exec", "eval", "__import__"}


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_pure_parts_touch_nothing(path: Path) -> None:
    """What the import contracts cannot see: the built-in doors to the outside."""
    names = {
        node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)
    }
    assert names.isdisjoint(IMPURE)


def test_every_package_is_shipped() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        shipped = set(tomli.load(file)["tool"]["setuptools"]["packages"])
    inside = subprocess.check_output(["git", "ls-files", "*/__init__.py"], cwd=ROOT, text=True)
    folders = {".".join(("sftc", *Path(name).parts[:-1])) for name in inside.split()}
    tools = {name for name in folders if name.startswith("sftc.tools")}
    assert shipped == {"sftc"} | folders - tools


def test_compiling_prints_nothing_and_changes_nothing(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for case in sorted((ROOT / "tests" / "cases").iterdir()):
        sftc.lint_config((case / "config.toml").read_bytes())
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_the_architecture_maps_what_there_is() -> None:
    """Each package and module of the root is in the map, and each line of it exists."""
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    mapped = [line.split()[0] for line in page.split("```")[1].strip().splitlines()]
    assert [name for name in mapped if not (ROOT / name).exists()] == []
    listed = subprocess.check_output(["git", "ls-files", "*.py"], cwd=ROOT, text=True).split()
    there = {f"{name.split('/')[0]}/" if "/" in name else name for name in listed}
    assert there - set(mapped) == {"setup.py"}
    assert len(page.splitlines()) <= 130, "the architecture is one page"


def test_the_architecture_has_the_layers_that_are_checked() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    shown = page.split("## Who may import whom")[1].split("```")[1].strip().splitlines()
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomli.load(file)["tool"]["importlinter"]["contracts"]
    assert shown == contracts[0]["layers"]


def test_the_words_of_the_architecture_name_paths_that_exist() -> None:
    for name in ("ARCHITECTURE.md", "DECISIONS.md"):
        page = re.sub(r"```.*?```", "", (ROOT / name).read_text("utf-8"), flags=re.DOTALL)
        paths = re.findall(r"`((?:\w+/)+[\w.-]*\.?\w*)`", page)
        homes = (ROOT, ROOT / "compiler", ROOT / "training")
        missing = [path for path in paths if not any((home / path).exists() for home in homes)]
        assert missing == [], name
