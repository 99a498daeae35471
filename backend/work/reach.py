"""Whether an engine answers: its silence is noted once, and it is asked less and less often."""

from typing import Final

from ..records import Event
from ..runner import Report

_FIRST: Final = 1.0
_LONGEST: Final = 60.0
"""Seconds between two questions."""

_NAMES: Final = {"local": "this machine", "slurm": "Slurm"}


class Reach:
    """Tells a job when its engine stops to answer, and when it does again."""

    def __init__(self, engine: str, report: Report) -> None:
        """Begin with an engine that answers."""
        self._name = _NAMES.get(engine, engine)
        self._report = report
        self._pause: float | None = None

    @property
    def away(self) -> bool:
        """Whether the engine gave no answer the last time."""
        return self._pause is not None

    def lost(self, error: Exception) -> float:
        """Note that the engine gave no answer; return in how many seconds to ask again."""
        if self._pause is None:
            message = f"{self._name} does not answer: {error}. The server goes on asking"
            self._report.event(Event("sft.job.note", message, "warning"))
        self._pause = min(2 * (self._pause or _FIRST / 2), _LONGEST)
        return self._pause

    def found(self) -> None:
        """Note that the engine answers again, if it did not."""
        if self._pause is not None:
            self._report.event(Event("sft.job.note", f"{self._name} answers again"))
        self._pause = None
