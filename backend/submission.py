"""How a posted payload becomes a job: its shape, its resources, its files, its length."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from ..diagnostics.pointers import pointer
from ..payloads import dataset_files, fields
from .bodies import canonical
from .errors import Problem, Refused, refuse
from .openapi import IDEMPOTENCY_KEY, JOB_NAME, LONGEST_JOB_NAME
from .plan import LARGEST, planned
from .planned import created
from .records import Event, File, FileStatus, Job, JobStatus, now
from .refusals import TRAINING_FILE, inconsistent, misshapen
from .runner import Runner
from .store import Files, Jobs, KeyReusedError

_VALIDATION_FILES: Final = pointer(fields.VALIDATION_FILES)

_LONGEST_ID: Final = 100

MOST_VALIDATION_FILES: Final = 100
"""Validation files of a payload: one is usual."""


def idempotency_key(given: str | None) -> str | None:
    """Return the key of a request.

    Raises:
        Refused: it is empty, too long, or has other characters.

    """
    if given is not None and not re.fullmatch(IDEMPOTENCY_KEY["pattern"], given):
        message = "`Idempotency-Key` is not 1 to 255 printable ASCII characters without spaces"
        raise refuse("invalid_idempotency_key", message)
    return given


def job_name(given: str | None) -> str | None:
    """Return the name that a request gives its job.

    Raises:
        Refused: it is no name that people can read.

    """
    if given is None:
        return None
    if not re.fullmatch(JOB_NAME["pattern"], given):
        raise refuse("invalid_job_name", "`X-Job-Name` is not percent-encoded, or is empty")
    try:
        name = unquote(given, errors="strict")
    except UnicodeDecodeError:
        raise refuse("invalid_job_name", "`X-Job-Name` is not UTF-8 once decoded") from None
    if len(name) > LONGEST_JOB_NAME:
        message = f"`X-Job-Name` has {len(name)} characters, more than {LONGEST_JOB_NAME}"
        raise refuse("invalid_job_name", message)
    control = next((letter for letter in name if unicodedata.category(letter) == "Cc"), None)
    if control:
        raise refuse("invalid_job_name", f"`X-Job-Name` has a control character, {control!a}")
    if not name.strip():
        raise refuse("invalid_job_name", "`X-Job-Name` is blank")
    return name


def named_files(payload: Any) -> Mapping[str, str]:
    """Return the ids of the files that a payload of any shape names, by their JSON Pointers.

    Raises:
        Refused: there are too many.

    """
    if not isinstance(payload, dict):
        return {}
    found = {TRAINING_FILE: fields.value_at(payload, fields.TRAINING_FILE_ID)}
    validation = fields.value_at(payload, fields.VALIDATION_FILES)
    if isinstance(validation, list):
        if len(validation) > MOST_VALIDATION_FILES:
            message = f"the payload names more than {MOST_VALIDATION_FILES} validation files"
            raise refuse("too_many_files", message, _VALIDATION_FILES)
        found |= {f"{_VALIDATION_FILES}/{place}": name for place, name in enumerate(validation)}
    return {place: name for place, name in found.items() if isinstance(name, str)}


class Submissions:
    """Creates jobs from payloads."""

    def __init__(self, files: Files, jobs: Jobs, runner: Runner) -> None:
        self._files = files
        self._jobs = jobs
        self._runner = runner

    def waiting(self, owner: str, payload: Any) -> bool:
        """Whether a file that a payload names is still being checked."""
        files = self._files.named(owner, named_files(payload).values())
        return any(file.status is FileStatus.VALIDATING for file in files.values())

    def known(self, owner: str, key: str | None, payload: Any) -> Job | None:
        """Return the job that this request has created before, if any.

        Raises:
            Refused: its key was used for another payload.

        """
        if key is None:
            return None
        try:
            return self._jobs.with_key(owner, key, _digest(payload))
        except KeyReusedError:
            raise _reused() from None

    def create(
        self, owner: str, key: str | None, payload: Any, name: str | None
    ) -> tuple[Job, bool]:
        """Return the job of a payload, and whether it is new; one that is not keeps its name.

        Raises:
            Refused: the payload is not a job, or its key was used for another one.

        """
        problems = misshapen(payload) or [
            *(inconsistent(payload) or self._runner.problems(payload)),
            *self._unfit_files(owner, payload),
        ]
        if problems:
            # The route exists: a missing file in a payload is no 404.
            raise Refused(*problems, status=400)
        training = self._files.get(owner, payload["training_file_id"])
        total = planned(payload, training.rows or 0 if training else 0).total
        if total > LARGEST:
            raise refuse("training_too_long", f"the job would have more than {LARGEST:,} steps")
        job = Job(
            id=f"job-{secrets.token_hex(12)}",
            owner=owner,
            name=name,
            model=payload["model"],
            training_type=payload["training_type"],
            payload=payload,
            mode=self._runner.mode,
            engine=self._runner.engine,
            status=JobStatus.CREATED,
            step=0,
            total_steps=total,
            error=None,
            created_at=now(),
            started_at=None,
            finished_at=None,
        )
        data = {"mode": self._runner.mode, "engine": self._runner.engine}
        first = created(
            Event("sft.job.created", self._runner.notice, data=data),
            payload,
            training.rows or 0 if training else 0,
            self._runner.shape,
        )
        try:
            return self._jobs.add(job, key, _digest(payload), first)
        except KeyReusedError:
            raise _reused() from None

    def _unfit_files(self, owner: str, payload: Any) -> Iterator[Problem]:
        pins = dataset_files(payload)
        expected = {TRAINING_FILE: "training", f"{_VALIDATION_FILES}/0": "validation"}
        named = named_files(payload)
        files = self._files.named(owner, named.values())
        for place, name in named.items():
            file = files.get(name)
            problem = _unfit(file, name, place)
            pin = pins.get(expected.get(place, ""), {}).get("sha256")
            if file and not problem and pin and pin != file.sha256:
                message = f"the SHA-256 of the file `{name}` is {file.sha256}, but its pin is {pin}"
                problem = Problem("pin_mismatch", message, place)
            if problem:
                yield problem


def _unfit(file: File | None, name: str, place: str) -> Problem | None:
    """Return why a job cannot use a file, if so."""
    if file is None:
        return Problem("file_not_found", f"there is no file `{_shortened(name)}`", place)
    match file.status:
        case FileStatus.READY:
            return None
        case FileStatus.VALIDATING:
            return Problem("file_not_ready", f"the file `{name}` is still being checked", place)
        case FileStatus.FAILED:
            reason = (file.error or {}).get("message", "")
            return Problem("invalid_dataset", f"the file `{name}` is invalid: {reason}", place)


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_ID else f"{name[:_LONGEST_ID]}…"


def _digest(payload: Any) -> str:
    return hashlib.sha256(canonical(payload)).hexdigest()


def _reused() -> Refused:
    message = "this `Idempotency-Key` was used for another payload"
    return refuse("idempotency_key_reused", message)


PHASES: Final[Mapping[str, str]] = {
    "sft.job.created": "created",
    "sft.job.queued": "queued",
    "sft.job.started": "running",
    "sft.job.resumed": "resumed",
    "sft.job.completed": "succeeded",
    "sft.job.failed": "failed",
    "sft.job.cancelled": "cancelled",
}
"""The phase of a job that each type of event begins."""


def timeline(events: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the phases in a job's events."""
    return [
        {"phase": PHASES[event["type"]], "created_at": event["created_at"]}
        for event in events
        if event["type"] in PHASES
    ]
