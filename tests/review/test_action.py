"""The GitHub Action: each of its scripts run as GitHub runs them, in a real checkout.

A repository of 200 configs has a branch that edits three. The checkout is the one of
`actions/checkout`: the merge of the branch, one commit deep.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from repositories import BIN, commit, repository, run

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
CONFIG = """\
[job]
model = "Qwen/Qwen3-4B"

[compute]
gpu_type = "H100"
gpu_count = 1

[hyperparameters]
per_device_batch = 1
gradient_accumulation_steps = 64
n_epochs = 1
"""


class Ran(NamedTuple):
    """What a step came to."""

    code: int
    output: str


class Runner:
    """Runs steps as GitHub does, with what it puts into the environment."""

    def __init__(self, checkout: Path, temporary: Path, base: str) -> None:
        """Put a stand-in for gh on the path."""
        self.action = ROOT
        self.checkout = checkout
        self.temporary = temporary
        self.values = {
            "inputs.strict": "false",
            "inputs.base": base,
            "inputs.token": "token",
            "github.event.pull_request.number": "7",
        }
        (temporary / "bin").mkdir()
        gh = temporary / "bin" / "gh"
        gh.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("gh.py")}" "$@"\n'
        )
        gh.chmod(0o755)

    def step(self, name: str) -> Ran:
        """Run a step."""
        step = STEPS[name]
        assert step["shell"] == "bash"
        given = {key: self._value(text) for key, text in step.get("env", {}).items()}
        environment = {
            **os.environ,
            "PATH": f"{self.temporary / 'bin'}:{BIN}:{os.environ['PATH']}",
            "COMMENTS": str(self.temporary / "comments.json"),
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_PATH": str(self.temporary / "path"),
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_STEP_SUMMARY": str(self.temporary / "summary.md"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "RUNNER_TEMP": str(self.temporary),
            **given,
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        ran = subprocess.run(
            command, cwd=self.checkout, env=environment, capture_output=True, text=True, check=False
        )
        return Ran(ran.returncode, ran.stdout + ran.stderr)

    def _value(self, text: str) -> str:
        match = re.fullmatch(r"\$\{\{ (\S+) \}\}", text)
        assert match, f"{text} is no plain expression"
        return self.values[match[1]]

    @property
    def comments(self) -> list[dict[str, Any]]:
        """The comments of the pull request."""
        store = self.temporary / "comments.json"
        return json.loads(store.read_text()) if store.exists() else []

    @property
    def summary(self) -> str:
        """The summary of the job."""
        return (self.temporary / "summary.md").read_text("utf-8")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository of 200 configs and their artifacts."""
    path = repository(tmp_path_factory.mktemp("origin") / "repo")
    (path / "configs").mkdir()
    for number in range(200):
        (path / "configs" / f"c{number:03}.toml").write_text(CONFIG)
    run("sftc", "compile", "--write", cwd=path)
    run("git", "config", "uploadpack.allowAnySHA1InWant", "true", cwd=path)  # as GitHub has it
    commit(path)
    return path


@pytest.fixture
def runner(origin: Path, tmp_path: Path) -> Runner:
    """Return a runner in the checkout of a pull request that edits three configs."""
    path = tmp_path / "origin"
    shutil.copytree(origin, path)
    run("git", "switch", "-q", "-c", "branch", cwd=path)
    for number, old, new in (
        (3, "per_device_batch = 1", "per_device_batch = 4"),
        (50, "n_epochs = 1", "n_epochs = 2"),
        (199, "gpu_count = 1", "gpu_count = 8"),
    ):
        config = path / "configs" / f"c{number:03}.toml"
        config.write_text(config.read_text().replace(old, new))
    run("sftc", "compile", "--write", cwd=path)
    commit(path)
    run("git", "switch", "-q", "main", cwd=path)
    (path / "README.md").write_text("Meanwhile.\n")
    base = commit(path)
    run("git", "switch", "-q", "-c", "merge", cwd=path)
    run("git", "merge", "-q", "--no-edit", "branch", cwd=path)
    checkout = tmp_path / "checkout"
    url = f"file://{path}"
    run("git", "clone", "-q", "--depth", "1", "--branch", "merge", url, str(checkout), cwd=tmp_path)
    return Runner(checkout, tmp_path, base)


