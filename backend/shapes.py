"""The answers of the API as JSON Schemas, and how records are put into them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from ..engines import ENGINES
from ..engines.log import Piece
from .errors import CODES
from .records import (
    Artifact,
    File,
    FileStatus,
    Job,
    JobStatus,
    Listing,
    Summary,
    Throughput,
)

_Schema = Mapping[str, Any]

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_SECONDS: Final = {"type": "number", "minimum": 0}
_TIME: Final = {"type": "string", "format": "date-time"}
_MAYBE_TIME: Final = {"type": ["string", "null"], "format": "date-time"}


def _object(**properties: _Schema) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name, schema in properties.items() if not schema.get("x-optional")],
        "properties": {
            name: {key: value for key, value in schema.items() if key != "x-optional"}
            for name, schema in properties.items()
        },
        "additionalProperties": False,
    }


def _list(schema: _Schema) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _optional(schema: _Schema) -> dict[str, Any]:
    return {**schema, "x-optional": True}


_JOB: Final[Mapping[str, _Schema]] = {
    "id": _TEXT,
    "job_id": {"type": "string", "description": "The same as `id`."},
    "status": {"enum": [str(status) for status in JobStatus]},
    "mode": {
        "enum": ["rehearsal", "train"],
        "description": "`train` or `rehearsal`; a rehearsal trains nothing.",
    },
    "engine": {
        "enum": [*ENGINES, None],
        "description": "Where the job trains: on the server's machine, or on Slurm.",
    },
    "name": {"type": ["string", "null"], "description": "From `X-Job-Name`."},
    "model": _TEXT,
    "training_type": _TEXT,
    "progress": _object(step=_COUNT, total_steps=_COUNT),
    "error": {"anyOf": [{"type": "null"}, _object(code=_TEXT, message=_TEXT)]},
    "created_at": _TIME,
    "started_at": _MAYBE_TIME,
    "finished_at": _MAYBE_TIME,
    "page": {"type": "string", "description": "Path of the job's page on this server."},
}

SHAPES: Final[Mapping[str, _Schema]] = {
    "File": _object(
        id={"type": "string", "description": "Derived from the key, the purpose and the digest."},
        status={"enum": [str(status) for status in FileStatus]},
        purpose=_TEXT,
        filename=_TEXT,
        bytes=_COUNT,
        sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
        rows={"type": ["integer", "null"], "description": "Null until the file was checked."},
        created_at=_TIME,
        error=_optional(
            _object(
                code=_TEXT,
                message=_TEXT,
                details=_optional(_list(_object(code=_TEXT, message=_TEXT, line=_COUNT))),
            )
        ),
    ),
    "Files": _object(files=_list(_ref("File"))),
    "Job": _object(
        **_JOB,
        engine_job={
            "type": ["string", "null"],
            "description": "Slurm job id, or process group on the server's machine.",
        },
        throughput={
            "anyOf": [
                {"type": "null"},
                _object(
                    seconds_per_step=_SECONDS,
                    tokens_per_second={"type": ["number", "null"], "minimum": 0},
                    seconds_left=_SECONDS,
                ),
            ],
            "description": "Average of the latest steps; null before the second step, and after "
            "the job has ended.",
        },
        payload={"type": "object"},
    ),
    "JobSummary": _object(**_JOB),
    "Jobs": _object(
        jobs=_list(_ref("JobSummary")),
        next={
            "type": ["string", "null"],
            "description": "Value of `before` for the next page; null on the last page.",
        },
        total={**_COUNT, "description": "Number of jobs that match `status` and `search`."},
    ),
    "Events": _object(
        events=_list(
            _object(
                seq=_COUNT,
                type=_TEXT,
                level={"enum": ["info", "warning", "error"]},
                message=_TEXT,
                data={"type": "object"},
                created_at=_TIME,
            )
        )
    ),
    "Points": _object(
        points=_list(
            _object(
                name=_TEXT,
                step=_COUNT,
                value={"type": "number"},
                phase={"enum": ["train", "validation"]},
                created_at=_TIME,
            )
        )
    ),
    "Timeline": _object(events=_list(_object(phase=_TEXT, created_at=_TIME))),
    "Log": _object(
        text={
            "type": "string",
            "description": "Text of the log; bytes that are not UTF-8 are replaced by U+FFFD.",
        },
        start={**_COUNT, "description": "Offset of the text in the log, in bytes."},
        end={**_COUNT, "description": "Value of `after` for the next piece."},
        size={**_COUNT, "description": "Size of the log, in bytes."},
    ),
    "Artifacts": _object(
        artifacts=_list(
            _object(
                path={"type": "string", "description": "Relative path, with `/` as the separator."},
                bytes=_COUNT,
                sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
            )
        )
    ),
    "Problem": _object(
        code={"enum": list(CODES)},
        message=_TEXT,
        pointer=_optional(
            {"type": "string", "description": "JSON Pointer (RFC 6901) into the request body."}
        ),
    ),
    "Error": _object(
        error=_object(
            code={"enum": list(CODES)},
            message=_TEXT,
            pointer=_optional(
                {"type": "string", "description": "JSON Pointer (RFC 6901) into the request body."}
            ),
            details=_optional(_list(_ref("Problem"))),
        )
    ),
}


def file(record: File) -> dict[str, Any]:
    """Return a file as the API shows it."""
    shown = {
        "id": record.id,
        "status": record.status,
        "purpose": record.purpose,
        "filename": record.filename,
        "bytes": record.bytes,
        "sha256": record.sha256,
        "rows": record.rows,
        "created_at": record.created_at,
    }
    return {**shown, "error": record.error} if record.error else shown


def summary(record: Summary) -> dict[str, Any]:
    """Return a job as a list of jobs shows it."""
    return {
        "id": record.id,
        "job_id": record.id,
        "status": record.status,
        "mode": record.mode,
        "engine": record.engine,
        "name": record.name,
        "model": record.model,
        "training_type": record.training_type,
        "progress": {"step": record.step, "total_steps": record.total_steps},
        "error": record.error,
        "created_at": record.created_at,
        "started_at": record.started_at,
        "finished_at": record.finished_at,
        "page": f"/#{record.id}",
    }


def jobs(found: Listing) -> dict[str, Any]:
    """Return a part of a list of jobs as the API shows it."""
    return {
        "jobs": [summary(record) for record in found.jobs],
        "next": found.next,
        "total": found.total,
    }


def job(record: Job, throughput: Throughput | None, engine_job: str | None) -> dict[str, Any]:
    """Return a job as the API shows it."""
    pace = None if throughput is None else asdict(throughput)
    more = {"engine_job": engine_job, "throughput": pace, "payload": record.payload}
    return {**summary(record), **more}


def artifacts(found: Sequence[Artifact]) -> dict[str, Any]:
    """Return the files of a result as the API shows them."""
    return {
        "artifacts": [
            {"path": each.path, "bytes": each.bytes, "sha256": each.sha256} for each in found
        ]
    }


def log(piece: Piece) -> dict[str, Any]:
    """Return a piece of a log as the API shows it."""
    return {"text": piece.text, "start": piece.start, "end": piece.next, "size": piece.size}
