"""Trains a tiny model for real; each trainer is a process of its own."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported; the machine has other work, too
os.environ["HF_HUB_OFFLINE"] = "1"

import pytest
from filelock import FileLock
from tiny_models import models, shared
from training_jobs import METHODS, job, train

from sftc.jobfolder import Exit, JobFolder

__all__ = ["models", "shared"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:  # the warnings of torch and its libraries are not ours
        if "training_runs" in item.path.parts:
            item.add_marker(pytest.mark.filterwarnings("default"))


@pytest.fixture(scope="session")
def uninterrupted(shared: Path, models: Path) -> Callable[[str], JobFolder]:
    """Return the folder of a job that was trained by a method from its start to its end."""

    @cache
    def trained(method: str) -> JobFolder:
        with FileLock(shared / f"{method}.lock"):
            folder = JobFolder(shared / method)
            if not folder.root.exists():
                job(folder.root, METHODS[method])
                assert train(folder, models) == Exit.DONE, folder.log.read_text()
        return folder

    return trained


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)
