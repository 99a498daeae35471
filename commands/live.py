"""A job as it goes on: a live view on a terminal, plain lines everywhere else."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, field
from io import IncrementalNewlineDecoder
from typing import Any, Final

from ..client import LEARNING
from ..diagnostics import printable
from ..diagnostics.words import printable_lines
from ..following import Event, Update
from ..report import Format, TextOrJson
from .streams import is_live, put, say

_NOTE: Final = "sft.job.note"
_ROWS: Final = 8
_EVENTS: Final = 5
_PAUSES_A_SECOND: Final = 4


@contextmanager
def watched(job_id: str) -> Iterator[Callable[[Update], None]]:
    """Give what is to be told of each update of a job, and shows it on standard error."""
    if not is_live():
        yield _lines
        return
    # Imported here because only a terminal needs it.
    from rich.console import Console
    from rich.live import Live

    view = _View(job_id)
    console = Console(stderr=True)
    with Live(console=console, refresh_per_second=_PAUSES_A_SECOND) as live:

        def show(update: Update) -> None:
            view.add(update)
            live.update(view.drawn(console.width))

        yield show


def as_json(job_id: str) -> Callable[[Update], None]:
    """Return what writes each change of a job to standard output as a line of JSON."""
    last: list[tuple[object, ...]] = []

    def write(update: Update) -> None:
        state = (update.status, update.step)
        if update.events or update.points or state not in last:
            last[:] = [state]
            put(json.dumps({"format": 1, "job_id": job_id, **asdict(update)}) + "\n")

    return write


def log_lines(job_id: str, form: TextOrJson) -> Callable[[Sequence[Event]], None]:
    """Return what writes events to standard output, a line each, or as JSON in one."""

    def write(events: Sequence[Event]) -> None:
        if form is Format.JSON and events:
            shown = {"format": 1, "job_id": job_id, "events": [asdict(event) for event in events]}
            put(json.dumps(shown) + "\n")
        for event in events if form is not Format.JSON else ():
            put(f"{printable(event.created_at)}  {_line(event)}\n")

    return write


def printed(job_id: str, form: TextOrJson) -> Callable[[str], None]:
    """Return what writes a trainer's log to standard output, or as JSON in lines.

    A progress bar ends its lines with a carriage return; each drawing becomes a line.
    """
    lines = IncrementalNewlineDecoder(None, translate=True)

    def write(text: str) -> None:
        if form is Format.JSON:
            put(json.dumps({"format": 1, "job_id": job_id, "text": text}) + "\n")
        else:
            put(printable_lines(lines.decode(text)))

    return write


def _lines(update: Update) -> None:
    """Print what is new, a line each."""
    for event in _telling(update.events):
        say(_line(event))
    latest = {point["name"]: point for point in update.points}
    if latest:
        step = max(point["step"] for point in latest.values())
        total = f"/{update.total_steps}" if update.total_steps else ""
        values = [f"{name} {point['value']:.4f}" for name, point in latest.items()]
        say("  ".join([f"step {step}{total}", *values, *_pace(update)]))


def _pace(update: Update) -> list[str]:
    """Return how fast a job goes that is still at it."""
    from ..report import pace

    if update.throughput is None or update.status in LEARNING.ended:
        return []
    return pace.pace(*astuple(update.throughput))


def _telling(events: Sequence[Event]) -> Iterator[Event]:
    """Yield events, but for those that say of a field that no trainer is set by it.

    Of these a job has twenty; ``sftc recipe`` and ``sftc logs`` show them.
    """
    for event in events:
        if event.type == _NOTE and event.level == "info" and event.pointer:
            # Imported here because no other backend has such notes.
            from ..training.recipe.keys import sets_nothing

            if sets_nothing(event.pointer):
                continue
        yield event


def _line(event: Event) -> str:
    plain = event.level in {"info", "debug"}
    return printable(event.message if plain else f"{event.level}: {event.message}")


@dataclass(slots=True)
class _View:
    """What is shown of a job on a terminal."""

    job_id: str
    status: str = ""
    step: int | None = None
    total: int | None = None
    pace: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    points: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    def add(self, update: Update) -> None:
        """Take in what is new."""
        self.status, self.step, self.total = update.status, update.step, update.total_steps
        self.pace = _pace(update)
        self.events = [*self.events, *_telling(update.events)][-_EVENTS:]
        for point in update.points:
            self.points.setdefault(point["name"], []).append((point["step"], point["value"]))

    def drawn(self, width: int) -> Any:
        """Return the view for a terminal of that many columns."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        from ..report import curve

        steps = "" if self.step is None else f"  step {self.step}"
        steps += f"/{self.total}" if self.total else ""
        latest = "".join(f"  {name} {p[-1][1]:.4f}" for name, p in self.points.items() if p)
        pace = "".join(f"  {words}" for words in self.pace)
        head = printable(f"{self.job_id}  {self.status}{steps}{latest}{pace}")
        parts: list[Any] = [Text(head, style="bold")]
        if self.total:
            parts.append(ProgressBar(total=self.total, completed=self.step or 0))
        for name, points in self.points.items():
            if drawn := curve.draw(points, width=min(width, 80), height=_ROWS):
                parts += [Text(printable(name), style="dim"), Text(drawn, style="cyan")]
        parts += [Text(_line(event), style="dim", overflow="ellipsis") for event in self.events]
        return Group(*parts)
