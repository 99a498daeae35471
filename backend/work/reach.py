"""Whether an engine answers: long silence is noted once, and it is asked less and less often."""

import time
from typing import Final

from ...engines import ENGINES
from ..records import Event
from ..runner import Report

_FIRST: Final = 1.0
_LONGEST: Final = 60.0
"""Seconds between two questions."""

_SILENT: Final = 30.0
"""Seconds of silence that a job is told of; shorter ones are everyday life on a cluster."""


class Reach:
    """Notes in a job's events when its engine stops answering, and when it answers again."""

    def __init__(self, engine: str, report: Report) -> None:
        self._name = ENGINES[engine].where
        self._report = report
        self._pause: float | None = None
        self._since = 0.0
        self._noted = False

    @property
    def away(self) -> bool:
        """Whether the engine gave no answer the last time."""
        return self._pause is not None

    def lost(self, error: Exception) -> float:
        """Note that the engine gave no answer; return in how many seconds to ask again."""
        if self._pause is None:
            self._since = time.monotonic()
        elif not self._noted and time.monotonic() - self._since >= _SILENT:
            message = f"{self._name} is unreachable: {error}. The server keeps trying"
            self._report.event(Event("sft.job.note", message, "warning"))
            self._noted = True
        self._pause = min(2 * (self._pause or _FIRST / 2), _LONGEST)
        return self._pause

    def found(self) -> None:
        """Note that the engine answers again, if its silence was noted."""
        if self._noted:
            self._report.event(Event("sft.job.note", f"{self._name} is reachable again"))
        self._pause, self._noted = None, False
