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


def test_the_architecture_names_what_there_is() -> None:
    """Each path in the layout of ARCHITECTURE.md exists."""
    layout = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split("```")[1]
    folder = ROOT
    for line in filter(str.strip, layout.splitlines()):
        start = line.strip().split("   ")[0]
        names = re.findall(r"[\w.]+\.(?:py|c|json)\b|\w+/", start)
        if not line.startswith(" "):
            folder = ROOT / names[0]
        assert all((folder / name).exists() or (ROOT / name).exists() for name in names), line
