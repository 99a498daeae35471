"""What is reported of a plan: that a job does not fit its GPU, or hardly does."""

from collections.abc import Iterator

from ...diagnostics import Finding, codes
from ...payloads import fields
from ..architectures.table import shape_of_model
from ..values import Job
from .outlook import Question, plan_of
from .values import Fits, Planned

_GIB = 2**30
_CODES = {Fits.DOES_NOT_FIT: codes.DOES_NOT_FIT, Fits.TIGHT: codes.TIGHT_FIT}
_ABOUT = (
    fields.PER_DEVICE_BATCH,
    fields.BATCH_SIZE,
    fields.SEQUENCE_LENGTH,
)


def findings(found: Planned) -> Iterator[Finding]:
    """Yield that a job does not fit, or hardly does."""
    code, need, room = _CODES.get(found.fits), found.memory, found.room
    if code and need and room:
        words = {
            "need": f"{need.expected / _GIB:.1f} GiB",
            "low": f"{need.low / _GIB:.1f}",
            "high": f"{need.high / _GIB:.1f} GiB",
            "gpu": room.name,
            "memory": f"{room.memory // _GIB} GiB",
        }
        yield Finding(code, fields.GPU_TYPE, words, covers=_ABOUT)


def fits_its_gpu(job: Job) -> Iterator[Finding]:
    """Yield that a job does not fit, where the table has the shape of its model."""
    shape = shape_of_model(job.get(fields.MODEL) or "")
    if shape:
        yield from findings(plan_of(job, Question(shape)))
