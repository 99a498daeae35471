"""What a payload asks for, as the numbers that memory follows from; it computes no memory.

Defaults are those of this project's trainer (``job.unsaid``).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from ...payloads import fields
from .. import evaluation, resources
from ..adapters import ALL_LINEAR, DEFAULT_RANK, adapted, trained_whole, widths_of
from ..batch import per_device
from ..flavours import FULL, QLORA, decided
from ..lengths import counted_tokens, length, steps
from ..precision import bf16, fp16
from ..shapes import Linear, Shape
from ..values import Job, UnsoundError
from . import forwarded
from .values import Reason, Setting, Unknown

_FOREVER: Final = 2**64
"""Steps of a job of which nobody knows how many it has."""


class Sharding(StrEnum):
    """What is divided among the copies of the model."""

    NONE = "none"
    ZERO_1 = "optimizer"
    ZERO_2 = "optimizer and gradients"
    ZERO_3 = "all, by DeepSpeed"
    FSDP = "all, by FSDP"

    @property
    def weights(self) -> bool:
        """Whether weights are divided."""
        return self in {Sharding.ZERO_3, Sharding.FSDP}

    @property
    def gradients(self) -> bool:
        """Whether gradients are divided."""
        return self.weights or self is Sharding.ZERO_2

    @property
    def deepspeed(self) -> bool:
        """Whether DeepSpeed divides it."""
        return self in {Sharding.ZERO_1, Sharding.ZERO_2, Sharding.ZERO_3}


class Lengths(NamedTuple):
    """Tokens of rows."""

    longest: int
    usual: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a payload asks for.

    Attributes:
        method: full fine-tuning, LoRA or QLoRA, by its name in ``flavours``.
        rows: of a micro-batch.
        length: tokens of the longest row.
        usual: tokens of a usual row.
        accumulates: whether gradients of several micro-batches are summed.
        checkpointing: whether the forward pass of a block is computed again.
        compute: bytes of a number that it computes with.
        half: whether it computes in bfloat16; float16 keeps frozen weights in float32.
        rank: of an adapter.
        dropout: whether an adapter drops inputs.
        targets: the Linears that an adapter is for, as the adapter has them.
        whole: the Linears of which an adapter trains a copy.
        smooths: whether labels are smoothed.
        saves: whether something makes activations and logits smaller, by what is not known.
        validation: rows of an evaluation's batch, and their tokens; None if it does not evaluate.
        sharding: what the copies divide.
        copies: of the model, side by side.
        tensor: GPUs that share each layer.
        optimizer: bytes of the optimizer's state for a trained weight.

    """

    method: str
    rows: int
    length: int
    usual: float
    accumulates: bool
    checkpointing: bool
    compute: int
    half: bool
    rank: int
    dropout: bool
    targets: tuple[Linear, ...]
    whole: tuple[Linear, ...]
    smooths: bool
    saves: bool
    validation: tuple[int, Lengths] | None
    sharding: Sharding
    copies: int
    tensor: int
    optimizer: float

    @property
    def tokens(self) -> int:
        """Tokens of a micro-batch, filled up to its longest row."""
        return self.rows * self.length

    @property
    def trained(self) -> int:
        """Parameters that an adapter trains."""
        return self.rank * sum(map(widths_of, self.targets)) + sum(
            linear.parameters for linear in self.whole
        )

    @property
    def trains_all(self) -> bool:
        """Whether all weights are trained."""
        return self.method == FULL

    @property
    def quantized(self) -> bool:
        """Whether the base is 4-bit."""
        return self.method == QLORA


def asked(
    job: Job,
    shape: Shape,
    setting: Setting,
    longest: int | None = None,
    examples: int | None = None,
) -> Asked | Unknown:
    """Return what a payload asks for.

    Args:
        job: the job.
        shape: its model.
        setting: what its trainer does that the payload does not say.
        longest: tokens of its longest row, where somebody counted them.
        examples: rows of its training dataset, where its payload has no pin.

    """
    try:
        return _asked(job, shape, setting, longest, job.get(fields.TRAINING_EXAMPLES) or examples)
    except UnsoundError:
        return Unknown(Reason.UNREADABLE)


