"""Every error code of the API: one table, which a test compares with the documentation."""

import errno
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple


class Code(NamedTuple):
    """An error code: its HTTP status, its meaning, and what a caller can do about it."""

    status: int
    meaning: str


CODES: Final = {
    "invalid_request": Code(400, "The request is not valid HTTP/1.1."),
    "target_too_long": Code(414, "The URL is longer than 8 KiB."),
    "header_too_large": Code(431, "The request has more than 100 headers, or 32 KiB of them."),
    "too_many_connections": Code(
        503, "The server is answering as many requests as it can. Send the request again."
    ),
    "stopping": Code(503, "The server is stopping. Send the request again when it is back."),
    "invalid_host": Code(
        400,
        "The `Host` header is malformed, or names another host than this server: use the address"
        " that it printed.",
    ),
    "missing_key": Code(401, "The request has no `Authorization: Bearer KEY` header."),
    "invalid_key": Code(401, "This server does not recognise the key."),
    "not_found": Code(404, "There is no such route."),
    "file_not_found": Code(
        404, "This key has no file with that id. If the id is in a payload, the status is 400."
    ),
    "job_not_found": Code(404, "This key has no job with that id."),
    "method_not_allowed": Code(
        405, "The route does not support the method; `Allow` lists those that it does."
    ),
    "request_timeout": Code(
        408, "The rest of the request did not arrive in time. Send the request again."
    ),
    "invalid_query": Code(400, "A query parameter is not what the OpenAPI document allows."),
    "invalid_json": Code(
        400,
        "The body is not strict JSON: it contains NaN, a duplicate key, an integer beyond 64 bits"
        " or more than 200 levels, for example.",
    ),
    "body_too_large": Code(
        413, "A JSON body is larger than 4 MiB, or has more than 100,000 values."
    ),
    "file_too_large": Code(413, "A file is larger than the server's `--max-upload`."),
    "invalid_upload": Code(
        400,
        "The body is not a complete multipart form of at most 20 small fields and one part `file`"
        " with a file name.",
    ),
    "unsupported_purpose": Code(400, "The form's `purpose` is not `fine-tune`."),
    "invalid_payload": Code(
        400, "The payload does not match its schema (`sftc schema payload`) at `pointer`."
    ),
    "missing_gpu_type": Code(400, "`compute.gpu_type` is missing or blank."),
    "missing_training_file": Code(
        400, "`training_file_id` is missing or null: upload a file, and put its id there."
    ),
    "too_many_files": Code(400, "The payload names more than 100 validation files."),
    "file_not_ready": Code(
        400,
        "The file is still being checked. When its status is `ready`, send the request again.",
    ),
    "invalid_dataset": Code(400, "The file has invalid rows (`sftc data FILE` lists them)."),
    "pin_mismatch": Code(
        400, "The SHA-256 of the file differs from its pin in `metadata.sftc.files`."
    ),
    "invalid_topology": Code(400, "`world_size` is not gpu_count × nodes."),
    "inconsistent_parallelism": Code(
        400,
        "The number of GPUs is not a multiple of TP × PP, or two engines or two precisions "
        "exclude each other.",
    ),
    "inconsistent_batch": Code(
        400, "`global_batch` is not per_device_batch × gradient_accumulation_steps × copies."
    ),
    "inconsistent_evaluation": Code(
        400, "The payload asks for the best model, but nothing is evaluated."
    ),
    "training_too_long": Code(400, "The job has more than 2⁵³ − 1 steps."),
    "not_trainable": Code(
        400, "This server's trainer does not support the field at `pointer`, or not its value."
    ),
    "model_not_found": Code(400, "The server does not have the model, and may not download it."),
    "invalid_idempotency_key": Code(
        400, "`Idempotency-Key` is not 1 to 255 printable ASCII characters without spaces."
    ),
    "invalid_job_name": Code(
        400,
        "`X-Job-Name` is not percent-encoded UTF-8 of 1 to 200 characters, or has control"
        " characters.",
    ),
    "idempotency_key_reused": Code(
        422, "The `Idempotency-Key` was used for another payload. Choose a new one."
    ),
    "job_over": Code(409, "The job has ended: it cannot be started or cancelled."),
    "other_engine": Code(
        409,
        "The job runs on an engine this server is not running; restart with it to cancel the job.",
    ),
    "artifact_not_found": Code(404, "The job's result has no such file, or is not complete yet."),
    "artifact_changed": Code(
        409, "The file changed after the job ended, so it is no longer the result."
    ),
    "invalid_range": Code(416, "`Range` begins after the end of the file, or asks for no bytes."),
    "internal_error": Code(500, "A bug in the backend; the server's log says more."),
    "storage_unavailable": Code(
        500, "The server cannot use its data directory; the server's log says more."
    ),
    "insufficient_storage": Code(
        507, "The server's disk is full. What was stored is safe: free some space, and try again."
    ),
}
"""The codes, in the order of the documentation."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a request.

    Attributes:
        code: one of ``CODES``.
        message: a sentence about this request.
        pointer: a JSON Pointer into the body, where there is a place.

    """

    code: str
    message: str
    pointer: str | None = None

    def shown(self) -> dict[str, str]:
        """Return the problem as plain values."""
        words = {"code": self.code, "message": self.message}
        return words if self.pointer is None else {**words, "pointer": self.pointer}


class Refused(Exception):  # noqa: N818 - the request is refused; nothing of ours has failed
    """A request is refused, because of its problems, the gravest first."""

    def __init__(
        self,
        *problems: Problem,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Refuse for these problems; the status defaults to that of the first."""
        super().__init__(problems[0].message)
        self.problems = problems
        self.headers = headers
        self.status = status or CODES[problems[0].code].status

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        return error_body(self.problems)


def refuse(code: str, message: str, pointer: str | None = None) -> Refused:
    """Return a refusal with one problem."""
    return Refused(Problem(code, message, pointer))


def error_body(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the body of an error answer."""
    error: dict[str, Any] = {**problems[0].shown()}
    if len(problems) > 1:
        error["details"] = [problem.shown() for problem in problems]
    return {"error": error}


_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def out_of_space(error: BaseException) -> bool:
    """Whether an error means that the disk is full."""
    if isinstance(error, sqlite3.Error):
        name: str = getattr(error, "sqlite_errorname", "")
        return name in {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"}
    return isinstance(error, OSError) and error.errno in _FULL
