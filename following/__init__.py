"""List, inspect, follow and cancel the jobs of a backend, and fetch their results.

It creates no jobs and reads no datasets; ``submitter`` does.
"""

from collections.abc import Callable
from typing import Final, Unpack

from ..client import Client, Request, refusal
from .artifacts import Artifact
from .fetching import Fetched, fetch
from .log import follow_trainer_log, trainer_log
from .reaching import Connection, asked, checked, patient
from .values import Event, Job, Outcome, Point, Throughput, Update, job_of, jobs_of
from .watching import Watch

_MOST_EVENTS: Final = 100_000
_CONFLICT: Final = 409


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
        search: only those whose name, model or id contains this.
        limit: at most this many.
        before: only those older than the job with this id.
        connection: how to reach the backend; see ``Connection``.

    Raises:
        UsageError: no backend or key is set, or the address or an id is malformed.
        BackendError: the backend is unreachable, or rejects the request.

    """
    query = {
        "status": status or "",
        "search": search or "",
        "before": (before and checked(before)) or "",
    }

    async def steps(client: Client) -> list[Job]:
        route = client.dialect.jobs.to(limit=limit, **query)
        return jobs_of(await client.call(Request(route)), client)[:limit]

    return asked(steps, connection)


def status(job_id: str, **connection: Unpack[Connection]) -> Job:
    """Return how a job is doing.

    Args:
        job_id: the job.
        connection: how to reach the backend; see ``Connection``.

    Raises:
        UsageError: no backend or key is set, or the address or an id is malformed.
        BackendError: the job does not exist, or the backend is unreachable.

    """
    return asked(lambda client: Watch(client, checked(job_id)).job(), connection)


def cancel(job_id: str, **connection: Unpack[Connection]) -> Job:
    """Cancel a job and return it; cancelling it again has no effect.

    Args:
        job_id: the job.
        connection: how to reach the backend; see ``Connection``.

    Raises:
        UsageError: no backend or key is set, or the address or an id is malformed.
        BackendError: the job does not exist or has ended, or the backend is unreachable.

    """

    async def steps(client: Client) -> Job:
        answer = await client.call(Request(client.dialect.cancel.to(job=checked(job_id)), {}))
        if answer.status == _CONFLICT:
            raise refusal(answer, f"cancelling of job {job_id}", client.address.shown)
        return job_of(answer, job_id, client)

    return asked(steps, connection)


def logs(job_id: str, **connection: Unpack[Connection]) -> list[Event]:
    """Return the events of a job so far.

    Args:
        job_id: the job.
        connection: how to reach the backend; see ``Connection``.

    Raises:
        UsageError: no backend or key is set, or the address or an id is malformed.
        BackendError: the job does not exist, or the backend is unreachable.

    """

    async def steps(client: Client) -> list[Event]:
        watch, found = Watch(client, checked(job_id)), list[Event]()
        await watch.job()
        while (batch := await watch.events()) and len(found) < _MOST_EVENTS:
            found += batch
        return found

    return asked(steps, connection)


def follow(
    job_id: str,
    *,
    on_update: Callable[[Update], None] = lambda _: None,
    pause: float = 1.0,
    **connection: Unpack[Connection],
) -> Outcome:
    """Follow a job until it ends, reconnecting as needed, and return how it ended.

    Args:
        job_id: the job.
        on_update: called with each update.
        pause: seconds between polls.
        connection: how to reach the backend; see ``Connection``. Its ``patience`` covers the first
            answer only; after that, the job is followed even if the connection is lost for hours.

    Raises:
        UsageError: no backend or key is set, or the address or an id is malformed.
        BackendError: the job does not exist, or the backend stays unreachable.

    """

    async def steps(client: Client) -> Outcome:
        watch = Watch(client, checked(job_id))
        await watch.job()  # a wrong address is told in seconds
        patient(client)
        return await watch.until_over(on_update, pause)

    return asked(steps, connection)


__all__ = [
    "Artifact",
    "Connection",
    "Event",
    "Fetched",
    "Job",
    "Outcome",
    "Point",
    "Throughput",
    "Update",
    "cancel",
    "fetch",
    "follow",
    "follow_trainer_log",
    "jobs",
    "logs",
    "status",
    "trainer_log",
]