def _asked(
    job: Job, shape: Shape, setting: Setting, longest: int | None, examples: int | None
) -> Asked | Unknown:
    method = decided(job)
    if method is None:
        return Unknown(Reason.METHOD)
    if resources.pipeline_parallel(job) > 1:
        return Unknown(Reason.PIPELINE)
    copies = 1 if resources.gpus(job) is None else resources.data_parallel(job)
    if copies is None:
        return Unknown(Reason.DIVISION)
    tensor = resources.tensor_parallel(job)
    if shape.heads % tensor or shape.kv_heads % tensor:
        return Unknown(Reason.HEADS)
    lengths = _lengths(job, longest)
    if lengths is None:
        return Unknown(Reason.LENGTH)
    targets, whole = ((), ()) if method == FULL else adapter(job, shape, setting)
    if targets is None or whole is None:
        return Unknown(Reason.TARGETS)
    rows = _rows(job, copies)
    validation = _validation(job, rows, examples)
    if isinstance(validation, Unknown):
        return validation
    accumulation = job.get(fields.GRADIENT_ACCUMULATION_STEPS)
    total = job.get(fields.GLOBAL_BATCH)
    accumulates = accumulation > 1 if accumulation else bool(total and total > rows * copies)
    half = bf16(job)
    return Asked(
        method=method,
        rows=min(rows, examples or rows),
        length=lengths.longest,
        usual=lengths.usual,
        accumulates=accumulates,
        checkpointing=job.get(fields.ACTIVATION_CHECKPOINTING) is True,
        compute=2 if half or fp16(job) else 4,
        half=half,
        rank=job.get(fields.LORA_RANK) or DEFAULT_RANK,
        dropout=bool(job.get(fields.LORA_DROPOUT)),
        targets=targets,
        whole=whole,
        smooths=forwarded.smooths(job),
        saves=forwarded.saves(job),
        validation=validation,
        sharding=_sharding(job, copies),
        copies=copies,
        tensor=tensor,
        optimizer=forwarded.optimizer(job),
    )


def adapter(
    job: Job, shape: Shape, setting: Setting
) -> tuple[tuple[Linear, ...] | None, tuple[Linear, ...] | None]:
    """Return what an adapter is on, and what it trains whole; None for what is not known."""
    names = job.get(fields.LORA_TARGET_MODULES) or [ALL_LINEAR]
    saved = forwarded.saved_modules(job)
    whole = None if saved is None else trained_whole(shape, saved)
    return adapted(shape, names, expert_modules=setting.expert_linears), whole


def _rows(job: Job, copies: int) -> int:
    """Return the rows of a micro-batch; without a word of them, what ``global_batch`` leaves."""
    rows = per_device(job)
    if rows is not None:
        return rows
    accumulation = job.get(fields.GRADIENT_ACCUMULATION_STEPS)
    total = job.get(fields.GLOBAL_BATCH)
    return max(1, total // (accumulation * copies)) if accumulation and total else 1


def _lengths(job: Job, longest: int | None) -> Lengths | None:
    """Return the tokens of training rows; None if nothing bounds them."""
    limit: int | None = job.get(fields.SEQUENCE_LENGTH)
    if forwarded.packs(job) and limit:
        return Lengths(limit, float(limit))
    return _bounded(limit, job.get(fields.TRAINING_EXAMPLES), counted_tokens(job), longest)


def _validation(job: Job, rows: int, examples: int | None) -> tuple[int, Lengths] | Unknown | None:
    """Return the rows of an evaluation's batch and their tokens; None without evaluations."""
    per_epoch = length(job, examples).per_epoch if examples else 1
    total = length(job, examples).total if examples else steps(job)
    if not evaluation.count(job, per_epoch, _FOREVER if total is None else total):
        return None
    pin = (*fields.FILES, "validation")
    there, tokens = (job.loose((*pin, name), int) for name in ("examples", "tokens"))
    lengths = _bounded(job.get(fields.SEQUENCE_LENGTH), there, tokens)
    if lengths is None:
        return Unknown(Reason.VALIDATION)
    batch = forwarded.evaluation_rows(job) or rows
    return min(batch, there or batch), lengths


def _bounded(
    limit: int | None, rows: int | None, tokens: int | None, longest: int | None = None
) -> Lengths | None:
    """Return the tokens of the longest and of a usual row, of so many rows and tokens in all."""
    bounds = [bound for bound in (limit, longest) if bound]
    usual: float | None = None
    if tokens and rows:
        left = max(rows, tokens)
        usual = left / rows
        if limit is not None:
            bounds.append(left - (rows - 1))  # the other rows have a token at least
    if not bounds:
        return None
    length = max(1, min(bounds))
    return Lengths(length, min(float(length), usual or float(length)))


def _sharding(job: Job, copies: int) -> Sharding:
    if job.get(fields.FSDP):
        return Sharding.FSDP if copies > 1 else Sharding.NONE
    stage = job.get(fields.DEEPSPEED_STAGE) or 0
    if not job.get(fields.USE_DEEPSPEED) or not stage:
        return Sharding.NONE
    return {1: Sharding.ZERO_1, 2: Sharding.ZERO_2}.get(stage, Sharding.ZERO_3)
