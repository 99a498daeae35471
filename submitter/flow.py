"""A submission step by step: find or upload, wait, create, start.

Each step can be cut off at any point and taken again: a file that arrived is found by its
digest, and a job that was created is answered again for the same idempotency key.
"""

import secrets
from dataclasses import dataclass, replace
from typing import Final

from ..client import (
    Answer,
    BackendError,
    Bar,
    Client,
    Lost,
    Request,
    diagnosed,
    identifier,
    refusal,
    text,
)
from ..diagnostics import Finding, codes
from ..payloads.fields import TRAINING_FILE_ID, value_at
from .cache import Cache, Known
from .dataset_upload import DatasetUpload
from .requests import Prepared, create, idempotency_key, start

_NOT_FOUND: Final = 404
_CONFLICT: Final = 409
_NOTHING: Final = Answer(0, None, "")
"""What is known of a job that nobody has asked for."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A job that was submitted."""

    job_id: str
    name: str | None
    backend: str  # its address
    training_file_id: str | None  # None: this machine does not know it
    validation_file_id: str | None  # None: there is none, or as above
    idempotency_key: str  # what its creation was sent with
    resumed: bool  # whether it had been started before this call
    status: str  # before it was started, as far as the backend has said it
    page: str | None  # the address of a page that shows it, if the backend names one


@dataclass(frozen=True, slots=True)
class Flow:
    """What the steps of one submission need."""

    client: Client
    prepared: Prepared
    cache: Cache
    name: str | None
    bar: Bar

    @property
    def backend(self) -> str:
        """The backend's address, as messages name it."""
        return self.client.address.shown

    async def run(self, *, again: bool) -> Submission:
        """Take the steps that have not been taken; ``again`` wants another job than the last."""
        dialect, identity = self.client.dialect, self.prepared.identity
        known, found = await self._known(identity)
        runs = found.state not in dialect.unstarted
        if again and (known is None or known.started or runs):
            known, found = Known(secrets.token_hex(8)), _NOTHING
        known = known or Known()
        waits = found.state in dialect.unstarted - {""}  # whatever the cache says
        resumed = (known.started and not waits) or found.state in dialect.ended
        if not resumed:
            known, found = await self._submitted(identity, known, found)
            resumed = found.state not in dialect.unstarted
        if found.state in dialect.ended - dialect.succeeded:
            words = {"job": known.job_id, "status": found.state}
            raise self._error(Finding(codes.JOB_OVER, words=words))
        files = {use: self.cache.file(s.pin.sha256) for use, s in self.prepared.sources.items()}
        return Submission(
            known.job_id,
            text(found.object.get("name")) or self.name,
            self.backend,
            files.get("training") or value_at(self.prepared.payload, TRAINING_FILE_ID),
            files.get("validation"),
            idempotency_key(identity, known.attempt),
            resumed=resumed,
            status=found.state,
            page=self.client.address.page(text(found.object.get("page"))),
        )

    async def _known(self, identity: str) -> tuple[Known | None, Answer]:
        """Return what the cache knows of this submission, and the job as it is now."""
        known = self.cache.job(identity)
        if known is None or not known.job_id:
            return known, _NOTHING
        answer = await self.client.call(Request(self.client.dialect.job.to(job=known.job_id)))
        if answer.ok:
            return known, answer
        if answer.status != _NOT_FOUND:
            raise refusal(answer, f"request for job {known.job_id}", self.backend)
        self.client.note(f"{known.job_id} was submitted before, but the backend no longer has it")
        known = replace(known, job_id="", started=False)
        self.cache.keep_job(identity, known)
        return known, _NOTHING

    async def _submitted(self, identity: str, known: Known, found: Answer) -> tuple[Known, Answer]:
        """Create the job unless it is there, start it, and return it as it was before that."""
        if not known.job_id:
            known, found = await self._create(identity, known)
        before = await self._start(identity, known, found)
        if before is None:  # the backend remembers the request, and has lost the job since
            known, found = await self._create(identity, Known(secrets.token_hex(8)))
            before = await self._start(identity, known, found)
        if before is None:
            raise self._error(Finding(codes.NO_SUCH_JOB, words={"job": known.job_id}))
        known = replace(known, started=True)
        self.cache.keep_job(identity, known)
        return known, before

    async def _create(self, identity: str, known: Known) -> tuple[Known, Answer]:
        """Create the job: the reviewed payload, and nothing but the ids filled in."""
        # All files first, so that no job is created without what was reviewed.
        sources = self.prepared.sources.items()
        upload = DatasetUpload(self.client, self.prepared, self.cache, self.bar)
        files = {use: await upload.arrive(source) for use, source in sources}
        self.cache.keep_job(identity, known)
        key = idempotency_key(identity, known.attempt)
        request = create(self.client.dialect, self.prepared.body(files), key, self.name)
        answer = await self.client.call(request)
        known = replace(known, job_id=self._id(answer, "job", self.client.dialect.job_ids))
        self.cache.keep_job(identity, known)
        if answer.state in self.client.dialect.unstarted:
            self.client.note(f"created job {known.job_id}")
        return known, answer

    async def _start(self, identity: str, known: Known, found: Answer) -> Answer | None:
        """Start a job; return it as it was before, or None if there is no such job."""
        dialect, route = self.client.dialect, self.client.dialect.start
        if found.state in dialect.ended or route is None:
            return found
        shows = Request(dialect.job.to(job=known.job_id))
        request = start(
            dialect, route.to(job=known.job_id), idempotency_key(identity, known.attempt)
        )

        async def attempt() -> Answer:
            answer = await self.client.once(request)
            if answer.status == _NOT_FOUND and (await self.client.once(shows)).ok:
                raise Lost("the backend listed a job that it does not find yet", answer=answer)
            return answer

        answer = await self.client.retried(attempt, request)
        if answer.status == _NOT_FOUND:
            return None
        if answer.status == _CONFLICT:
            shown = await self.client.call(shows)
            if shown.ok and shown.state not in dialect.unstarted:
                if shown.state not in dialect.ended:
                    self.client.note(f"job {known.job_id} was already started")
                return shown
        if not answer.ok:
            what = f"start of job {known.job_id}"
            raise refusal(answer, what, self.backend, self.prepared)
        if found.state in dialect.unstarted:
            self.client.note(f"started job {known.job_id}")
        return found

    def _id(self, answer: Answer, what: str, names: tuple[str, ...]) -> str:
        """Return the id that a successful answer gives, or raise what it means."""
        if not answer.ok:
            raise refusal(answer, what, self.backend, self.prepared)
        return identifier(answer, names, self.backend)

    def _error(self, finding: Finding, place: str = "") -> BackendError:
        return BackendError([diagnosed(finding, place or self.backend)])
