"""The frozen values that the parts of the backend hand each other: files, jobs, their traces."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class FileStatus(StrEnum):
    """Where a file is on its way to a job."""

    VALIDATING = "validating"
    READY = "ready"
    FAILED = "failed"


class JobStatus(StrEnum):
    """Where a job is: created, asked to start, at work, over."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing will happen any more."""
        return self in {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED}


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded dataset, as one key sees it.

    Attributes:
        id: made from the owner, the purpose and the digest, so the same bytes have the same id.
        owner: the digest of the key that uploaded it.
        purpose: what for; ``fine-tune``.
        sha256: the digest of its bytes, in lowercase hex.
        bytes: how many they are.
        filename: the client's name of it: words to show, never a path.
        status: whether its rows have been checked, and with what result.
        rows: how many it has; None until they have been checked.
        error: code, message and details of what is wrong with it, or None.
        created_at: when it was first uploaded, ISO 8601 in UTC.

    """

    id: str
    owner: str
    purpose: str
    sha256: str
    bytes: int
    filename: str
    status: FileStatus
    rows: int | None
    error: Mapping[str, Any] | None
    created_at: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job of one key.

    Attributes:
        id: its name.
        owner: the digest of the key that created it.
        payload: what was posted, to the letter.
        mode: what the runner that takes it does, e.g. ``rehearsal``.
        status: where it is.
        step: the last step that is done.
        total_steps: how many there are.
        error: code and message of what ended it, or None.
        created_at: ISO 8601 in UTC, as the next two.
        started_at: when a runner took it first, or None.
        finished_at: when it was over, or None.

    """

    id: str
    owner: str
    payload: Mapping[str, Any]
    mode: str
    status: JobStatus
    step: int
    total_steps: int
    error: Mapping[str, Any] | None
    created_at: str
    started_at: str | None
    finished_at: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a job: a type such as ``sft.job.started``, and words for people."""

    type: str
    message: str
    level: str = "info"
    data: Mapping[str, Any] | None = None


def now() -> str:
    """Return the time, ISO 8601 in UTC to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
