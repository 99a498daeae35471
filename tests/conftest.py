"""What all tests share: which of them are slow, what is drawn, what is said before they start.

`docs/testing.md` says what the markers mean and what each target runs.
"""

import shutil
import sys
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

ROOT: Final = Path(__file__).parent.parent
TESTS: Final = Path(__file__).parent

sys.path.insert(0, str(TESTS / "support"))  # what several tests use

import announcing  # noqa: E402 - found there
import drawing  # noqa: E402

SLOW: Final = (
    "backend/page",  # needs Chromium
    "backend/test_openapi.py",  # starts schemathesis
    "datasets/tokens/test_templates.py",  # needs vocabularies
    "datasets/tokens/test_words.py",  # needs vocabularies
    "report/test_patch.py",  # needs patch
    "targets/test_services.py",  # needs the SDKs of the services
)
"""Folders and files that are slow as a whole. The fast run does not even import them."""

if not (shutil.which("cc") or shutil.which("gcc")):
    collect_ignore = ["datasets/test_accelerator.py"]

# Deterministic, so that a red run is red again; no deadline, for machines that are busy.
STEADY: Final = settings(
    derandomize=True,
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("sftc", STEADY)
settings.register_profile("fast", STEADY, max_examples=25)
settings.load_profile("sftc")
drawing.pin_constants(ROOT)


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
    config.pluginmanager.register(announcing.Announcement(config))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what is slow as a whole: importing it takes seconds, or what is not installed."""
    return True if config.option.markexpr == "not slow" and _is_slow(collection_path) else None


def _is_slow(path: Path) -> bool:
    return any(path == TESTS / each or TESTS / each in path.parents for each in SLOW)


@pytest.hookimpl(tryfirst=True)  # before `-m` deselects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow by its folder or by all cases but the first, and what draws."""
    met: set[str] = set()
    for item in items:
        name = item.nodeid.partition("[")[0]
        if _is_slow(item.path) or (item.get_closest_marker("slow_but_first") and name in met):
            item.add_marker("slow")
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("property")
        met.add(name)
