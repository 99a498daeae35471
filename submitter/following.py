"""Following a job until it ends: status, events and metrics, across lost connections."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

from ..diagnostics import Finding, codes
from . import requests
from .client import Client
from .errors import BackendError, told
from .failures import Answer, refusal
from .requests import Request

_SUCCEEDED: Final = frozenset({"succeeded", "completed"})
_ENDED: Final = _SUCCEEDED | {"failed", "cancelled", "canceled", "error"}
_LAST_EVENTS: Final = {"sft.job.completed": "completed", "sft.job.failed": "failed"}
_METRICS: Final = ("train.loss", "val.loss")
_NOT_FOUND: Final = 404
_KEY_REFUSED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the job says.

    Attributes:
        seq: its number, growing.
        type: such as ``sft.job.started``.
        level: such as ``info`` or ``error``.
        message: for people.

    """

    seq: int
    type: str
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class Update:
    """What is new about a job.

    Attributes:
        status: its status now.
        step: optimizer steps done, or None if the backend does not say.
        total_steps: how many there are, or None.
        events: those since the update before.
        points: steps and values of each metric since the update before.

    """

    status: str
    step: int | None
    total_steps: int | None
    events: tuple[Event, ...]
    points: dict[str, list[tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended.

    Attributes:
        job_id: its id.
        status: its last status.
        succeeded: whether that is a success.

    """

    job_id: str
    status: str
    succeeded: bool


@dataclass(slots=True)
class Following:
    """One job that is being followed, and how much of it has been seen."""

    client: Client
    job_id: str
    pause: float
    seen: int = 0
    steps: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_METRICS, -1))

    async def run(self, on_update: Callable[[Update], None]) -> Outcome:
        """Tell of every change until the job ends.

        Raises:
            BackendError: there is no such job, or the backend is out of reach for good.

        """
        while True:
            job = await self._job()  # first, so that nothing that came before its end is missed
            events = await self._events()
            update = Update(
                _status(job, events),
                *_progress(job),
                events=tuple(events),
                points={name: await self._points(name) for name in _METRICS},
            )
            on_update(update)
            if update.status in _ENDED:
                return Outcome(self.job_id, update.status, update.status in _SUCCEEDED)
            await asyncio.sleep(self.pause)

    async def _job(self) -> dict[str, Any]:
        answer = await self.client.call(requests.job(self.job_id))
        if answer.status == _NOT_FOUND:
            finding = Finding(codes.NO_SUCH_JOB, words={"job": self.job_id})
            raise BackendError([told(finding, self.client.address.shown)])
        if not answer.ok:
            raise refusal(answer, f"look at job {self.job_id}", self.client.address)
        return dict(answer.object)

    async def _events(self) -> list[Event]:
        """Return the events that have not been seen, in their order."""
        fresh: list[Event] = []
        while batch := await self._batch():
            fresh += batch
        return fresh

    async def _batch(self) -> list[Event]:
        listed = (await self._optional(requests.events(self.job_id, self.seen))).get("events")
        batch = sorted(
            (
                Event(
                    item["seq"],
                    str(item.get("type", "")),
                    str(item.get("level", "info")),
                    self.client.redacted(str(item.get("message") or item.get("type", ""))),
                )
                for item in (listed if isinstance(listed, list) else [])
                if isinstance(item, dict)
                and isinstance(item.get("seq"), int)
                and item["seq"] > self.seen
            ),
            key=lambda event: event.seq,
        )
        self.seen = max((event.seq for event in batch), default=self.seen)
        return batch

    async def _points(self, name: str) -> list[tuple[int, float]]:
        """Return the points of a metric that have not been seen, by step."""
        after = self.steps[name]
        listed = (await self._optional(requests.metrics(self.job_id, name, after))).get("points")
        points = sorted(
            (item["step"], float(item["value"]))
            for item in (listed if isinstance(listed, list) else [])
            if isinstance(item, dict)
            and item.get("name", name) == name
            and isinstance(item.get("step"), int)
            and isinstance(item.get("value"), int | float)
            and isfinite(item["value"])
            and item["step"] > after
        )
        self.steps[name] = points[-1][0] if points else after
        return points

    async def _optional(self, request: Request) -> dict[str, Any]:
        """Return what a backend tells of a job; empty if it does not know how."""
        answer: Answer = await self.client.call(request)
        if answer.status in _KEY_REFUSED:
            raise refusal(answer, f"look at job {self.job_id}", self.client.address)
        return dict(answer.object) if answer.ok else {}


def _status(job: dict[str, Any], events: list[Event]) -> str:
    """Return the status; the last event may know more than the job does."""
    status = str(job.get("status", "unknown"))
    if status in _ENDED:
        return status
    return next((_LAST_EVENTS[e.type] for e in reversed(events) if e.type in _LAST_EVENTS), status)


def _progress(job: dict[str, Any]) -> tuple[int | None, int | None]:
    progress = job.get("progress")
    known = progress if isinstance(progress, dict) else {}
    step, total = known.get("step"), known.get("total_steps")
    return step if isinstance(step, int) else None, total if isinstance(total, int) else None
