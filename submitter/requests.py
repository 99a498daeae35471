"""The requests of a submission as plain values: what is sent, and what ``--dry-run`` prints."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..client import Dialect, Request, Route
from ..diagnostics import KeyPath, Span
from ..payloads import canonical, fields
from .form import DatasetForm, Source


@dataclass(frozen=True, slots=True)
class Prepared:
    """A payload that can be submitted: it contradicts nothing, and its datasets are at hand."""

    payload: Mapping[str, Any]  # as it was reviewed
    sources: Mapping[str, Source]  # by use
    place: Callable[[KeyPath], Span | str]  # of a value, in the document that the user wrote

    @property
    def identity(self) -> str:
        """The digest that stands for what is asked, the same on each machine: payload and data."""
        files = {
            use: {"sha256": source.pin.sha256, "bytes": source.pin.bytes}
            for use, source in self.sources.items()
        }
        asked = {"payload": self.payload, "files": files}
        return hashlib.sha256(canonical.encode(asked)).hexdigest()

    def body(self, files: Mapping[str, str]) -> dict[str, Any]:
        """Return the payload with the ids of its files, by use; nothing else changes."""
        body = dict(self.payload)
        if "training" in files:
            body = fields.replaced(body, fields.TRAINING_FILE_ID, files["training"])
        if "validation" in files:
            body = fields.replaced(body, fields.VALIDATION_FILES, [files["validation"]])
        return body


def upload(dialect: Dialect, source: Source) -> Request:
    """Send a dataset."""
    key = {dialect.key_header: f"sftc-file-{source.pin.sha256}"}
    return Request(dialect.upload, form=DatasetForm(source, dialect), more=key)


def create(dialect: Dialect, body: Mapping[str, Any], key: str, name: str | None) -> Request:
    """Create a job under an idempotency key, with a name if it has one."""
    named = {dialect.name_header: quote(name)} if name and dialect.name_header else {}
    return Request(dialect.create, body, more={dialect.key_header: key, **named})


def start(dialect: Dialect, route: Route, key: str) -> Request:
    """Start a job."""
    return Request(route, {}, more={dialect.key_header: f"{key}-start"})


def idempotency_key(identity: str, attempt: str) -> str:
    """Return what tells the backend that two requests want the same job."""
    return "sftc-" + hashlib.sha256(f"{identity} {attempt}".encode()).hexdigest()


def preview(dialect: Dialect, api: str, prepared: Prepared, name: str | None) -> dict[str, Any]:
    """Return the requests of a submission as one document (``requests.schema.json``)."""
    key = idempotency_key(prepared.identity, "")
    body = prepared.body({use: f"{{{use}_file_id}}" for use in prepared.sources})
    shown = []
    for source in prepared.sources.values():
        pin = source.pin
        file: dict[str, Any] = {
            "path": source.shown,
            "name": source.upload_name,
            "sha256": pin.sha256,
        }
        file |= {"bytes": pin.bytes, "examples": pin.examples, "head": pin.head}
        file |= {"purpose": dialect.purpose, "media_type": dialect.media_type}
        step = _shown(upload(dialect, source), api)
        step["headers"]["Content-Type"] = "multipart/form-data"
        shown.append({**step, "file": file})
    steps = [create(dialect, body, key, name)]
    if dialect.start:
        route = Route(dialect.start.method, dialect.start.path.replace("{job}", "{job_id}"))
        steps.append(start(dialect, route, key))
    shown += [{**_shown(step, api), "body": step.body} for step in steps]
    return {"format": 1, "requests": shown}


def _shown(request: Request, api: str) -> dict[str, Any]:
    method, path = request.route
    return {"method": method, "url": api + path, "headers": request.headers}
