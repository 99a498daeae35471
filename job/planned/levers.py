"""What there is to change in a job that does not fit, one thing at a time.

A change keeps the effective batch. Whether it helps is tried in ``changes``.
"""

from collections.abc import Iterator, Mapping
from math import gcd
from typing import Any, Final, NamedTuple, TypeAlias

from ...diagnostics import KeyPath
from ...payloads import fields
from .. import resources
from ..batch import per_device
from ..flavours import FULL, LORA, decided
from ..memory import Phase
from ..memory.forwarded import EVALUATION_ROWS, evaluation_rows
from ..values import Job
from .outlook import Question
from .values import Planned

_GPUS: Final = 8
"""GPUs of a machine, as most are sold."""

_LARGE_BATCH: Final = 4096
_SHORTEST: Final = 512
_ZERO_3: Final = 3
_ALGORITHM: Final = ("algorithm", "variety")

_Fields: TypeAlias = Mapping[KeyPath, Any]
_NOTHING: Final[_Fields] = {}


class Lever(NamedTuple):
    """One thing to change.

    Attributes:
        words: what it does, besides the numbers that it changes.
        fields: the new values of the payload's fields.
        documented: keys of a config that only document them, where they are written.

    """

    words: tuple[str, ...]
    fields: _Fields
    documented: _Fields = _NOTHING


def both(one: Lever, other: Lever) -> Lever:
    """Return two changes as one."""
    return Lever(
        (*one.words, *other.words),
        {**one.fields, **other.fields},
        {**one.documented, **other.documented},
    )


def as_it_is(*_: object) -> Iterator[Lever | None]:
    """Yield that nothing is changed but what costs time alone."""
    yield None


def cheaper(job: Job, *_: object) -> Iterator[Lever | None]:
    """Yield what needs no other hardware."""
    yield from _quantized(job)
    yield from _sharded(job)


def with_more_hardware(job: Job, found: Planned, asked: Question) -> Iterator[Lever | None]:
    """Yield more GPUs, or another one; and less to train, which costs quality in its place."""
    yield from _adapted(job)
    yield from _more_gpus(job)
    if found.smallest and found.room and not asked.gpu:
        name = found.smallest.name
        yield Lever((f"{name} instead of {found.room.name}",), {fields.GPU_TYPE: name})


