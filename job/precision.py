"""What the job computes in: bfloat16, float16, or what the trainer does by itself."""

from ..payloads import fields
from .values import Job


def bf16(job: Job) -> bool:
    """Whether bfloat16 is asked for."""
    return job.get(fields.BF16) is True


def fp16(job: Job) -> bool:
    """Whether float16 is asked for."""
    return job.get(fields.FP16) is True