GOLDEN = Path(__file__).with_name("comment.md")


def test_the_action_installs_itself(runner: Runner) -> None:
    source = runner.temporary / "action"
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines()
    for name in listed:
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/", "benchmarks/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    runner.action = source
    assert runner.step("Install sftc").code == 0
    (folder,) = (runner.temporary / "path").read_text().splitlines()
    assert run(f"{folder}/sftc", "check", cwd=runner.checkout) == ""


def test_three_of_200_configs_are_one_comment(runner: Runner) -> None:
    for name in ("Fetch the history", "Lint", "Check", "Diff", "Comment"):
        assert runner.step(name) == (0, ""), name
    (comment,) = runner.comments
    shown = comment["body"]
    if os.environ.get("SFTC_REWRITE"):
        GOLDEN.write_text(shown, "utf-8")
    assert shown == GOLDEN.read_text("utf-8")
    assert shown == runner.summary
    runner.step("Comment")
    assert len(runner.comments) == 1


def test_a_later_push_rewrites_the_comment(runner: Runner) -> None:
    stranger = {"id": 1, "user": {"type": "User"}, "body": "<!-- sftc-diff -->\nmine"}
    (runner.temporary / "comments.json").write_text(json.dumps([stranger]))
    for name in ("Fetch the history", "Diff", "Comment"):
        assert runner.step(name).code == 0
    assert len(runner.comments) == 2
    for path in ("configs/c003.toml", "configs/c050.toml", "configs/c199.toml"):
        (runner.checkout / path).write_text(CONFIG)
    run("sftc", "compile", "--write", cwd=runner.checkout)
    for name in ("Diff", "Comment"):
        assert runner.step(name).code == 0
    assert [comment["body"] for comment in runner.comments] == [
        stranger["body"],
        "<!-- sftc-diff -->\n### No payload changes\n",
    ]


def test_what_is_wrong_fails_its_step_and_is_annotated(runner: Runner) -> None:
    runner.step("Fetch the history")
    stale, broken = (runner.checkout / "configs" / f"c00{number}.toml" for number in (4, 5))
    stale.write_text(CONFIG.replace("n_epochs = 1", "n_epochs = 5"))
    broken.write_text(CONFIG.replace("gpu_type", "gpu_typ"))
    linted, checked, shown = (runner.step(name) for name in ("Lint", "Check", "Diff"))
    assert linted.code == checked.code == 1
    assert linted.output.startswith("::error file=configs/c005.toml,line=5,")
    assert "::error file=configs/c004.job.json," in checked.output
    assert shown.code == 2
    assert runner.step("Comment").code == 0
    body = runner.comments[0]["body"]
    assert "#### `configs/c005.toml` does not compile" in body
    assert "### 4 payloads change, 1 does not compile\n" in body


def test_a_fork_may_not_comment(runner: Runner) -> None:
    runner.values["inputs.token"] = "read-only"
    runner.step("Fetch the history")
    runner.step("Diff")
    code, output = runner.step("Comment")
    assert code == 0
    assert "::notice::sftc could not comment" in output
    assert "### 3 payloads change\n" in runner.summary


def test_warnings_fail_when_strict(runner: Runner) -> None:
    config = runner.checkout / "configs" / "c000.toml"
    config.write_text(f"{CONFIG}lr = 1e-5\n")
    assert runner.step("Lint").code == 0
    runner.values["inputs.strict"] = "true"
    assert runner.step("Lint").code == 1


def test_nothing_from_outside_is_pasted_into_a_script() -> None:
    assert all("${{" not in step["run"] for step in STEPS.values())
    assert {step["name"] for step in ACTION["runs"]["steps"]} == STEPS.keys()
    assert all(inputs["description"].endswith(".") for inputs in ACTION["inputs"].values())
