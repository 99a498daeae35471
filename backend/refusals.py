"""What the API answers to a payload that is no job: misfits and contradictions, as its codes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .. import payloads
from ..diagnostics import Finding, codes
from ..diagnostics.pointers import pointer
from ..job import Job, errors
from ..payloads import Misfit, fields
from .errors import Problem

GPU_TYPE: Final = pointer(fields.GPU_TYPE)
TRAINING_FILE: Final = pointer(fields.TRAINING_FILE_ID)

ANSWERS: Final[Mapping[str, str]] = {
    codes.DEEPSPEED_AND_FSDP: "inconsistent_parallelism",
    codes.BF16_AND_FP16: "inconsistent_parallelism",
    codes.MODEL_PARALLEL_DOES_NOT_DIVIDE: "inconsistent_parallelism",
    codes.WORLD_SIZE_MISMATCH: "invalid_topology",
    codes.GLOBAL_BATCH_MISMATCH: "inconsistent_batch",
    codes.BEST_MODEL_WITHOUT_EVALUATION: "inconsistent_evaluation",
}
"""The API's code for each contradiction that every trainer refuses."""

_MOST: Final = 20
_GRAVEST_FIRST: Final = ("missing_gpu_type", "missing_training_file", "invalid_payload")
_NO_GPU_TYPE: Final = Problem(
    "missing_gpu_type",
    "`compute.gpu_type` is required: set the GPU type, for example `H100`",
    GPU_TYPE,
)
_NO_TRAINING_FILE: Final = Problem(
    "missing_training_file",
    "`training_file_id` is not set: upload the training file, and put its id there",
    TRAINING_FILE,
)


def misshapen(payload: Any) -> Sequence[Problem]:
    """Return where a payload misses its schema, the gravest first; nothing if it does not."""
    found = [problem for misfit in payloads.misfits(payload) for problem in _problems(misfit)]
    if isinstance(payload, dict):
        found += _missing(payload)
    distinct = {(problem.code, problem.pointer): problem for problem in found}
    ranked = sorted(distinct.values(), key=lambda problem: _GRAVEST_FIRST.index(problem.code))
    return ranked[:_MOST]


def inconsistent(payload: Mapping[str, Any]) -> Sequence[Problem]:
    """Return what in a payload of the right shape contradicts itself."""
    return [_contradiction(finding) for finding in errors(Job(payload))]


def _contradiction(finding: Finding) -> Problem:
    from ..diagnostics.catalogue import CODES  # a good payload needs none of it

    message = CODES[finding.code].message.format_map(finding.words)
    return Problem(ANSWERS[finding.code], message, pointer(finding.path))


def _missing(payload: dict[str, Any]) -> Iterator[Problem]:
    """Yield the two holes that have a name of their own, however far up the payload ends."""
    table: Any = payload
    for part in fields.COMPUTE:
        table = table.get(part, {}) if isinstance(table, dict) else None
    if isinstance(table, dict) and table.get(fields.GPU_TYPE[-1]) is None:
        yield _NO_GPU_TYPE
    if fields.value_at(payload, fields.TRAINING_FILE_ID) is None:
        yield _NO_TRAINING_FILE


def _problems(misfit: Misfit) -> Iterator[Problem]:
    if misfit.absent:  # the place is that of the key which is not there
        for key in misfit.absent:
            path = (*misfit.path, key)
            # These two are for `_missing`, whatever table around them is absent.
            if path != fields.TRAINING_FILE_ID and path != fields.GPU_TYPE[: len(path)]:
                yield Problem("invalid_payload", f"`{key}` is required", pointer(path))
    elif misfit.path == fields.GPU_TYPE and misfit.blank:
        yield _NO_GPU_TYPE
    else:
        yield Problem("invalid_payload", misfit.reason, pointer(misfit.path))