def smaller_evaluations(job: Job, found: Planned, _: Question) -> Iterator[Lever | None]:
    """Yield smaller batches of an evaluation that is the peak, the largest first."""
    rows = evaluation_rows(job)
    if rows is None or found.memory is None or found.memory.phase is not Phase.EVALUATION:
        return
    for factor in _divisors(rows):
        yield Lever((), {EVALUATION_ROWS: rows // factor})


def smaller_batches(job: Job) -> Iterator[Lever]:
    """Yield smaller batches of a GPU with as much more accumulation, the largest first."""
    rows = per_device(job) or 1
    path = fields.PER_DEVICE_BATCH if job.get(fields.PER_DEVICE_BATCH) else fields.BATCH_SIZE
    accumulation: int | None = job.get(fields.GRADIENT_ACCUMULATION_STEPS)
    for smaller in (rows // factor for factor in _divisors(rows)):
        values: dict[KeyPath, Any] = {path: smaller}
        if accumulation is not None or job.get(fields.GLOBAL_BATCH) is None:
            values[fields.GRADIENT_ACCUMULATION_STEPS] = (accumulation or 1) * rows // smaller
        yield Lever((), values)


def _divisors(rows: int) -> Iterator[int]:
    """Yield what divides a batch, from 2; of one that nobody has, powers of two alone."""
    if rows <= _LARGE_BATCH:
        yield from (factor for factor in range(2, rows + 1) if rows % factor == 0)
        return
    factor = 2
    while factor <= rows and rows % factor == 0:
        yield factor
        factor *= 2


def checkpointing(job: Job) -> Iterator[Lever]:
    """Yield that the forward pass of each block is computed again, if it is not yet."""
    if job.get(fields.ACTIVATION_CHECKPOINTING) is not True:
        yield Lever(("activation checkpointing",), {fields.ACTIVATION_CHECKPOINTING: True})


def _quantized(job: Job) -> Iterator[Lever]:
    if decided(job) == LORA and resources.tensor_parallel(job) == 1:  # 4-bit is not divided
        yield Lever(
            ("QLoRA: quantize the base model to 4 bits",),
            {fields.USE_QLORA: True},
            {_ALGORITHM: "qlora"},
        )


def _sharded(job: Job) -> Iterator[Lever]:
    copies = resources.data_parallel(job) or 1
    yield from (lever for lever in [_sharding(job)] if lever and copies > 1)


def _sharding(job: Job) -> Lever | None:
    """Return what divides weights, gradients and optimizer among GPUs; None if that is so.

    Tensor parallelism is joined with FSDP alone (accelerate, ``ParallelismConfig``).
    """
    if job.get(fields.FSDP):
        return None
    if not job.get(fields.USE_DEEPSPEED):
        return Lever(("FSDP",), {fields.FSDP: True})
    stage = job.get(fields.DEEPSPEED_STAGE)
    if resources.tensor_parallel(job) > 1:
        return None
    return None if stage == _ZERO_3 else Lever(("ZeRO-3",), {fields.DEEPSPEED_STAGE: _ZERO_3})


def _more_gpus(job: Job) -> Iterator[Lever]:
    """Yield more GPUs of a machine, the fewest first, which divide the model among them."""
    count: int | None = job.get(fields.GPU_COUNT)
    if count is None:
        return
    if resources.tensor_parallel(job) > 1 and job.get(fields.USE_DEEPSPEED):
        return
    sharding = _sharding(job)
    more = count * 2
    while more <= _GPUS:
        batch = _same_batch(job, more // count)
        if batch is None:
            return
        values: dict[KeyPath, Any] = {fields.GPU_COUNT: more, **batch}
        if job.get(fields.WORLD_SIZE) is not None:
            values[fields.WORLD_SIZE] = more * resources.nodes(job)
        lever = Lever((), values)
        yield both(lever, sharding) if sharding else lever
        more *= 2


def _same_batch(job: Job, times: int) -> _Fields | None:
    """Return what keeps the effective batch on so many times the GPUs; None if nothing does."""
    accumulation: int | None = job.get(fields.GRADIENT_ACCUMULATION_STEPS)
    if job.get(fields.GLOBAL_BATCH) is not None and accumulation is None:
        return {}
    accumulation = accumulation or 1
    fewer = gcd(accumulation, times)
    values: dict[KeyPath, Any] = {}
    if fewer > 1:
        values[fields.GRADIENT_ACCUMULATION_STEPS] = accumulation // fewer
    left, rows = times // fewer, per_device(job) or 1
    if rows % left:
        return None
    path = fields.PER_DEVICE_BATCH if job.get(fields.PER_DEVICE_BATCH) else fields.BATCH_SIZE
    return values if left == 1 else {**values, path: rows // left}


def _adapted(job: Job) -> Iterator[Lever]:
    """Yield adapters in place of all weights."""
    if decided(job) != FULL:
        return
    values: _Fields = {fields.TRAIN_KIND: "peft", fields.MODE: "lora"}
    lora = Lever(
        ("LoRA: train an adapter instead of all weights",),
        {**values, fields.USE_QLORA: False},
        {_ALGORITHM: "lora"},
    )
    yield lora
    yield Lever(
        ("QLoRA: train an adapter on a 4-bit base model",),
        {**values, fields.USE_QLORA: True},
        {_ALGORITHM: "qlora"},
    )


def shorter(job: Job, *_: object) -> Iterator[Lever]:
    """Yield shorter rows: what is longer is cut off."""
    longest: int = job.get(fields.SEQUENCE_LENGTH) or 0
    shorter = longest // 2
    while shorter >= _SHORTEST:
        yield Lever(("longer rows are truncated",), {fields.SEQUENCE_LENGTH: shorter})
        shorter //= 2
