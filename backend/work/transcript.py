"""A trainer's journal as the API shows it: events, and points of curves.

Each server reads it from its start, and it says the same each time: an event's source is its
line, so what is stored already is not stored again.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ...jobfolder import Entry, Kind
from ..records import Batch, Event, Point, moment
from ..runner import RunFailedError

_ENDS: Final = {Kind.REFUSED, Kind.DIVERGED, Kind.FAILED, Kind.INTERRUPTED}
"""Kinds after which a trainer ends without a result; it may be started again."""

_LONGEST: Final = 2000
_MOST: Final = 100
_DEEPEST: Final = 3

_FACTS: Final[Mapping[Kind, Sequence[str]]] = {
    Kind.DATA: ("name", "rows", "dropped", "cut", "tokens", "learned"),
    Kind.START: (
        "resumed_from",
        "total_steps",
        "device",
        "world",
        "parameters",
        "trainable",
        "versions",
    ),
    Kind.SAVED: ("best", "best_metric"),
    Kind.DONE: ("best", "best_metric", "seconds"),
}
"""The facts of each kind that events have."""


class Transcript:
    """What a journal has said so far.

    Attributes:
        done: its last line, when the result is there.
        saved: the step of the newest checkpoint; 0 if there is none.
        ends: how the trainer ended, if the last lines say so.
        memory: the most bytes that it has taken; None if it has not told.
        on_gpu: whether these are of a GPU.

    """

    def __init__(self) -> None:
        self.done: Entry | None = None
        self.saved = 0
        self.ends: list[Entry] = []
        self.memory: int | None = None
        self.on_gpu = False
        self._steps = 0
        self._seconds = 0.0
        self._sources: list[str] = []
        self._starts = self._lines = 0

    def add(self, lines: Sequence[tuple[bytes, Entry]]) -> Batch:
        """Return what the next lines add to a job's traces."""
        events: list[Event] = []
        points: list[Point] = []
        step, total = 0, None
        for line, entry in lines:
            self._lines += 1  # two lines may be alike
            source = f"line {self._lines} {hashlib.sha256(line).hexdigest()[:16]}"
            if entry.kind in _ENDS:
                self.ends.append(entry)
                self._sources.append(source)
                continue
            events += self._passed()
            events += self._events(entry, source)
            if entry.kind in {Kind.STEP, Kind.EVALUATION} and entry.step is not None:
                points += _points(entry, entry.step)
                self._measure(entry.values)
                step = max(step, entry.step)
            total = _count(entry.facts.get("total_steps")) or total
        return Batch(events, points, step, total)

    def _measure(self, values: Mapping[str, float]) -> None:
        taken, took = values.get("train.memory"), values.get("train.seconds")
        if taken is not None and 0 <= taken < 2**53:
            self.memory = max(self.memory or 0, int(taken))
        if took is not None and 0 <= took < 2**53:
            self._steps, self._seconds = self._steps + 1, self._seconds + took

    @property
    def pace(self) -> float | None:
        """Seconds of a step, in the mean."""
        return self._seconds / self._steps if self._steps else None

    def failure(self) -> RunFailedError | None:
        """Return why the job fails, if the trainer has said so."""
        said = [entry for entry in self.ends if entry.kind is not Kind.INTERRUPTED]
        if not said:
            return None
        first = said[0]
        message = _shortened(first.message or "the trainer gave no reason")
        if len(said) > 1:
            others = len(said) - 1
            message += f" (and {others} more reason{'s' if others > 1 else ''})"
        details = [
            {"code": _code(entry), "message": _shortened(entry.message or ""), **_place(entry)}
            for entry in said[:_MOST]
        ]
        more = {"details": details} if len(said) > 1 else _place(first)
        return RunFailedError(_code(first), message, more)

    @property
    def is_final(self) -> bool:
        """Whether starting the trainer again would end in the same way."""
        return any(entry.kind in {Kind.REFUSED, Kind.DIVERGED} for entry in self.ends)

    def _passed(self) -> Iterator[Event]:
        """Yield how the trainer ended before it was started again."""
        for entry, source in zip(self.ends, self._sources, strict=True):
            message = f"The trainer exited and was restarted: {entry.message or entry.kind}"
            yield _event("note", message, entry, source, "warning")
        self.ends.clear()
        self._sources.clear()

    def _events(self, entry: Entry, source: str) -> Iterator[Event]:
        match entry.kind:
            case Kind.NOTE:
                yield self._note(entry, source)
            case Kind.DATA:
                yield _event("data", _data(entry), entry, source)
            case Kind.START:
                self.on_gpu = entry.facts.get("device") == "cuda"
                yield self._start(entry, source)
            case Kind.SAVED:
                self.saved = max(self.saved, entry.step or 0)
                message = f"Saved the checkpoint of step {entry.step or 0:,}"
                yield _event("checkpoint", message, entry, source)
            case Kind.DONE:
                self.done = entry

    @staticmethod
    def _note(entry: Entry, source: str) -> Event:
        message = entry.message or ""
        if entry.pointer is None:
            return _event("note", message, entry, source, "warning")
        field = entry.pointer.rpartition("/")[2]
        return _event("note", f"{field}: {message}", entry, source)

    def _start(self, entry: Entry, source: str) -> Event:
        self._starts += 1
        resumed = _count(entry.facts.get("resumed_from"))
        if resumed is None and self._starts == 1:
            total = _count(entry.facts.get("total_steps"))
            steps = "" if total is None else f" {total:,} step{'s' if total != 1 else ''}"
            return _event("training", f"The training of{steps or ' the job'} starts", entry, source)
        step = resumed or 0
        message = (
            f"The training resumes from the checkpoint of step {step:,}"
            if step
            else "The training restarts from the beginning: there was no checkpoint yet"
        )
        event = _event("resumed", message, entry, source, "warning")
        return Event(
            event.type,
            event.message,
            event.level,
            {**(event.data or {}), "step": step},
            event.source,
            event.created_at,
        )


