"""The requests of a submission as plain values: what is sent, and what ``--dry-run`` prints."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from ..payloads import canonical, fields

FILES: Final = "/learning/files"
JOBS: Final = "/learning/jobs"
PURPOSE: Final = "fine-tune"
MEDIA_TYPE: Final = "application/jsonl"
_COMPRESSED: Final = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset to upload.

    Attributes:
        use: ``training`` or ``validation``.
        shown: its path as the payload or the user names it.
        path: where it is read.
        sha256: the digest of the bytes to upload, in lowercase hex.
        bytes: how many they are.
        examples: how many rows they hold.
        head: upload only this many first rows; None: all.
        pinned: whether the payload pins it.

    """

    use: str
    shown: str
    path: Path
    sha256: str
    bytes: int
    examples: int
    head: int | None
    pinned: bool

    @property
    def upload_name(self) -> str:
        """The file name that the backend is told: what is uploaded is not compressed."""
        path = Path(self.shown)
        return path.stem if path.suffix in _COMPRESSED else path.name


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        method: GET or POST.
        path: below the API's address.
        body: JSON to send, or None.
        source: a dataset to send as a multipart form, or None.
        key: the idempotency key, or None.

    """

    method: str
    path: str
    body: bytes | None = None
    source: Source | None = None
    key: str | None = None
    headers: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Add the headers that follow from the rest; the API key is not among them."""
        headers = {"Accept": "application/json"}
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        if self.key is not None:
            headers["Idempotency-Key"] = self.key
        object.__setattr__(self, "headers", headers)

    def __str__(self) -> str:
        """Return method and path."""
        return f"{self.method} {self.path}"


def upload(source: Source) -> Request:
    """Send a dataset."""
    return Request("POST", FILES, source=source, key=f"sftc-file-{source.sha256}")


def find(source: Source) -> Request:
    """Ask for the files that have the bytes of a dataset; not every backend knows how."""
    return Request("GET", f"{FILES}?{urlencode({'sha256': source.sha256})}")


def file(file_id: str) -> Request:
    """Ask for the state of a file."""
    return Request("GET", f"{FILES}/{quote(file_id, safe='')}")


def create(body: bytes, key: str) -> Request:
    """Create a job."""
    return Request("POST", JOBS, body=body, key=key)


def start(job_id: str, key: str) -> Request:
    """Start a job."""
    return Request("POST", f"{job_path(job_id)}/start", body=b"{}", key=f"{key}-start")


def job(job_id: str) -> Request:
    """Ask for the state of a job."""
    return Request("GET", job_path(job_id))


def events(job_id: str, since: int) -> Request:
    """Ask for the events after a sequence number."""
    query = urlencode({"since_seq": since, "limit": 200})
    return Request("GET", f"{job_path(job_id)}/events?{query}")


def metrics(job_id: str, name: str, after: int) -> Request:
    """Ask for the points of a metric after a step."""
    query = urlencode({"name": name, "after_step": after, "limit": 1000})
    return Request("GET", f"{job_path(job_id)}/metrics?{query}")


def job_path(job_id: str) -> str:
    """Return the path of a job."""
    return f"{JOBS}/{quote(job_id, safe='')}"


def filled(payload: Mapping[str, Any], training: str | None, validation: str | None) -> bytes:
    """Return the canonical bytes of a payload with the ids of its files; nothing else changes.

    Args:
        payload: the reviewed payload.
        training: the id of the training file; None leaves what is there.
        validation: the id of the validation file; None leaves what is there.

    """
    body = dict(payload)
    if training is not None:
        body = fields.replaced(body, fields.TRAINING_FILE_ID, training)
    if validation is not None:
        body = fields.replaced(body, fields.VALIDATION_FILES, [validation])
    return canonical.encode(body)


def identity(payload: Mapping[str, Any], sources: Mapping[str, Source]) -> str:
    """Return the digest that stands for what is asked of the backend: payload and data.

    Ids of files are no part of it: two machines that submit the same artifact with the same
    data ask for the same.
    """
    files = {
        use: {"sha256": source.sha256, "bytes": source.bytes} for use, source in sources.items()
    }
    return hashlib.sha256(canonical.encode({"payload": payload, "files": files})).hexdigest()
