"""A submission step by step: upload, wait, create, start; what is done is recorded first.

Each step can be cut off at any point and taken again: a file that arrived is found by its
digest, and a job that was created is answered again for the same idempotency key.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from typing import Final, TypeAlias

from ..diagnostics import Finding, codes
from ..payloads import Payload
from ..payloads.fields import TRAINING_FILE_ID, value_at
from . import requests
from .client import Client
from .data import Bar
from .errors import BackendError, told
from .failures import Answer, problems, refusal
from .requests import Source
from .state import Record

_READY: Final = frozenset({"ready", "uploaded", "stored", "complete", "processed"})
_BROKEN: Final = frozenset({"failed", "error", "invalid", "rejected", "deleted"})
_WAITING: Final = frozenset({"created", "pending", "queued", "not_started", "draft"})
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_TOLD_EVERY: Final = 15.0
_GROWTH: Final = 1.5

Note: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Submission:
    """A job that runs.

    Attributes:
        job_id: its id.
        backend: the address of the backend that runs it.
        training_file_id: the id of its training file.
        validation_file_id: the id of its validation file, or None.
        idempotency_key: what its creation was sent with.
        resumed: whether it had been started before this call.

    """

    job_id: str
    backend: str
    training_file_id: str | None
    validation_file_id: str | None
    idempotency_key: str
    resumed: bool


def idempotency_key(identity: str, attempt: str) -> str:
    """Return what tells the backend that two requests want the same job.

    Args:
        identity: the digest that stands for what is asked.
        attempt: what tells a job that was asked for again from the ones before.

    """
    return "sftc-" + sha256(f"{identity} {attempt}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Flow:
    """What the steps of one submission need."""

    client: Client
    payload: Payload
    sources: Mapping[str, Source]
    record: Record
    note: Note
    bar: Bar

    async def run(self, identity: str, *, again: bool) -> Submission:
        """Take the steps that have not been taken.

        Args:
            identity: the digest that stands for what is asked.
            again: whether another job is wanted if there is one already.

        Raises:
            SubmitError: it could not be finished; see the exception's class.

        """
        state = self.record.state
        if again and state.started:
            state.attempt, state.job_id, state.started = secrets.token_hex(8), None, False
            self.record.save()
        key = idempotency_key(identity, state.attempt)
        resumed = state.started
        if state.started:
            await self._status(str(state.job_id))  # it must still be there, and ours
        else:
            # All files first, so that no job is created without what was reviewed.
            for source in self.sources.values():
                await self._arrive(source)
            if state.job_id is None:
                await self._create(key)
            await self._start(key)
        return Submission(
            str(state.job_id),
            self.client.address.shown,
            self._file_id("training") or value_at(self.payload.value, TRAINING_FILE_ID),
            self._file_id("validation"),
            key,
            resumed=resumed,
        )

    async def _arrive(self, source: Source) -> None:
        """See to it that a dataset is at the backend, and ready."""
        file_id = self.record.state.uploaded.get(source.sha256)
        if file_id is not None:
            answer = await self.client.call(requests.file(file_id))
            if answer.status == _NOT_FOUND:  # the backend has lost it
                self._forget(source)
                file_id = None
        if file_id is None:
            await self._upload(source)
        await self._ready(source)

    async def _upload(self, source: Source) -> None:
        """Send a dataset, unless its bytes have arrived although nobody was told."""
        state = self.record.state
        request = requests.upload(source)
        may_be_there = source.sha256 in state.begun
        if not may_be_there:
            state.begun.append(source.sha256)
            self.record.save()
        with self.bar(f"uploading {source.shown}", source.bytes) as progress:

            async def attempt() -> str | Answer:
                nonlocal may_be_there
                there = await self._found(source) if may_be_there else None
                may_be_there = True
                return there or await self.client.once(request, progress)

            sent = await self.client.retried(attempt, request)
        if isinstance(sent, str):
            self.note(f"{source.shown} had been uploaded: {sent}")
        else:
            sent = self._id(sent, f"{source.use} dataset", ("id", "file_id"))
            rows = f"{source.examples:,} row{'s' if source.examples > 1 else ''}"
            self.note(f"uploaded {source.shown}: {rows}, file {sent}")
        state.uploaded[source.sha256] = sent
        self.record.save()

    async def _found(self, source: Source) -> str | None:
        """Return the id of a file that has the bytes of a dataset, if the backend can tell."""
        answer = await self.client.once(requests.find(source))
        listed = answer.object.get("files", answer.object.get("data"))
        for item in listed if answer.ok and isinstance(listed, list) else []:
            if isinstance(item, dict) and item.get("sha256") == source.sha256:
                file_id, status = item.get("id"), item.get("status")
                if isinstance(file_id, str) and status not in _BROKEN:
                    return file_id
        return None

    async def _ready(self, source: Source) -> None:
        """Wait until an uploaded dataset can be used."""
        file_id = self.record.state.uploaded[source.sha256]
        begun = told_at = monotonic()
        pause = _FIRST_PAUSE
        while True:
            answer = await self.client.call(requests.file(file_id))
            if not answer.ok and answer.status != _NOT_FOUND:
                raise refusal(answer, f"{source.use} dataset", self.client.address)
            status = answer.object.get("status", "pending")
            if status in _READY:
                return
            if status in _BROKEN:
                self._forget(source)
                wrong = problems(answer.object, self.client.redacted)
                detail = wrong[0].detail if wrong else ""
                words = {"use": source.use, "path": source.shown, "detail": detail}
                raise BackendError([told(Finding(codes.FILE_REFUSED, words=words), source.shown)])
            waited = monotonic() - begun
            patience = self.client.patience
            if waited > (patience.ready if answer.ok else patience.answer):
                what = f"the {source.use} dataset `{source.shown}`"
                words = {"what": what, "seconds": f"{waited:.0f}"}
                raise BackendError([told(Finding(codes.NOT_READY, words=words), source.shown)])
            if monotonic() - told_at > _TOLD_EVERY:
                told_at = monotonic()
                self.note(f"{source.shown} is not ready yet ({status}, {waited:.0f} s)")
            await asyncio.sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)

    def _forget(self, source: Source) -> None:
        """Let the next run upload a dataset again."""
        state = self.record.state
        state.uploaded.pop(source.sha256, None)
        state.begun.remove(source.sha256)
        self.record.save()

    async def _create(self, key: str) -> None:
        """Create the job: the reviewed payload, and nothing but the ids filled in."""
        body = requests.filled(
            self.payload.value, self._file_id("training"), self._file_id("validation")
        )
        answer = await self.client.call(requests.create(body, key))
        if not answer.ok:
            raise refusal(answer, "job", self.client.address, self.payload)
        state = self.record.state
        state.job_id = self._id(answer, "job", ("job_id", "id"))
        self.record.save()
        self.note(f"created job {state.job_id}")

    async def _start(self, key: str) -> None:
        state = self.record.state
        job_id = str(state.job_id)
        answer = await self.client.call(requests.start(job_id, key))
        if answer.status == _CONFLICT and await self._status(job_id) not in _WAITING:
            self.note(f"job {job_id} had been started")
        elif answer.status == _NOT_FOUND:
            raise self._unknown(job_id)
        elif not answer.ok:
            raise refusal(answer, f"start of job {job_id}", self.client.address, self.payload)
        else:
            self.note(f"started job {job_id}")
        state.started = True
        self.record.save()

    async def _status(self, job_id: str) -> str:
        """Return the status of a job."""
        answer = await self.client.call(requests.job(job_id))
        if answer.status == _NOT_FOUND:
            raise self._unknown(job_id)
        if not answer.ok:
            raise refusal(answer, f"look at job {job_id}", self.client.address)
        return str(answer.object.get("status", ""))

    def _unknown(self, job_id: str) -> BackendError:
        words = {"job": job_id}
        return BackendError(
            [told(Finding(codes.NO_SUCH_JOB, words=words), self.client.address.shown)]
        )

    def _file_id(self, use: str) -> str | None:
        source = self.sources.get(use)
        return self.record.state.uploaded.get(source.sha256) if source else None

    def _id(self, answer: Answer, what: str, names: tuple[str, ...]) -> str:
        """Return the id that a successful answer gives, or raise what it means."""
        if not answer.ok:
            raise refusal(answer, what, self.client.address)
        for name in names:
            if isinstance(answer.object.get(name), str) and answer.object[name]:
                return str(answer.object[name])
        words = {"request": answer.request, "reason": f"it has no `{names[0]}`"}
        raise BackendError(
            [told(Finding(codes.ODD_ANSWER, words=words), self.client.address.shown)]
        )
