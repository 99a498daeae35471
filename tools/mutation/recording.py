"""Records which tests run which lines of the packages, and how long each test takes.

A plugin of pytest. A test that runs a command gets it in a fork of its own process, so that lines
that only a command runs are recorded, too, and a mutant is in it.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from .forking import commands_forked, loaded

PACKAGES: Final = ("compiler", "job", "payloads", "submitter")
TESTS: Final = ("planning", "review", "job", "payloads", "compiler", "submitter")
"""Folders of tests: those of the packages, and two in which the packages' results are goldens."""

EXAMPLES: Final = 10
"""Examples that a property draws."""
Lines: TypeAlias = dict[str, dict[int, set[str]]]
"""The tests that run a line, by its file and its number."""


class Recording:
    """Records a run of the tests into a file."""

    def __init__(self, root: Path, into: Path) -> None:
        """Record the packages under a root into a file, after what is in it already."""
        self._root, self._into = root, into
        self._record = Record(into.read_text() if into.exists() else None)
        self._coverage: Any = None
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._failed: set[str] = set()
        self._pieces = into.with_suffix(".pieces")

    def _made(self, name: str, context: str | None = None) -> Any:
        include = [str(self._root / package / "*") for package in PACKAGES]
        library: Any = import_module("coverage")  # the environment of the checks is without
        return library.Coverage(
            data_file=str(self._pieces / name), include=include, config_file=False, context=context
        )

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what is known."""
        items[:] = [item for item in items if item.nodeid not in self._record.seconds]
        few_examples(items)

    def pytest_collection_finish(self) -> None:
        """Record from here: what an import runs is no test's."""
        self._pieces.mkdir(parents=True, exist_ok=True)
        loaded()
        self._coverage = self._made("own")
        self._coverage.start()
        commands_forked(self._recorded)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Say whose the next lines are."""
        self._test = item.nodeid
        self._coverage.switch_context(item.nodeid)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how long it took."""
        self._seconds[report.nodeid] += report.duration
        if not report.passed:
            self._failed.add(report.nodeid)

    def _recorded(self) -> None:
        """Record the process that this is now, until it exits."""
        self._coverage.stop()
        coverage = self._made(f"fork.{os.getpid()}", self._test)
        coverage.start()
        leave = os._exit

        def saved(code: int) -> None:
            coverage.stop()
            coverage.save()
            leave(code)

        os._exit = saved  # type: ignore[assignment]

    def pytest_sessionfinish(self) -> None:
        """Write it all, also after an interruption: the next run goes on from there."""
        self._coverage.stop()
        self._coverage.save()
        whole = self._made("whole")
        whole.combine([str(path) for path in self._pieces.iterdir()], keep=False)
        data = whole.get_data()
        lines: Lines = {}
        for name in sorted(data.measured_files()):
            path = str(Path(name).relative_to(self._root))
            for line, tests in data.contexts_by_lineno(name).items():
                lines.setdefault(path, {})[line] = {*filter(None, tests)}
        self._record.add(lines, self._seconds, self._failed)
        self._into.write_text(self._record.text())


class Record:
    """Which tests run which lines."""

    def __init__(self, text: str | None) -> None:
        """Begin with what was recorded before."""
        self.lines: Lines = {}
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        if text is None:
            return
        known = json.loads(text)
        names = known["tests"]
        self.seconds = dict(zip(names, known["seconds"], strict=True))
        self.failed = set(known["failed"])
        for path, by_line in known["lines"].items():
            self.lines[path] = {
                int(line): {names[number] for number in numbers}
                for line, numbers in by_line.items()
            }

    def add(self, lines: Lines, seconds: Mapping[str, float], failed: set[str]) -> None:
        """Add another run's."""
        self.seconds |= seconds
        self.failed |= failed
        for path, by_line in lines.items():
            for line, tests in by_line.items():
                self.lines.setdefault(path, {}).setdefault(line, set()).update(tests)

    def text(self) -> str:
        """Return it as it is kept."""
        names = sorted(self.seconds)
        numbers = {name: number for number, name in enumerate(names)}
        lines = {
            path: {line: sorted(numbers[test] for test in tests) for line, tests in by_line.items()}
            for path, by_line in self.lines.items()
        }
        seconds = [round(self.seconds[name], 4) for name in names]
        return json.dumps(
            {"tests": names, "seconds": seconds, "lines": lines, "failed": sorted(self.failed)}
        )


def few_examples(items: Iterable[pytest.Item]) -> None:
    """Let properties draw few examples: a mutant that needs hundreds is not noticed soon enough."""
    from hypothesis import settings

    for item in items:
        function: Any = getattr(item, "obj", None)
        used = getattr(function, "_hypothesis_internal_use_settings", None)
        if used is not None and used.max_examples > EXAMPLES:
            function._hypothesis_internal_use_settings = settings(used, max_examples=EXAMPLES)  # noqa: SLF001
