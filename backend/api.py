"""The handlers of the API, a method for each operation of the table."""

import asyncio
import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..engines.log import read
from ..jobfolder import JobFolder
from . import shapes
from .bodies import Bodies
from .downloads import Download, unchanged
from .errors import Refused, refuse
from .records import Artifact, Event, File, FileStatus, Job, JobStatus, Summary, now
from .running import JobWorker
from .store import Files, Jobs, Runs, Traces
from .submission import (
    PHASES,
    Submissions,
    idempotency_key,
    job_name,
    named_files,
    timeline,
)
from .uploads import PURPOSE, receive
from .work.artifacts import opened
from .worker import FileWorker

_PATIENCE: Final = 10.0
"""Seconds that a new job waits for its files to be checked: some clients do not wait themselves."""

_Found = TypeVar("_Found", bound=Summary)


@dataclass(frozen=True, slots=True)
class Call:
    """A request with a valid key and valid parameters.

    Attributes:
        request: the request, of whose body nothing has been read.
        owner: the owner of its key.
        query: the parameters, with their defaults, typed as their schemas say.

    """

    request: Request
    owner: str
    query: dict[str, Any]


class Api:
    """The operations, over one state."""

    def __init__(
        self,
        files: Files,
        jobs: Jobs,
        traces: Traces,
        runs: Runs,
        submissions: Submissions,
        file_worker: FileWorker,
        job_worker: JobWorker,
        largest_upload: int,
    ) -> None:
        self._files = files
        self._jobs = jobs
        self._traces = traces
        self._runs = runs
        self._submissions = submissions
        self._file_worker = file_worker
        self._job_worker = job_worker
        self._directory = file_worker.directory
        self._largest_upload = largest_upload
        self._bodies = Bodies()

    async def upload_file(self, call: Call) -> JSONResponse:
        """Store a file and queue it to be checked."""
        upload = await receive(call.request, self._file_worker.directory, self._largest_upload)
        name = f"{call.owner}|{PURPOSE}|{upload.sha256}"
        file = File(
            id=f"file-{hashlib.sha256(name.encode()).hexdigest()[:24]}",
            owner=call.owner,
            purpose=PURPOSE,
            sha256=upload.sha256,
            bytes=upload.bytes,
            filename=upload.filename,
            status=FileStatus.VALIDATING,
            rows=None,
            error=None,
            created_at=now(),
        )
        stored, new = await asyncio.to_thread(self._files.add, file)
        self._file_worker.wake()
        return JSONResponse(shapes.file(stored), 201 if new else 200)

    async def list_files(self, call: Call) -> JSONResponse:
        """Show the files of the caller."""
        found = await asyncio.to_thread(
            self._files.of, call.owner, call.query["sha256"], call.query["limit"]
        )
        return JSONResponse({"files": [shapes.file(file) for file in found]})

    async def get_file(self, call: Call) -> JSONResponse:
        """Show a file."""
        name = call.request.path_params["file_id"]
        file = await asyncio.to_thread(self._files.get, call.owner, name)
        if file is None:
            raise refuse("file_not_found", f"there is no file `{name}`")
        return JSONResponse(shapes.file(file))

    async def create_job(self, call: Call) -> JSONResponse:
        """Create a job from a payload, once for each idempotency key."""
        key = idempotency_key(call.request.headers.get("idempotency-key"))
        title = job_name(call.request.headers.get("x-job-name"))
        body = await self._bodies.read(call.request)
        named_files(body.value)  # refuses too many of them before they are looked up
        asked = (call.owner, key, body.value)
        known = await self._bodies.run(body, self._submissions.known, *asked)
        if known:
            return await self._answer(known)
        patience = time.monotonic() + _PATIENCE
        while await asyncio.to_thread(self._submissions.waiting, call.owner, body.value):
            if time.monotonic() > patience:
                break  # the answer is that the file is not ready
            await asyncio.sleep(0.05)
        job, new = await self._bodies.run(body, self._submissions.create, *asked, title)
        return await self._answer(job, 201 if new else 200)

    async def list_jobs(self, call: Call) -> JSONResponse:
        """Show the jobs of the caller."""
        found = await asyncio.to_thread(lambda: self._jobs.listed(call.owner, **call.query))
        if found is None:
            raise refuse("invalid_query", f"`before`: there is no job `{call.query['before']}`")
        return JSONResponse(shapes.jobs(found))

    async def get_job(self, call: Call) -> JSONResponse:
        """Show a job."""
        return await self._answer(await self._job(call))

    async def start_job(self, call: Call) -> JSONResponse:
        """Put a job in the queue."""
        job = await self._job(call)
        event = Event("sft.job.queued", "The job was started and waits for a runner")
        moved = await asyncio.to_thread(self._jobs.move, job.id, JobStatus.QUEUED, event)
        self._job_worker.wake()
        after = await self._job(call)
        if not moved and after.status.over:
            raise refuse("job_over", f"the job has ended and cannot be restarted: {after.status}")
        return await self._answer(after)

    async def cancel_job(self, call: Call) -> JSONResponse:
        """End a job."""
        job = await self._job(call)
        if not job.status.over and await asyncio.to_thread(self._is_elsewhere, job):
            message = f"the job runs on the engine `{job.engine}`, which this server does not use"
            raise refuse("other_engine", message)
        event = Event("sft.job.cancelled", "The job was cancelled", level="warning")
        await asyncio.to_thread(self._jobs.move, job.id, JobStatus.CANCELLED, event)
        self._job_worker.look_at(job.id)
        after = await self._job(call)
        if after.status is not JobStatus.CANCELLED:
            raise refuse("job_over", f"the job has ended and cannot be cancelled: {after.status}")
        return await self._answer(after)

    async def list_events(self, call: Call) -> JSONResponse:
        """Show what happened to a job."""
        job = await self._summary(call)
        found = await asyncio.to_thread(
            self._traces.events, job.id, call.query["since_seq"], call.query["limit"]
        )
        return JSONResponse({"events": found})

    async def list_metrics(self, call: Call) -> JSONResponse:
        """Show points of a job's curves, all of them or as many as a screen shows."""
        job = await self._summary(call)
        query = call.query
        most = query["max_points"]
        found = await asyncio.to_thread(
            self._traces.sampled if most else self._traces.points,
            job.id,
            query["name"],
            query["after_step"],
            most or query["limit"],
        )
        return JSONResponse({"points": found})

    async def get_timeline(self, call: Call) -> JSONResponse:
        """Show the phases of a job."""
        job = await self._summary(call)
        found = await asyncio.to_thread(self._traces.phases, job.id, PHASES)
        return JSONResponse({"events": timeline(found)})

    async def read_log(self, call: Call) -> JSONResponse:
        """Show a piece of what a job's trainer prints."""
        job = await self._summary(call)
        log = JobFolder(self._directory.runs / job.id).log
        after, limit = call.query["after"], call.query["limit"]
        offset = -limit if after is None else after
        piece = await asyncio.to_thread(read, log, offset, limit, final=job.status.over)
        return JSONResponse(shapes.log(piece))

    async def list_artifacts(self, call: Call) -> JSONResponse:
        """Show the files of a job's result."""
        job = await self._summary(call)
        found = await asyncio.to_thread(self._runs.artifacts, job.id)
        return JSONResponse(shapes.artifacts(found))

    async def get_artifact(self, call: Call) -> Response:
        """Send a file of a job's result."""
        job = await self._summary(call)
        path = call.request.path_params["path"]
        artifact = await asyncio.to_thread(self._runs.artifact, job.id, path)
        if artifact is None:
            raise refuse("artifact_not_found", f"the result has no file `{path}`")
        result = JobFolder(self._directory.runs / job.id).result
        descriptor = await asyncio.to_thread(_opened, result, artifact)
        headers = call.request.headers
        try:
            known = unchanged(artifact, headers)
            if known is None:
                return Download(artifact, descriptor, headers)
        except Refused:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return known

    def _is_elsewhere(self, job: Summary) -> bool:
        """Whether processes of a job may run where nobody here can end them."""
        served = self._job_worker.runner_of(job)
        return not served and self._runs.get(job.id) is not None

    async def _answer(self, job: Job, status: int = 200) -> JSONResponse:
        pace = None
        if not job.status.over:
            pace = await asyncio.to_thread(self._traces.throughput, job)
        known = await asyncio.to_thread(self._job_worker.engine_job, job) if job.engine else None
        return JSONResponse(shapes.job(job, pace, known), status)

    async def _job(self, call: Call) -> Job:
        return _there(await asyncio.to_thread(self._jobs.get, call.owner, _job_id(call)), call)

    async def _summary(self, call: Call) -> Summary:
        return _there(await asyncio.to_thread(self._jobs.summary, call.owner, _job_id(call)), call)


def _job_id(call: Call) -> str:
    return str(call.request.path_params["job_id"])


def _opened(result: Path, artifact: Artifact) -> int:
    """Return a descriptor of a file, if it still is what was listed."""
    try:
        descriptor = opened(result, artifact.path)
    except OSError:
        raise refuse("artifact_not_found", f"the file `{artifact.path}` was deleted") from None
    found = os.fstat(descriptor)
    if (found.st_size, found.st_mtime_ns) != (artifact.bytes, artifact.modified):
        os.close(descriptor)
        message = f"the file `{artifact.path}` changed after the job ended"
        raise refuse("artifact_changed", message)
    return descriptor


def _there(job: _Found | None, call: Call) -> _Found:
    if job is None:
        raise refuse("job_not_found", f"there is no job `{_job_id(call)}`")
    return job
