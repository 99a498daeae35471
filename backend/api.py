"""The handlers of the API, a method for each operation of the table."""

import asyncio
import hashlib
import time
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse

from . import shapes
from .bodies import json_value
from .errors import refuse
from .records import Event, File, FileStatus, Job, JobStatus, Summary, now
from .store import Files, Jobs, Traces
from .submission import Submissions, idempotency_key, job_name, timeline
from .uploads import PURPOSE, receive
from .workshop import Checker, Foreman

_PATIENCE: Final = 10.0
"""Seconds that a new job waits for its files to be checked: some clients never ask for them."""

_EVERYTHING: Final = 2**53 - 1

_Found = TypeVar("_Found", bound=Summary)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed the door.

    Attributes:
        request: its body is not read.
        owner: whose key it carries.
        query: the parameters, as their schemas have them.

    """

    request: Request
    owner: str
    query: dict[str, Any]


class Api:
    """What the operations do."""

    def __init__(
        self,
        files: Files,
        jobs: Jobs,
        traces: Traces,
        submissions: Submissions,
        checker: Checker,
        foreman: Foreman,
        largest_upload: int,
    ) -> None:
        """Serve a state, and wake who works on it."""
        self._files = files
        self._jobs = jobs
        self._traces = traces
        self._submissions = submissions
        self._checker = checker
        self._foreman = foreman
        self._largest_upload = largest_upload

    async def upload_file(self, call: Call) -> JSONResponse:
        """Store a file, and have it checked."""
        upload = await receive(call.request, self._checker.directory, self._largest_upload)
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
        self._checker.bench.wake()
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
        """Make a job of a payload, once."""
        payload = await json_value(call.request)
        key = idempotency_key(call.request.headers.get("idempotency-key"))
        title = job_name(call.request.headers.get("x-job-name"))
        known = await asyncio.to_thread(self._submissions.known, call.owner, key, payload)
        if known:
            return JSONResponse(shapes.job(known))
        patience = time.monotonic() + _PATIENCE
        while await asyncio.to_thread(self._submissions.waiting, call.owner, payload):
            if time.monotonic() > patience:
                break  # and be told that the file is not ready
            await asyncio.sleep(0.05)
        job, new = await asyncio.to_thread(
            self._submissions.create, call.owner, key, payload, title
        )
        return JSONResponse(shapes.job(job), 201 if new else 200)

    async def list_jobs(self, call: Call) -> JSONResponse:
        """Show the jobs of the caller."""
        found = await asyncio.to_thread(lambda: self._jobs.listed(call.owner, **call.query))
        if found is None:
            raise refuse("invalid_query", f"`before`: there is no job `{call.query['before']}`")
        return JSONResponse(shapes.jobs(found))

    async def get_job(self, call: Call) -> JSONResponse:
        """Show a job."""
        return JSONResponse(shapes.job(await self._job(call)))

    async def start_job(self, call: Call) -> JSONResponse:
        """Put a job in the queue."""
        job = await self._job(call)
        event = Event("sft.job.queued", "The job was started, and waits for a runner")
        await asyncio.to_thread(self._jobs.move, job.id, JobStatus.QUEUED, event)
        self._foreman.bench.wake()
        return JSONResponse(shapes.job(await self._job(call)))

    async def cancel_job(self, call: Call) -> JSONResponse:
        """End a job."""
        job = await self._job(call)
        event = Event("sft.job.cancelled", "The job was cancelled", level="warning")
        await asyncio.to_thread(self._jobs.move, job.id, JobStatus.CANCELLED, event)
        after = await self._job(call)
        if after.status is not JobStatus.CANCELLED:
            raise refuse("job_over", f"the job has ended already: {after.status}")
        return JSONResponse(shapes.job(after))

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
        found = await asyncio.to_thread(self._traces.events, job.id, 0, _EVERYTHING)
        return JSONResponse({"events": timeline(found)})

    async def _job(self, call: Call) -> Job:
        return _there(await asyncio.to_thread(self._jobs.get, call.owner, _job_id(call)), call)

    async def _summary(self, call: Call) -> Summary:
        return _there(await asyncio.to_thread(self._jobs.summary, call.owner, _job_id(call)), call)


def _job_id(call: Call) -> str:
    return str(call.request.path_params["job_id"])


def _there(job: _Found | None, call: Call) -> _Found:
    if job is None:
        raise refuse("job_not_found", f"there is no job `{_job_id(call)}`")
    return job
