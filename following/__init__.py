"""Jobs at a backend: listed, looked at, followed to their end, cancelled.

Beside the submitter: it makes no job, and reads no file.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypedDict, TypeVar, Unpack

from ..client import (
    LEARNING,
    Client,
    Dialect,
    Note,
    Patience,
    Request,
    UsageError,
    address,
    is_id,
    refusal,
    run,
    secret,
)
from .values import Event, Job, Outcome, Point, Update, job_of, jobs_of
from .watching import Watch

T = TypeVar("T")

_FOLLOWING_ATTEMPTS: Final = 500
"""Following a job goes on through hours without a connection."""
_MOST_EVENTS: Final = 100_000
_CONFLICT: Final = 409


class Connection(TypedDict, total=False):
    """How a backend is reached.

    Attributes:
        backend: its address; None: the environment's ``BACKEND_BASE_URL``.
        key: the API key; None: the environment's ``SYNTH_API_KEY``.
        patience: how often and how long to try.
        dialect: how the backend is spoken to.
        note: is told when a request has to be sent again.

    """

    backend: str | None
    key: str | None
    patience: Patience
    dialect: Dialect
    note: Note


def jobs(
    *,
    status: str | None = None,
    search: str | None = None,
    limit: int = 20,
    before: str | None = None,
    **connection: Unpack[Connection],
) -> list[Job]:
    """Return jobs, the newest first.

    Args:
        status: only those in this state.
        search: only those with this in their name, model or id.
        limit: at most this many.
        before: only those older than the job with this id.
        connection: how the backend is reached, see ``Connection``.

    Raises:
        UsageError: there is no backend or no key, or the address or an id cannot be one.
        BackendError: the backend is out of reach, or refuses.

    """
    asked = {
        "status": status or "",
        "search": search or "",
        "before": (before and _id(before)) or "",
    }

    async def steps(client: Client) -> list[Job]:
        route = client.dialect.jobs.to(limit=limit, **asked)
        return jobs_of(await client.call(Request(route)), client)[:limit]

    return _asked(steps, connection)


def status(job_id: str, **connection: Unpack[Connection]) -> Job:
    """Return how a job is doing.

    Args:
        job_id: the job.
        connection: how the backend is reached, see ``Connection``.

    Raises:
        UsageError: there is no backend or no key, or the address or an id cannot be one.
        BackendError: there is no such job, or the backend is out of reach.

    """
    return _asked(lambda client: Watch(client, _id(job_id)).job(), connection)


def cancel(job_id: str, **connection: Unpack[Connection]) -> Job:
    """End a job, and return it; one that was cancelled before stays as it is.

    Args:
        job_id: the job.
        connection: how the backend is reached, see ``Connection``.

    Raises:
        UsageError: there is no backend or no key, or the address or an id cannot be one.
        BackendError: there is no such job, it is over, or the backend is out of reach.

    """

    async def steps(client: Client) -> Job:
        answer = await client.call(Request(client.dialect.cancel.to(job=_id(job_id)), {}))
        if answer.status == _CONFLICT:
            raise refusal(answer, f"cancelling of job {job_id}", client.address.shown)
        return job_of(answer, job_id, client)

    return _asked(steps, connection)


def logs(job_id: str, **connection: Unpack[Connection]) -> list[Event]:
    """Return what a job has said so far.

    Args:
        job_id: the job.
        connection: how the backend is reached, see ``Connection``.

    Raises:
        UsageError: there is no backend or no key, or the address or an id cannot be one.
        BackendError: there is no such job, or the backend is out of reach.

    """

    async def steps(client: Client) -> list[Event]:
        watch, found = Watch(client, _id(job_id)), list[Event]()
        await watch.job()
        while (batch := await watch.events()) and len(found) < _MOST_EVENTS:
            found += batch
        return found

    return _asked(steps, connection)


def follow(
    job_id: str,
    *,
    on_update: Callable[[Update], None] = lambda _: None,
    pause: float = 1.0,
    **connection: Unpack[Connection],
) -> Outcome:
    """Follow a job until it ends, through lost connections, and return how it ended.

    Args:
        job_id: the job.
        on_update: is given what is new, again and again.
        pause: seconds between two looks at the job.
        connection: how the backend is reached, see ``Connection``; its ``patience`` is for the
            first answer, and the job is then followed through hours without a connection.

    Raises:
        UsageError: there is no backend or no key, or the address or an id cannot be one.
        BackendError: there is no such job, or the backend is out of reach for good.

    """

    async def steps(client: Client) -> Outcome:
        watch = Watch(client, _id(job_id))
        await watch.job()  # a wrong address is told in seconds
        attempts = max(client.patience.attempts, _FOLLOWING_ATTEMPTS)
        client.patience = replace(client.patience, attempts=attempts)
        return await watch.until_over(on_update, pause)

    return _asked(steps, connection)


def _id(job_id: str) -> str:
    """Return a job's id, if it can be one: an empty one would ask for something else."""
    if not is_id(job_id):
        raise UsageError(f"`{job_id}` cannot be the id of a job; `sftc jobs` lists them")
    return job_id


def _asked(steps: Callable[[Client], Awaitable[T]], connection: Connection) -> T:
    """Return what the steps of a client come to."""
    dialect = connection.get("dialect", LEARNING)
    there = address(connection.get("backend"), dialect.api)
    key, patience = secret(connection.get("key")), connection.get("patience", Patience())
    note = connection.get("note", lambda _: None)

    async def within() -> T:
        async with Client(there, key, patience, note, dialect) as client:
            return await steps(client)

    return run(within())


__all__ = [
    "Connection",
    "Event",
    "Job",
    "Outcome",
    "Point",
    "Update",
    "cancel",
    "follow",
    "jobs",
    "logs",
    "status",
]
