"""Following a job until it ends: status, events and metrics, across lost connections."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ..client import Client, Request, Route, finite, number, refusal, text
from .values import Event, Job, Outcome, Point, Update, job_of

_KEY_REFUSED: Final = frozenset({401, 403})
_EVENTS: Final = 200
_POINTS: Final = 1000
"""How many are asked for at once."""
_MOST_PAGES: Final = 1000
"""Pages that are read of a job that is over: a backend may go on without end."""


@dataclass(slots=True)
class Watch:
    """One job that is being watched, and how much of it has been seen."""

    client: Client
    job_id: str
    seen: int = 0
    steps: dict[str, int] = field(default_factory=dict)
    history: list[Point] = field(default_factory=list)
    last: str = ""  # the state that an event has told of

    async def until_over(self, on_update: Callable[[Update], None], pause: float) -> Outcome:
        """Tell of every change until the job ends.

        Raises:
            BackendError: the job does not exist, or the backend stays unreachable.

        """
        dialect = self.client.dialect
        pages = 0
        while True:
            job = await self.job()  # first, so that nothing that came before its end is missed
            events = await self.events()
            states = [dialect.last_events.get(event.type, "") for event in events]
            self.last = next(filter(None, reversed(states)), self.last)
            status = job.status if job.status in dialect.ended else self.last or job.status
            points = [point for name in dialect.metric_names for point in await self.points(name)]
            self.history += points
            on_update(
                Update(
                    status,
                    job.step,
                    job.total_steps,
                    job.throughput,
                    tuple(events),
                    tuple(points),
                )
            )
            if status not in dialect.ended:
                behind = len(events) >= _EVENTS or len(points) >= _POINTS
                await asyncio.sleep(0 if behind else pause)
                continue
            pages += 1
            if not (events or points) or pages > _MOST_PAGES:
                history = tuple(sorted(self.history, key=lambda point: point["step"]))
                return Outcome(self.job_id, status, status in dialect.succeeded, history)

    async def job(self) -> Job:
        """Return how the job is doing now."""
        answer = await self.client.call(Request(self.client.dialect.job.to(job=self.job_id)))
        return job_of(answer, self.job_id, self.client)

    async def events(self) -> list[Event]:
        """Return the next events that have not been seen, in order."""
        route = self.client.dialect.events.to(job=self.job_id, since=self.seen, limit=_EVENTS)
        batch = [
            Event(
                seq,
                text(item.get("type")),
                text(item.get("level")) or "info",
                text(item.get("message")) or text(item.get("type")),
                _pointer(item.get("data")),
                text(item.get("created_at")),
            )
            for item in await self._listed(route, "events")
            if (seq := number(item.get("seq"))) is not None and seq > self.seen
        ]
        self.seen = max((event.seq for event in batch), default=self.seen)
        return sorted(batch, key=lambda event: event.seq)

    async def points(self, name: str) -> list[Point]:
        """Return the next points of a metric that have not been seen, by step."""
        after = self.steps.get(name, -1)
        route = self.client.dialect.metrics.to(
            job=self.job_id, name=name, after=after, limit=_POINTS
        )
        values = [
            (step, item.get("value"))
            for item in await self._listed(route, "metrics")
            if item.get("name", name) == name
            and (step := number(item.get("step"))) is not None
            and step > after
        ]
        self.steps[name] = max((step for step, _ in values), default=after)
        points = [
            Point(step=step, name=name, value=value)
            for step, given in values
            if (value := finite(given)) is not None
        ]
        return sorted(points, key=lambda point: point["step"])

    async def _listed(self, route: Route, what: str) -> list[dict[str, Any]]:
        """Return what a backend tells of a job; nothing if it does not know how."""
        answer = await self.client.call(Request(route))
        if answer.status in _KEY_REFUSED:
            raise refusal(answer, f"look at job {self.job_id}", self.client.address.shown)
        return self.client.dialect.listed(answer.object, what) if answer.ok else []


def _pointer(data: Any) -> str | None:
    return (text(data.get("pointer")) or None) if isinstance(data, dict) else None
