"""The release workflow and the wheels that it builds, as far as they can be checked without it."""

import subprocess
import sys
from pathlib import Path

import tomli
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"


def test_actionlint_has_nothing_to_say() -> None:
    linter = Path(sys.executable).with_name("actionlint")
    done = subprocess.run([linter, WORKFLOW], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_each_python_that_is_claimed_is_tested() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    project = tomli.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    claimed = [
        line.rpartition(" ")[2]
        for line in project["classifiers"]
        if line.startswith("Programming Language :: Python :: 3.")
    ]
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == claimed
    assert project["requires-python"] == f">={claimed[0]}"
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert f"$(foreach version,{' '.join(claimed)}," in makefile


def test_the_tests_of_the_wheel_exist() -> None:
    script = (ROOT / "tools" / "test_wheel.sh").read_text("utf-8")
    listed = script.split("tests=(")[1].split("\n)")[0].split()
    assert len(listed) > 20
    assert [name for name in listed if not (ROOT / name).is_file()] == []