def completed(entry: Entry) -> Event:
    """Return the event of a job's success."""
    step, best = entry.step or 0, _count(entry.facts.get("best"))
    message = f"The training finished after {step:,} step{'s' if step != 1 else ''}"
    message += f"; the result is the checkpoint of step {best:,}" if best else ""
    event = _event("completed", message, entry, None)
    values = dict(entry.values)
    return Event(event.type, event.message, data={**(event.data or {}), "values": values})


def _event(kind: str, message: str, entry: Entry, source: str | None, level: str = "info") -> Event:
    data: dict[str, Any] = _place(entry)
    if entry.step is not None:
        data["step"] = entry.step
    for name in _FACTS.get(entry.kind, ()):
        if name in entry.facts:
            data[name] = _plain(entry.facts[name])
    return Event(f"sft.job.{kind}", _shortened(message), level, data, source, moment(entry.at))


def _place(entry: Entry) -> dict[str, Any]:
    """Return where in the payload or the data it happened."""
    found: dict[str, Any] = {}
    if entry.pointer is not None:
        found["pointer"] = _shortened(entry.pointer)
    line = _count(entry.facts.get("line"))
    return found if line is None else {**found, "line": line}


def _data(entry: Entry) -> str:
    facts = {name: _count(entry.facts.get(name)) or 0 for name in _FACTS[Kind.DATA][1:]}
    name = _shortened(str(entry.facts.get("name", "data")))
    words = f"The {name} data: {facts['rows']:,} rows, {facts['tokens']:,} tokens"
    words += f", {facts['learned']:,} of them in the loss"
    for what in ("cut", "dropped"):
        count = facts[what]
        are = "row is" if count == 1 else "rows are"
        words += f"; {count:,} {are} {what}" if count else ""
    return words


def _points(entry: Entry, step: int) -> list[Point]:
    time = moment(entry.at)
    return [Point(step, _shortened(name), float(v), time) for name, v in entry.values.items()]


def _code(entry: Entry) -> str:
    return entry.code or entry.kind.value


def _count(value: object) -> int | None:
    counts = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    return int(str(value)) if counts else None


def _shortened(text: str) -> str:
    """Return a text of bounded length that UTF-8 can carry."""
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return text.encode("utf-8", "replace").decode()


def _plain(value: object, depth: int = 0) -> Any:
    """Return a value as events carry it: bounded, and such as every reader of JSON reads."""
    if isinstance(value, str):
        return _shortened(value)
    if isinstance(value, dict) and depth < _DEEPEST:
        some = list(value.items())[:_MOST]
        return {_shortened(str(key)): _plain(item, depth + 1) for key, item in some}
    if isinstance(value, list) and depth < _DEEPEST:
        return [_plain(item, depth + 1) for item in value[:_MOST]]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value if isinstance(value, int) and abs(value) < 2**53 else None
