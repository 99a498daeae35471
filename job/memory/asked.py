"""What a payload asks for, as the numbers that memory follows from; it computes no memory.

Defaults are those of this project's trainer (``job.unsaid``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ...payloads import fields
from .. import resources
from ..batch import per_device
from ..flavours import FULL, QLORA, decided
from ..precision import bf16, fp16
from ..shapes import Linear, Shape
from ..values import Job, UnsoundError
from .values import Reason, Setting, Unknown

DEFAULT_RANK: Final = 16
ALL_LINEAR: Final = "all-linear"
_ZERO_3: Final = 3
_OPTIM: Final = (*fields.HYPERPARAMETERS, "optim")

_OFFLOADS: Final = tuple(
    (*fields.PARALLELISM, name)
    for name in (
        "offload",
        "cpu_offload",
        "offload_param",
        "offload_params",
        "offload_optimizer",
        "offload_param_device",
        "offload_optimizer_device",
        "activation_offloading",
        "fsdp_offload_params",
        "optimizer_offload",
        "param_offload",
    )
)
"""Names under which payloads ask for offload; no trainer here reads them."""
_OFF: Final = (None, False, "none", "", 0)


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
        targets: the Linears that an adapter is for.
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
    sharding: Sharding
    copies: int
    tensor: int
    optimizer: float

    @property
    def tokens(self) -> int:
        """Tokens of a micro-batch, filled up to its longest row."""
        return self.rows * self.length

    @property
    def trains_all(self) -> bool:
        """Whether all weights are trained."""
        return self.method == FULL

    @property
    def quantized(self) -> bool:
        """Whether the base is 4-bit."""
        return self.method == QLORA


def asked(job: Job, shape: Shape, setting: Setting, longest: int | None = None) -> Asked | Unknown:
    """Return what a payload asks for.

    Args:
        job: the job.
        shape: its model.
        setting: what its trainer does.
        longest: tokens of its longest row, where somebody counted them.

    """
    try:
        return _asked(job, shape, setting, longest)
    except UnsoundError:
        return Unknown(Reason.UNREADABLE)


def _asked(job: Job, shape: Shape, setting: Setting, longest: int | None) -> Asked | Unknown:
    method = decided(job)
    if method is None:
        return Unknown(Reason.METHOD)
    if any(job.get(path) not in _OFF for path in _OFFLOADS):
        return Unknown(Reason.OFFLOAD)
    if resources.pipeline_parallel(job) > 1:
        return Unknown(Reason.PIPELINE)
    copies = 1 if resources.gpus(job) is None else resources.data_parallel(job)
    if copies is None:
        return Unknown(Reason.DIVISION)
    lengths = _lengths(job, longest)
    if lengths is None:
        return Unknown(Reason.LENGTH)
    targets = () if method == FULL else _targets(job, _adaptable(shape, setting))
    if targets is None:
        return Unknown(Reason.TARGETS)
    accumulation = job.get(fields.GRADIENT_ACCUMULATION_STEPS)
    rows = _rows(job, copies)
    total = job.get(fields.GLOBAL_BATCH)
    accumulates = accumulation > 1 if accumulation else bool(total and total > rows * copies)
    half = bf16(job)
    return Asked(
        method=method,
        rows=rows,
        length=lengths[0],
        usual=lengths[1],
        accumulates=accumulates,
        checkpointing=job.get(fields.ACTIVATION_CHECKPOINTING) is True,
        compute=2 if half or fp16(job) else 4,
        half=half,
        rank=job.get(fields.LORA_RANK) or DEFAULT_RANK,
        dropout=bool(job.get(fields.LORA_DROPOUT)),
        targets=targets,
        sharding=_sharding(job, copies),
        copies=copies,
        tensor=resources.tensor_parallel(job),
        optimizer=_optimizer(job),
    )


def _rows(job: Job, copies: int) -> int:
    """Return the rows of a micro-batch; without a word of them, what ``global_batch`` leaves."""
    rows = per_device(job)
    if rows is not None:
        return rows
    accumulation = job.get(fields.GRADIENT_ACCUMULATION_STEPS)
    total = job.get(fields.GLOBAL_BATCH)
    return max(1, total // (accumulation * copies)) if accumulation and total else 1


def _lengths(job: Job, longest: int | None) -> tuple[int, float] | None:
    """Return the tokens of the longest and of a usual row; None if nothing bounds them."""
    limit: int | None = job.get(fields.SEQUENCE_LENGTH)
    tokens, rows = job.get(fields.TRAINING_TOKENS), job.get(fields.TRAINING_EXAMPLES)
    bounds = [bound for bound in (limit, longest) if bound]
    usual: float | None = None
    if tokens and rows:
        left = max(rows, tokens - (job.get(fields.TRAINING_TOKENS_CUT) or 0))
        usual = left / rows
        if limit is not None:
            bounds.append(left - (rows - 1))  # the other rows have a token at least
    if not bounds:
        return None
    length = max(1, min(bounds))
    return length, min(float(length), usual or float(length))


def _adaptable(shape: Shape, setting: Setting) -> tuple[Linear, ...]:
    return tuple(linear for linear in shape.linears if setting.expert_linears or not linear.expert)


def _targets(job: Job, linears: tuple[Linear, ...]) -> tuple[Linear, ...] | None:
    """Return the Linears that an adapter is for; None if one of them is not known."""
    names = job.get(fields.LORA_TARGET_MODULES) or [ALL_LINEAR]
    if ALL_LINEAR in names:
        return linears
    wanted = {name.rpartition(".")[2] for name in names}
    found = tuple(linear for linear in linears if linear.name in wanted)
    return found if wanted == {linear.name for linear in found} else None


def _sharding(job: Job, copies: int) -> Sharding:
    if job.get(fields.FSDP):
        return Sharding.FSDP if copies > 1 else Sharding.NONE
    stage = job.get(fields.DEEPSPEED_STAGE) or 0
    if not job.get(fields.USE_DEEPSPEED) or not stage:
        return Sharding.NONE
    return {1: Sharding.ZERO_1, 2: Sharding.ZERO_2}.get(stage, Sharding.ZERO_3)


_ADAMW: Final = 8.0
OPTIMIZERS: Final[Mapping[str, float]] = {
    "adafactor": 0.1,
    "sgd": 0.0,
    "adagrad": 4.0,
    "rmsprop": 4.0,
    "lion_32bit": 4.0,
    "paged_lion_32bit": 4.0,
    "lion_8bit": 1.1,
    "paged_lion_8bit": 1.1,
    "rmsprop_bnb": 4.0,
    "rmsprop_bnb_32bit": 4.0,
    "rmsprop_bnb_8bit": 1.1,
    "adamw_8bit": 2.1,
    "adamw_bnb_8bit": 2.1,
    "paged_adamw_8bit": 2.1,
    "ademamix": 12.0,
    "ademamix_8bit": 3.1,
    "paged_ademamix_32bit": 12.0,
    "paged_ademamix_8bit": 3.1,
}
"""Bytes of state for a trained weight: 4 for each moment, or 1 and its block's scale (4 B for 256,
bitsandbytes). Adafactor keeps a row and a column of each matrix (transformers)."""


def _optimizer(job: Job) -> float:
    name = job.loose(_OPTIM, str)
    return _ADAMW if name is None else OPTIMIZERS.get(name, _ADAMW)
