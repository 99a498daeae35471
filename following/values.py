"""Jobs, their events and points as frozen values, read from answers that may be anything."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from ..client import (
    Answer,
    BackendError,
    Client,
    diagnosed,
    finite,
    identifier,
    number,
    refusal,
    text,
)
from ..diagnostics import Finding, codes

_NOT_FOUND: Final = 404
_QUICKEST: Final = 1e-9
"""Seconds that a step takes at least."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """How fast a job goes; None is what the backend does not say.

    Attributes:
        seconds_per_step: seconds that an optimizer step takes, above 0.
        tokens_per_second: tokens of the rows, above 0.
        seconds_left: seconds until its steps are done, at least 0.

    """

    seconds_per_step: float | None
    tokens_per_second: float | None
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Job:
    """A job at a backend.

    Attributes:
        job_id: its id.
        name: its name, or None.
        status: its state, in the backend's word.
        model: the model that it trains, or None if the backend does not say.
        mode: what its runner does, ``rehearsal`` or ``train``, or None.
        engine: where its trainer runs, such as ``local`` or ``slurm``, or None.
        engine_job: the id that it has there, such as its number in Slurm, or None.
        step: optimizer steps done, or None.
        total_steps: how many there are, or None.
        created_at: ISO 8601, or None; so are the next two.
        started_at: when it began to run.
        finished_at: when it was over.
        throughput: how fast it goes, or None.
        error: why it failed, or None.
        page: the address of a page that shows it, or None.

    """

    job_id: str
    name: str | None
    status: str
    model: str | None
    mode: str | None
    engine: str | None
    engine_job: str | None
    step: int | None
    total_steps: int | None
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    throughput: Throughput | None
    error: str | None
    page: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a job says.

    Attributes:
        seq: its number, growing.
        type: such as ``sft.job.started``.
        level: such as ``info`` or ``error``.
        message: for people.
        pointer: the field of the payload that it is about, a JSON Pointer, or None.
        created_at: ISO 8601, or empty.

    """

    seq: int
    type: str
    level: str
    message: str
    pointer: str | None
    created_at: str


class Point(TypedDict):
    """A value of a metric at a step: a row of a history."""

    step: int
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Update:
    """What is new about a job.

    Attributes:
        status: its state now.
        step: optimizer steps done, or None if the backend does not say.
        total_steps: how many there are, or None.
        throughput: how fast it goes now, or None.
        events: those since the update before.
        points: those since the update before, by metric and step.

    """

    status: str
    step: int | None
    total_steps: int | None
    throughput: Throughput | None
    events: tuple[Event, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended.

    Attributes:
        job_id: its id.
        status: its last state.
        succeeded: whether that is a success.
        history: the points of all its curves by step: ``pandas.DataFrame(outcome.history)``.

    """

    job_id: str
    status: str
    succeeded: bool
    history: tuple[Point, ...]


def job_of(answer: Answer, job_id: str, client: Client) -> Job:
    """Return the job that an answer shows.

    Raises:
        BackendError: it shows none.

    """
    backend = client.address.shown
    if answer.status == _NOT_FOUND:
        finding = Finding(codes.NO_SUCH_JOB, words={"job": job_id})
        raise BackendError([diagnosed(finding, backend)])
    if not answer.ok:
        raise refusal(answer, f"request for job {job_id}", backend)
    return shown(answer.object, job_id, client)


def jobs_of(answer: Answer, client: Client) -> list[Job]:
    """Return the jobs that an answer lists; those without an id are left out, and that is said.

    Raises:
        BackendError: it is no list.

    """
    if not answer.ok:
        raise refusal(answer, "list of jobs", client.address.shown)
    found, backend = [], client.address.shown
    listed = client.dialect.listed(answer.object, "jobs")
    for item in listed:
        one = Answer(answer.status, item, answer.request)
        with suppress(BackendError):
            found.append(shown(item, identifier(one, client.dialect.job_ids, backend), client))
    if len(found) < len(listed):
        client.note(f"{len(listed) - len(found)} listed without a valid id")
    return found


def shown(value: Mapping[str, Any], job_id: str, client: Client) -> Job:
    """Return a job as a backend shows it; what is of another type than it ought to be is None."""
    progress = value.get("progress")
    steps = progress if isinstance(progress, dict) else {}
    error = value.get("error")
    facts = ("name", "model", "mode", "engine", "engine_job")
    times = ("created_at", "started_at", "finished_at")
    return Job(
        job_id=job_id,
        status=text(value.get("status")) or "unknown",
        step=number(steps.get("step")),
        total_steps=number(steps.get("total_steps")),
        throughput=throughput_of(value.get("throughput")),
        error=text(error.get("message") if isinstance(error, dict) else error) or None,
        page=client.address.page(text(value.get("page"))),
        **{fact: text(value.get(fact)) or None for fact in (*facts, *times)},
    )


def throughput_of(value: Any) -> Throughput | None:
    """Return how fast a job goes; what cannot be so is None, and so is all if nothing can."""
    given = value if isinstance(value, dict) else {}
    each, tokens, left = (
        finite(given.get(name))
        for name in ("seconds_per_step", "tokens_per_second", "seconds_left")
    )
    found = Throughput(
        each if each and each >= _QUICKEST else None,
        tokens if tokens and tokens > 0 else None,
        left if left is not None and left >= 0 else None,
    )
    return None if found == Throughput(None, None, None) else found
