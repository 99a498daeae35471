"""How many sequences one optimizer step sees, and as the product of what."""

from typing import NamedTuple

from ..payloads import fields
from .resources import data_parallel
from .values import Job


class Batch(NamedTuple):
    """The factors of the effective batch.

    Attributes:
        device: sequences that a device processes at once.
        accumulation: micro-batches whose gradients are summed.
        parallel: copies of the model that train side by side.

    """

    device: int
    accumulation: int
    parallel: int

    @property
    def effective(self) -> int:
        """Sequences in one optimizer step over all devices."""
        return self.device * self.accumulation * self.parallel


def per_device(job: Job) -> int | None:
    """Return the sequences that a device processes at once, by either of its two names."""
    count: int | None = job.get(fields.PER_DEVICE_BATCH) or job.get(fields.BATCH_SIZE)
    return count


def factors(job: Job) -> Batch | None:
    """Return the factors of the effective batch; None if the payload does not say them all."""
    device, parallel = per_device(job), data_parallel(job)
    accumulation = job.get(fields.GRADIENT_ACCUMULATION_STEPS)
    if device is None or accumulation is None or parallel is None:
        return None
    return Batch(device, accumulation, parallel)


def effective(job: Job) -> int | None:
    """Return the sequences in one optimizer step; None if the payload leaves them open."""
    batch = factors(job)
    return batch.effective if batch else job.get(fields.GLOBAL_BATCH)


def effective_or_least(job: Job) -> int:
    """Return the sequences in one optimizer step as a trainer has them: an absent factor is 1."""
    accumulation: int = job.get(fields.GRADIENT_ACCUMULATION_STEPS) or 1
    least = (per_device(job) or 1) * accumulation * (data_parallel(job) or 1)
    return effective(job) or least


def complete(job: Job) -> Batch | None:
    """Return the factors as a trainer has them; None if ``global_batch`` is no product of them.

    A factor that the payload leaves open follows from ``global_batch``, or is 1.
    """
    device, parallel = per_device(job), data_parallel(job) or 1
    accumulation: int | None = job.get(fields.GRADIENT_ACCUMULATION_STEPS)
    target: int | None = job.get(fields.GLOBAL_BATCH)
    if target is None:
        return Batch(device or 1, accumulation or 1, parallel)
    if accumulation is None:
        accumulation = target // ((device or 1) * parallel)
    elif device is None:
        device = target // (accumulation * parallel)
    batch = Batch(1 if device is None else device, accumulation, parallel)
    return batch if batch.effective == target else None
