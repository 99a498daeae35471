"""The tiny model as a fixture, made once for all workers of pytest."""

import os
from pathlib import Path

import pytest
from filelock import FileLock
from training_jobs import NAME, forked

TINY = Path(__file__).parents[1] / "training_runs" / "tiny.py"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of what all workers of pytest share; who makes it takes its lock."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def models(shared: Path) -> Path:
    """Return a folder of models, with the tiny one."""
    root = shared / "models"
    with FileLock(shared / "models.lock"):
        if not root.exists():
            said = shared / "models.log"
            with said.open("wb") as output:
                assert forked(TINY, root / NAME, output=output, cwd=shared) == 0
            assert said.read_text().endswith("119104\n")
    return root
