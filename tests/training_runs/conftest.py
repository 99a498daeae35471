"""Trains a tiny model for real; each trainer is a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported; the machine has other work, too
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["PYTHONSAFEPATH"] = "1"  # else the root of the repository has a package `datasets`

import pytest
from training_jobs import METHODS, NAME, job, train

from sftc.jobfolder import Exit, JobFolder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:  # the warnings of torch and its libraries are not ours
        if "training_runs" in item.path.parts:
            item.add_marker(pytest.mark.filterwarnings("default"))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of models, with the tiny one."""
    root = tmp_path_factory.mktemp("models")
    script = Path(__file__).with_name("tiny.py")
    done = subprocess.run(
        [sys.executable, script, root / NAME], capture_output=True, text=True, check=True
    )
    assert done.stdout == "119104\n"
    return root


@pytest.fixture(scope="session")
def uninterrupted(
    tmp_path_factory: pytest.TempPathFactory, models: Path
) -> Callable[[str], JobFolder]:
    """Return the folder of a job that was trained by a method from its start to its end."""

    @cache
    def trained(method: str) -> JobFolder:
        folder = job(tmp_path_factory.mktemp("jobs") / "job", METHODS[method])
        assert train(folder, models) == Exit.DONE, folder.log.read_text()
        return folder

    return trained


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)
