"""The OpenAPI document, made from the table of operations and the payload's own schema."""

import re
from collections.abc import Mapping
from typing import Any

from .. import schemas
from .errors import CODES
from .operations import BYTES, NOTHING, OPERATIONS, Operation, statuses
from .shapes import SHAPES
from .uploads import PURPOSE

IDEMPOTENCY_KEY = {"type": "string", "pattern": "^[!-~]{1,255}$"}
JOB_NAME = {"type": "string", "pattern": "^(?:[ -$&-~]|%[0-9A-Fa-f]{2})+$"}
LONGEST_JOB_NAME = 200
"""Characters, once decoded."""


def document(version: str) -> dict[str, Any]:
    """Return the document of a server.

    Args:
        version: of this package.

    """
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        for number, path in enumerate(operation.paths):
            shown = _operation(operation, suffix=f"_{number + 1}" if number else "")
            shown_path = path.replace(":path}", "}")
            paths.setdefault(f"/api{shown_path}", {})[operation.method.lower()] = shown
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sftc embedded backend",
            "version": version,
            "description": "Fine-tuning jobs, trained on this machine or on Slurm, or rehearsed:"
            " each job says so in its `mode`.",
        },
        "paths": paths,
        "components": {
            "schemas": {**SHAPES, **_payload()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


def _operation(operation: Operation, *, suffix: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "operationId": operation.name + suffix,
        "summary": operation.summary,
        "parameters": [*_parameters(operation)],
        "responses": {
            **{
                str(status): {"description": shape, **_content(shape)}
                for status, shape in operation.answers.items()
            },
            **{
                str(status): {"description": _meanings(codes), "content": _json("Error")}
                for status, codes in statuses(operation).items()
            },
        },
    }
    if operation.body == "payload":
        shown["requestBody"] = {"required": True, "content": _json("Payload")}
    elif operation.body == "form":
        shown["requestBody"] = {"required": True, "content": {"multipart/form-data": _FORM}}
    return shown


_FORM = {
    "schema": {
        "type": "object",
        "required": ["file", "purpose"],
        "properties": {
            "file": {
                "type": "string",
                "format": "binary",
                "description": "JSONL, with a file name.",
            },
            "purpose": {"const": PURPOSE},
        },
    },
    "encoding": {"file": {"contentType": "application/jsonl"}},
}


_HEADERS = {
    "Idempotency-Key": {
        "description": "Requests with the same key create one job, however often they are sent.",
        "schema": IDEMPOTENCY_KEY,
    },
    "X-Job-Name": {
        "description": "Display name of the job: percent-encoded UTF-8, at most "
        f"{LONGEST_JOB_NAME} characters after decoding, without control characters.",
        "schema": JOB_NAME,
    },
}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in ("file_id", "job_id", "path"):
        if re.search(rf"\{{{name}\b", operation.paths[0]):
            segment = {"type": "string", "minLength": 1}
            found.append({"name": name, "in": "path", "required": True, "schema": segment})
    for name, schema in operation.query.items():
        found.append({"name": name, "in": "query", "required": False, "schema": schema})
    if operation.body == "payload":
        found += [
            {"name": name, "in": "header", "required": False, **facts}
            for name, facts in _HEADERS.items()
        ]
    return found


def _content(shape: str) -> dict[str, Any]:
    if shape == NOTHING:
        return {}
    binary = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    return {"content": binary if shape == BYTES else _json(shape)}


def _json(shape: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}}


def _meanings(codes: tuple[str, ...]) -> str:
    return "\n".join(f"- `{code}`: {CODES[code].meaning}" for code in codes)


def _payload() -> dict[str, Any]:
    """Return the payload's schema and its definitions, as components.

    The one difference: a job that is posted names its training file.
    """
    schema: Any = _moved(schemas.load("payload"))
    definitions = schema.pop("$defs")
    for name in ("$schema", "$id", "$comment"):
        del schema[name]
    schema["properties"]["training_file_id"] = {"type": "string"}
    return {"Payload": schema, **{f"payload.{name}": value for name, value in definitions.items()}}


def _moved(schema: Any) -> Any:
    """Return a schema with its references turned to the components."""
    if isinstance(schema, Mapping):
        return {
            key: value.replace("#/$defs/", "#/components/schemas/payload.")
            if key == "$ref"
            else _moved(value)
            for key, value in schema.items()
        }
    return [_moved(item) for item in schema] if isinstance(schema, list) else schema
