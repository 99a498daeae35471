"""The accelerator is compiled where there is a compiler; elsewhere all works without it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sftc.datasets.rows.accelerator import chosen, sift_none

ROOT = Path(__file__).parent.parent.parent
CHECK = """
from sftc.datasets import measure
from sftc.datasets.rows import accelerator
print(accelerator.__file__)
print(accelerator.chosen("") is not accelerator.sift_none)
print(measure("data.jsonl").rows)
"""
GOOD = '{"messages": [{"role": "user", "content": "2+2"}, {"role": "assistant", "content": "4"}]}\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a copy of what is shipped, to build in."""
    copy = tmp_path / "source"
    listed = subprocess.check_output(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True
    )
    for name in listed.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    return copy


def installed(source: Path, compiler: str | None = None) -> list[str]:
    """Install beside the source, and return what a program in the installation says."""
    target = source.with_name("target")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--target", str(target)]
    environment = {**os.environ, **({"CC": compiler} if compiler else {})}
    environment.pop("SFTC_PURE", None)
    subprocess.run([*command, str(source)], env=environment, check=True, capture_output=True)
    (target / "data.jsonl").write_text(GOOD)
    environment["PYTHONPATH"] = str(target)
    said = subprocess.check_output(
        [sys.executable, "-c", CHECK], cwd=target, env=environment, text=True
    )
    file, *rest = said.splitlines()
    assert Path(file).is_relative_to(target)
    return rest


@pytest.mark.slow
def test_a_compiler_is_used(source: Path) -> None:
    compiler = bool(shutil.which("cc") or shutil.which("gcc"))
    assert installed(source) == [str(compiler), "1"]
    compiled = source.with_name("target").rglob("_accelerator*.so")
    assert [path.name for path in compiled] == ["_accelerator.abi3.so"] * compiler
    assert not (source.with_name("target") / "sftc" / "setup.py").exists()


@pytest.mark.slow
def test_no_compiler_is_needed(source: Path) -> None:
    assert installed(source, "/bin/false") == ["False", "1"]


def test_it_can_be_switched_off() -> None:
    assert chosen(pure="1") is sift_none
