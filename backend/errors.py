"""Every code that the API refuses with: one table, which the documentation is held against."""

import errno
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple


class Code(NamedTuple):
    """What a code means: its HTTP status, and what a caller can do about it."""

    status: int
    meaning: str


CODES: Final = {
    "invalid_host": Code(
        400, "The request names another host than this server: use the address that it printed."
    ),
    "missing_key": Code(401, "There is no `Authorization: Bearer KEY` header."),
    "invalid_key": Code(401, "The key is none of this server's."),
    "not_found": Code(404, "There is no such route."),
    "file_not_found": Code(404, "No file of this key has the id. In a payload: HTTP 400."),
    "job_not_found": Code(404, "No job of this key has the id."),
    "method_not_allowed": Code(405, "The route exists, and answers to other methods."),
    "request_timeout": Code(408, "No bytes of the body arrived for too long. Send it again."),
    "invalid_query": Code(400, "A parameter of the URL is not what the OpenAPI document allows."),
    "invalid_json": Code(
        400,
        "The body is not strict JSON; NaN, a key twice or an integer beyond 64 bits, for example.",
    ),
    "body_too_large": Code(413, "A JSON body is larger than 4 MiB."),
    "file_too_large": Code(413, "A file is larger than the server's `--max-upload`."),
    "invalid_upload": Code(
        400, "The body is no whole multipart form with one part `file` that has a file name."
    ),
    "unsupported_purpose": Code(400, "The form's `purpose` is not `fine-tune`."),
    "invalid_payload": Code(
        400, "The payload misses its schema (`sftc schema payload`) at `pointer`."
    ),
    "missing_gpu_type": Code(400, "`compute.gpu_type` is not there, or blank."),
    "missing_training_file": Code(
        400, "`training_file_id` is null or absent: upload a file, and put its id there."
    ),
    "file_not_ready": Code(400, "The file is still being checked. Ask for its status, then again."),
    "invalid_dataset": Code(400, "The file has rows that cannot be trained on (`sftc data FILE`)."),
    "pin_mismatch": Code(
        400, "The file's bytes are not those of the pin in `metadata.sftc.files`."
    ),
    "invalid_topology": Code(400, "`world_size` is not gpu_count × nodes."),
    "inconsistent_parallelism": Code(
        400,
        "TP × PP does not divide the GPUs, or two engines or two precisions exclude each other.",
    ),
    "inconsistent_batch": Code(
        400, "`global_batch` is not per_device_batch × gradient_accumulation_steps × copies."
    ),
    "inconsistent_evaluation": Code(400, "The best model is asked for, and nothing is evaluated."),
    "training_too_long": Code(400, "The job has more than 2⁵³ − 1 steps."),
    "invalid_idempotency_key": Code(
        400, "`Idempotency-Key` is not 1 to 255 printable ASCII characters without spaces."
    ),
    "invalid_job_name": Code(
        400,
        "`X-Job-Name` is not percent-encoded UTF-8 of 1 to 200 characters, or has control"
        " characters.",
    ),
    "idempotency_key_reused": Code(
        422, "The `Idempotency-Key` has been used for another payload. Choose a new one."
    ),
    "job_over": Code(409, "The job has ended, so that it can be neither started nor cancelled."),
    "internal_error": Code(500, "A bug of the backend; the server's standard error says more."),
    "insufficient_storage": Code(
        507, "The disk of the server is full. What was stored before is safe; make room, repeat."
    ),
}
"""The codes, in the order of the documentation."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request.

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
    """A request cannot be served, for the problems that it carries, the gravest first."""

    def __init__(self, *problems: Problem, status: int | None = None) -> None:
        """Keep the problems; the status is that of the first, if none is given."""
        super().__init__(problems[0].message)
        self.problems = problems
        self.status = status or CODES[problems[0].code].status

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        return error_body(self.problems)


def refuse(code: str, message: str, pointer: str | None = None) -> Refused:
    """Return the refusal of a request for a single reason."""
    return Refused(Problem(code, message, pointer))


def error_body(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the body of an answer that names problems."""
    error: dict[str, Any] = {**problems[0].shown()}
    if len(problems) > 1:
        error["details"] = [problem.shown() for problem in problems]
    return {"error": error}


_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def out_of_space(error: BaseException) -> bool:
    """Whether an error means that the disk takes no more bytes."""
    if isinstance(error, sqlite3.Error):
        name: str = getattr(error, "sqlite_errorname", "")
        return name in {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"}
    return isinstance(error, OSError) and error.errno in _FULL
