"""The worked examples of CONTRIBUTING.md are applied to a copy of the package, and they work."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CONFIG = """[job]
model = "Qwen/Qwen3-4B"
data = "train.jsonl"
[compute]
gpu_type = "H100"
[hyperparameters]
"""
ENGINE = """
import pathlib, sys
from sftc.engines import ENGINES, Engine, Launch
from sftc.engines.inline import Inline
engine: Engine = Inline()
verbs = {name for name in vars(Engine) if not name.startswith("_") and name != "name"}
assert verbs <= set(dir(engine)), verbs
folder = pathlib.Path.cwd()
assert engine.find(folder, "a") is None
argv = (sys.executable, "-c", "print('trained'); raise SystemExit(3)")
handle = engine.submit(Launch(folder=folder, argv=argv, name="a"))
again = engine.submit(Launch(folder=folder, argv=argv, name="a"))
assert engine.find(folder, "a") == handle == again
print(engine.state(handle).code, engine.log(handle).read_text().strip(), ENGINES[engine.name].where)
"""
KIND = """
from sftc.datasets import measure
from sftc.datasets.rows.plain import Plain
measured = measure("rows.jsonl", kind=Plain())
print(measured.rows, *(f"{one.span.line}:{one.code}" for one in measured.diagnostics))
"""


class Trial(NamedTuple):
    """What is tried after an example: files, arguments of Python, and what comes out.

    ``seen`` are lines of standard output or standard error; without the example, one is missing.
    """

    files: Mapping[str, str]
    arguments: Sequence[str]
    seen: Sequence[str]


def sftc(*arguments: str) -> list[str]:
    return ["-m", "sftc", *arguments]


TRIALS: Final[Mapping[str, Trial]] = {
    "a key": Trial(
        {"a.toml": CONFIG + "z_loss = -1.0\n"},
        sftc("lint", "--format", "concise", "a.toml"),
        [
            (
                "a.toml:7:10: error[SFT103]: `hyperparameters.z_loss` must be a number of "
                "at least 0, not -1.0"
            )
        ],
    ),
    "a rule": Trial(
        {"a.toml": CONFIG + "weight_decay = 0.5\n"},
        sftc("lint", "--format", "concise", "a.toml"),
        ["a.toml:7:16: warning[SFT219]: `weight_decay` is 0.5, above the usual 0.0 to 0.1"],
    ),
    "a command": Trial(
        {"a.toml": CONFIG},
        sftc("names", "a.toml"),
        ["job.model", "job.data", "compute.gpu_type"],
    ),
    "an output format": Trial(
        {"a.toml": CONFIG + "n_epochs = 0\n"},
        sftc("lint", "--format", "tsv", "a.toml"),
        ["a.toml\t7\tSFT103\t`hyperparameters.n_epochs` must be an integer of at least 1, not 0"],
    ),
    "a format of datasets": Trial(
        {
            "rows.jsonl": json.dumps({"instruction": "Add", "context": "2+2", "response": "4"})
            + "\n"
        },
        sftc("data", "convert", "--from", "dolly", "rows.jsonl"),
        ['{"messages":[{"role":"user","content":"Add\\n2+2"},{"role":"assistant","content":"4"}]}'],
    ),
    "a kind of row": Trial(
        {"rows.jsonl": '{"text": "a"}\n{"text": " "}\n{"words": 1}\n'},
        ["-c", KIND],
        ["3 2:SFT443 3:SFT413"],
    ),
    "an engine": Trial({}, ["-c", ENGINE], ["3 trained this server"]),
}
ELSEWHERE = {"a target": "tests/targets/test_toy.py"}
"""Examples of other pages, and the test that tries them."""


def sections() -> dict[str, str]:
    """Return the worked examples, by what they add."""
    parts = re.split(r"^### Add (.*)$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def apply(diff: str, package: Path) -> None:
    """Apply one block: ``---`` and a file to change, or ``+++`` and a file to make."""
    head, *lines = diff.splitlines()
    file = package / head[4:]
    after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    if head.startswith("+++ "):
        assert not file.exists(), f"{head}: it is there already"
        file.write_text(after, "utf-8")
        return
    before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    text = file.read_text("utf-8")
    assert text.count(before) >= 1, f"{head}: it does not hold\n{before}"
    file.write_text(text.replace(before, after, 1), "utf-8")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package, as it stands in the work tree."""
    copy = tmp_path_factory.mktemp("shipped") / "sftc"
    listed = subprocess.check_output(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True
    )
    apart = ("tests/", "docs/", "benchmarks/", "tools/", "examples/", ".")
    for name in listed.splitlines():
        if (ROOT / name).is_file() and not name.startswith(apart):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    return copy


def tried(trial: Trial, package: Path, folder: Path) -> list[str]:
    folder.mkdir()
    for name, text in trial.files.items():
        (folder / name).write_text(text, "utf-8")
    variables = {**os.environ, "PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *trial.arguments],
        cwd=folder, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]


@pytest.mark.parametrize("name", TRIALS)
def test_a_worked_example_works(name: str, shipped: Path, tmp_path: Path) -> None:
    trial = TRIALS[name]
    before = tried(trial, shipped, tmp_path / "before")
    assert not set(trial.seen) <= set(before), "it works without the example"

    package = tmp_path / "sftc"
    shutil.copytree(shipped, package)
    blocks = re.findall(r"```diff\n(.*?)```", sections()[name], re.DOTALL)
    assert blocks
    for block in blocks:
        apply(block, package)
    after = tried(trial, package, tmp_path / "after")
    assert set(trial.seen) <= set(after), after


def test_each_example_is_tried() -> None:
    assert sections().keys() == TRIALS.keys() | ELSEWHERE.keys()
    for name, test in ELSEWHERE.items():
        assert (ROOT / test).is_file()
        assert "```diff" not in sections()[name]


def test_the_files_and_targets_that_it_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"make ([a-z-]+)(?=[`  ])", PAGE):
        assert f"\n{target}:" in makefile, target
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    for name in re.findall(r"`([\w.]+(?:/[\w.]+)+|[\w.]+/|\w+\.(?:py|md))`", prose):
        assert (ROOT / name).exists(), name
