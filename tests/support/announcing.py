"""How many tests a run has and about how long it takes, told before it starts.

Tests are counted by collecting them. The time is that of the same run when `make test-times`
measured it, in `tests/times.json`, by the share of tests and the number of processes.
"""

import json
import os
import time
from pathlib import Path
from typing import Any, Final

import pytest

TIMES: Final = Path(__file__).parents[1] / "times.json"
FAST: Final = "not slow"


class Announcement:
    """A plugin of the process that starts a run."""

    def __init__(self, config: pytest.Config) -> None:
        """Note which run it is, and when it began."""
        self._run = "fast" if config.option.markexpr == FAST else "slow"
        self._began = time.monotonic()
        self._tests = 0
        self._processes = 1

    def announce(self, config: pytest.Config, tests: int, processes: int) -> None:
        """Say how many tests there are and how long they take, once."""
        if self._tests:
            return
        self._tests, self._processes = tests, processes
        before = json.loads(TIMES.read_text("utf-8")).get(self._run)
        line = f"{tests:,} tests"
        if before and tests > before["tests"] // 2:
            seconds = before["seconds"] * before["processes"] * tests / before["tests"] / processes
            line += f", {_duration(seconds)} on {processes} free cores"
        if self._run == "fast":
            line += "; make test-slow runs the slow ones"
        reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line(line)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Announce what the first worker has collected: each collects the same."""
        self.announce(node.config, len(ids), node.config.option.numprocesses)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Announce what this process has collected, where it runs tests itself."""
        config = session.config
        shared = hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None)
        if not shared and not config.option.collectonly and len(session.items) > 1000:
            self.announce(config, len(session.items), 1)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Keep the time of a whole run that passed, if asked to."""
        if os.environ.get("SFTC_TIMES") and self._tests and exitstatus == 0:
            times = json.loads(TIMES.read_text("utf-8"))
            times[self._run] = {
                "tests": self._tests,
                "processes": self._processes,
                "seconds": round(time.monotonic() - self._began),
            }
            TIMES.write_text(json.dumps(times, indent=2) + "\n", "utf-8")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"about {round(seconds, -1):.0f} seconds"
    return f"about {round(seconds / 60):.0f} minutes"
