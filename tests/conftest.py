"""What all tests share."""

import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

sys.path.insert(0, str(Path(__file__).parent / "support"))  # what several tests use

if not (shutil.which("cc") or shutil.which("gcc")):
    collect_ignore = ["datasets/test_accelerator.py"]

# Deterministic, so that a red run is red again; no deadline, for machines that are busy.
settings.register_profile(
    "sftc",
    derandomize=True,
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("sftc")


class Root:
    """The repository's root is a folder to pytest, though it is the package ``sftc``, too.

    As a package it would be imported by the folder's name, which may be no name of a package.
    """

    @staticmethod
    def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect the root as a folder."""
        return pytest.Dir.from_parent(parent, path=path) if path == ROOT else None


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Root)
