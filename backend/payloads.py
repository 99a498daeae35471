"""Payloads against their schema: where a posted body is no job."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from .. import schemas
from .errors import Problem

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

GPU_TYPE: Final = "/metadata/effective_config/compute/gpu_type"
TRAINING_FILE: Final = "/training_file_id"

_MOST: Final = 20
_LONGEST: Final = 200


def misshapen(payload: Any) -> Sequence[Problem]:
    """Return where a payload misses its schema, the gravest first; nothing if it does not."""
    found = [found for error in _validator().iter_errors(payload) for found in _problems(error)]
    if isinstance(payload, dict):
        found += _missing(payload)
    told = {(problem.code, problem.pointer): problem for problem in found}
    order = ("missing_gpu_type", "missing_training_file", "invalid_payload")
    ranked = sorted(told.values(), key=lambda problem: order.index(problem.code))
    return ranked[:_MOST]


def _missing(payload: dict[str, Any]) -> Iterator[Problem]:
    """Yield the two holes that have a name of their own, however far up the payload ends."""
    compute: Any = payload
    for part in ("metadata", "effective_config", "compute"):
        compute = compute.get(part, {}) if isinstance(compute, dict) else None
    if isinstance(compute, dict) and compute.get("gpu_type") is None:
        yield _NO_GPU_TYPE
    if payload.get("training_file_id") is None:
        message = "`training_file_id` is not set: upload the training file, and put its id there"
        yield Problem("missing_training_file", message, TRAINING_FILE)


_NO_GPU_TYPE: Final = Problem(
    "missing_gpu_type", "`compute.gpu_type` is required: which GPU is the job to have?", GPU_TYPE
)


@cache
def _validator() -> "Validator":
    from jsonschema import Draft202012Validator  # 0.1 s, at the first job

    return Draft202012Validator(schemas.load("payload"))


def _problems(error: "ValidationError") -> Iterator[Problem]:
    path = [str(part) for part in error.absolute_path]
    if error.validator == "required":  # the place is that of the key which is not there
        there = cast("Mapping[str, Any]", error.instance)
        lacking = [key for key in _required(error) if key not in there]
        for place, key in ((pointer([*path, key]), key) for key in lacking):
            if place != TRAINING_FILE and not f"{GPU_TYPE}/".startswith(
                f"{place}/"
            ):  # told by _missing
                yield Problem("invalid_payload", f"`{key}` is required", place)
        return
    place = pointer(path)
    if place == GPU_TYPE and (error.validator == "pattern" or error.instance is None):
        yield _NO_GPU_TYPE
        return
    message = error.message
    if len(message) > _LONGEST:  # it quotes the value, which may be as large as the body
        message = f"…{message[-_LONGEST:]}"
    yield Problem("invalid_payload", message, place)


def _required(error: "ValidationError") -> Sequence[str]:
    return cast("Sequence[str]", error.validator_value)  # as `required` has it


def pointer(path: Sequence[str]) -> str:
    """Return the JSON Pointer of a path (RFC 6901)."""
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path)
