"""How a backend is reached for what concerns one job, or all of them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypedDict, TypeVar

from ..client import (
    LEARNING,
    Client,
    Dialect,
    Note,
    Patience,
    UsageError,
    address,
    is_id,
    run,
    secret,
)

T = TypeVar("T")

_FOLLOWING_ATTEMPTS: Final = 500
"""Following a job goes on through hours without a connection."""


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


def checked(job_id: str) -> str:
    """Return a job's id, if it can be one: an empty one would ask for something else."""
    if not is_id(job_id):
        raise UsageError(f"`{job_id}` is not a valid job id; `sftc jobs` lists the jobs")
    return job_id


def asked(steps: Callable[[Client], Awaitable[T]], connection: Connection) -> T:
    """Return what the steps of a client come to."""
    dialect = connection.get("dialect", LEARNING)
    there = address(connection.get("backend"), dialect.api)
    key, patience = secret(connection.get("key")), connection.get("patience", Patience())
    note = connection.get("note", lambda _: None)

    async def within() -> T:
        async with Client(there, key, patience, note, dialect) as client:
            return await steps(client)

    return run(within())


def patient(client: Client) -> None:
    """Let a client go on through hours without a connection."""
    attempts = max(client.patience.attempts, _FOLLOWING_ATTEMPTS)
    client.patience = replace(client.patience, attempts=attempts)
