"""The operations of the API: one table for routes, checks and documentation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .errors import CODES
from .records import JobStatus

_LARGEST: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API.

    Attributes:
        name: the name of its handler.
        method: the HTTP method.
        paths: under ``/api``; the first is the documented one.
        summary: what it does.
        answers: the name of a shape for each status.
        codes: its errors, besides those of every operation.
        query: the schemas of its query parameters.
        body: ``form``, ``payload`` or None.

    """

    name: str
    method: str
    paths: tuple[str, ...]
    summary: str
    answers: Mapping[int, str]
    codes: tuple[str, ...] = ()
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    body: str | None = None


EVERYWHERE: Final = (
    "invalid_request",
    "target_too_long",
    "header_too_large",
    "request_timeout",
    "too_many_connections",
    "stopping",
    "invalid_host",
    "missing_key",
    "invalid_key",
    "internal_error",
    "storage_unavailable",
    "insufficient_storage",
)
"""The errors of every operation."""

BYTES: Final = "bytes"
"""What an operation answers that answers no JSON."""

NOTHING: Final = "nothing"
"""What is answered without a body."""

_JOB: Final = "/learning/jobs/{job_id}"


def _integer(
    description: str, lowest: int, highest: int, default: int | None = None
) -> dict[str, Any]:
    limits = {"type": "integer", "minimum": lowest, "maximum": highest}
    return {
        **limits,
        **({} if default is None else {"default": default}),
        "description": description,
    }


_LIMIT: Final = _integer("Maximum number of entries.", 1, 1000, 200)

OPERATIONS: Final = (
    Operation(
        "upload_file",
        "POST",
        ("/learning/files", "/files"),
        "Upload a dataset. The same bytes again answer 200 with the same id.",
        {200: "File", 201: "File"},
        ("invalid_upload", "unsupported_purpose", "file_too_large"),
        body="form",
    ),
    Operation(
        "list_files",
        "GET",
        ("/learning/files", "/files"),
        "List files, newest first.",
        {200: "Files"},
        ("invalid_query",),
        query={
            "sha256": {
                "type": "string",
                "pattern": "^[0-9a-f]{64}$",
                "description": "Only the file with this digest.",
            },
            "limit": _LIMIT,
        },
    ),
    Operation(
        "get_file",
        "GET",
        ("/learning/files/{file_id}", "/files/{file_id}"),
        "Get a file, with its status.",
        {200: "File"},
        ("file_not_found",),
    ),
    Operation(
        "create_job",
        "POST",
        ("/learning/jobs",),
        "Create a job from a payload. The same `Idempotency-Key` and payload again answer 200.",
        {200: "Job", 201: "Job"},
        (
            "invalid_json",
            "body_too_large",
            "invalid_payload",
            "missing_gpu_type",
            "missing_training_file",
            "too_many_files",
            "file_not_found",
            "file_not_ready",
            "invalid_dataset",
            "pin_mismatch",
            "invalid_topology",
            "inconsistent_parallelism",
            "inconsistent_batch",
            "inconsistent_evaluation",
            "training_too_long",
            "not_trainable",
            "model_not_found",
            "invalid_idempotency_key",
            "invalid_job_name",
            "idempotency_key_reused",
        ),
        body="payload",
    ),
    Operation(
        "list_jobs",
        "GET",
        ("/learning/jobs",),
        "List jobs, newest first.",
        {200: "Jobs"},
        ("invalid_query",),
        query={
            "before": {
                "type": "string",
                "description": "Only jobs created before the job with this id.",
            },
            "status": {
                "type": "string",
                "enum": [str(status) for status in JobStatus],
                "description": "Only jobs with this status.",
            },
            "search": {
                "type": "string",
                "description": "Only jobs with this text in their name, model or id, ignoring "
                "case.",
            },
            "limit": _LIMIT,
        },
    ),
    Operation(
        "get_job",
        "GET",
        (_JOB,),
        "Get a job, with its status and progress.",
        {200: "Job"},
        ("job_not_found",),
    ),
    Operation(
        "start_job",
        "POST",
        (f"{_JOB}/start",),
        "Start a job. Starting one that was started has no effect, unless it has ended.",
        {200: "Job"},
        ("job_not_found", "job_over"),
    ),
    Operation(
        "cancel_job",
        "POST",
        (f"{_JOB}/cancel",),
        "Cancel a job. Cancelling it again has no effect.",
        {200: "Job"},
        ("job_not_found", "job_over", "other_engine"),
    ),
    Operation(
        "list_events",
        "GET",
        (f"{_JOB}/events",),
        "List the events of a job, in order.",
        {200: "Events"},
        ("job_not_found", "invalid_query"),
        query={
            "since_seq": _integer("Only events after this `seq`.", 0, _LARGEST, 0),
            "limit": _LIMIT,
        },
    ),
    Operation(
        "list_metrics",
        "GET",
        (f"{_JOB}/metrics",),
        "List the metric points of a job, by step. The points of a step are never split between "
        "pages.",
        {200: "Points"},
        ("job_not_found", "invalid_query"),
        query={
            "name": {"type": "string", "description": "Only this metric, such as `train.loss`."},
            "after_step": _integer("Only points after this step.", -1, _LARGEST, -1),
            "max_points": _integer(
                "Maximum number of points per metric, instead of `limit`. A longer curve is "
                "downsampled: it keeps its first and last point, and minima and maxima in "
                "between.",
                1,
                5000,
            ),
            "limit": _LIMIT,
        },
    ),
    Operation(
        "get_timeline",
        "GET",
        (f"{_JOB}/timeline",),
        "List the phases of a job.",
        {200: "Timeline"},
        ("job_not_found",),
    ),
    Operation(
        "read_log",
        "GET",
        (f"{_JOB}/log",),
        "Read the output of a job's trainer; a rehearsal has none.",
        {200: "Log"},
        ("job_not_found", "invalid_query"),
        query={
            "after": _integer(
                "Offset to read from, in bytes; without it, the end of the log is returned.",
                0,
                _LARGEST,
            ),
            "limit": _integer("Maximum number of bytes.", 4, 1024**2, 64 * 1024),
        },
    ),
    Operation(
        "list_artifacts",
        "GET",
        (f"{_JOB}/artifacts",),
        "List the files of a job's result: empty until the result is complete, and for a "
        "rehearsal.",
        {200: "Artifacts"},
        ("job_not_found",),
    ),
    Operation(
        "get_artifact",
        "GET",
        (f"{_JOB}/artifacts/{{path:path}}",),
        "Download a file of a job's result. `Range: bytes=N-` resumes a download.",
        {200: BYTES, 206: BYTES, 304: NOTHING},
        ("job_not_found", "artifact_not_found", "artifact_changed", "invalid_range"),
    ),
)
"""The operations, in the order of a submission."""


def statuses(operation: Operation) -> Mapping[int, tuple[str, ...]]:
    """Return the error codes of an operation, by HTTP status."""
    codes = (*operation.codes, *EVERYWHERE)
    found: dict[int, tuple[str, ...]] = {}
    for code in codes:
        status = CODES[code].status
        if code == "file_not_found" and operation.name == "create_job":
            status = 400  # the route exists; what the payload names does not
        found[status] = (*found.get(status, ()), code)
    return dict(sorted(found.items()))
