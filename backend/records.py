"""The frozen values that the parts of the backend exchange: files, jobs and their traces."""

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A job of one key without its payload, which may have megabytes.

    Attributes:
        id: made by the server.
        owner: the digest of the key that created it.
        name: what its owner calls it, or None.
        model: of the payload, as the next.
        training_type: e.g. ``sft_offline``.
        mode: what its runner does: ``rehearsal`` or ``train``.
        engine: where its trainer runs, e.g. ``local``; None if nothing is trained.
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
    name: str | None
    model: str
    training_type: str
    mode: str
    engine: str | None
    status: JobStatus
    step: int
    total_steps: int
    error: Mapping[str, Any] | None
    created_at: str
    started_at: str | None
    finished_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Summary):
    """A job of one key.

    Attributes:
        payload: what was posted, to the letter.

    """

    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A part of a list of jobs.

    Attributes:
        jobs: the newest first.
        next: the id before which the next part begins; None if nothing is left.
        total: how many jobs the whole list has.

    """

    jobs: Sequence[Summary]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a job.

    Attributes:
        type: such as ``sft.job.started``.
        message: words for people.
        level: ``info``, ``warning`` or ``error``.
        data: the same for programs.
        source: what it was made from; of two events of one source, a job keeps the first.
        created_at: when it happened, ISO 8601 in UTC; None: as it is stored.

    """

    type: str
    message: str
    level: str = "info"
    data: Mapping[str, Any] | None = None
    source: str | None = None
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a job's curve.

    Attributes:
        step: the optimizer steps that are done.
        name: of the curve, such as ``train.loss``.
        value: finite.
        created_at: when it was measured, ISO 8601 in UTC.

    """

    step: int
    name: str
    value: float
    created_at: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What is added to a job's traces at once.

    Attributes:
        events: what happened, in order.
        points: of its curves.
        step: the last step that is done, if any is.
        total_steps: how many there are, if the trainer has said so.

    """

    events: Sequence[Event] = ()
    points: Sequence[Point] = ()
    step: int = 0
    total_steps: int | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of a job's result.

    Attributes:
        path: below the result, with ``/`` between its parts.
        bytes: how many it has.
        sha256: their digest, in lowercase hex.
        modified: when the file was, in nanoseconds since 1970.

    """

    path: str
    bytes: int
    sha256: str
    modified: int


@dataclass(frozen=True, slots=True)
class Throughput:
    """How fast a job's latest steps were.

    Attributes:
        seconds_per_step: the mean.
        tokens_per_second: over all processes; None if nobody counts them.
        seconds_left: until the last step, at this pace.

    """

    seconds_per_step: float
    tokens_per_second: float | None
    seconds_left: float


def now() -> str:
    """Return the time, ISO 8601 in UTC to the millisecond."""
    return _iso(datetime.now(UTC))


def moment(seconds: float) -> str:
    """Return a time in seconds since 1970 as ISO 8601 in UTC; now, if no calendar has it."""
    try:
        return _iso(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return now()


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
