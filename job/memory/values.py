"""What is assumed of a trainer that a payload does not say, and what an estimate says.

Values alone; the arithmetic is in the modules beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


class Attention(StrEnum):
    """How attention is computed."""

    EAGER = "eager"
    """Matrix products and a softmax: keeps the scores, length × length for each head."""

    SDPA = "sdpa"
    """``torch.nn.functional.scaled_dot_product_attention``: a fused kernel."""

    FLASH = "flash"
    """FlashAttention: a fused kernel that takes keys and values unrepeated."""


class Kernels(StrEnum):
    """How norms, activations and products are computed."""

    EAGER = "eager"
    """An operation at a time, as transformers does."""

    FUSED = "fused"
    """Compiled, or hand-written: intermediate results are recomputed in the backward pass."""


class Loss(StrEnum):
    """How the loss follows from the hidden states."""

    WHOLE = "whole"
    """All logits at once, in float32."""

    CHUNKED = "chunked"
    """All logits in 16 bits, their loss a piece at a time."""

    FUSED = "fused"
    """Logits of a few rows at a time, never all of them."""


class States(StrEnum):
    """In which precision trained weights and their optimizer are."""

    MIXED = "mixed"
    """Weights in float32, 16-bit copies of them while they are used (``torch.autocast``)."""

    COPIED = "copied"
    """Weights in 16 bits, a float32 copy of them in the optimizer (DeepSpeed)."""

    PURE = "pure"
    """Weights, gradients and optimizer in the weights' own precision."""


class Measure(StrEnum):
    """What a figure counts."""

    ALLOCATED = "allocated"
    """Tensors: ``torch.cuda.max_memory_allocated``."""

    RESERVED = "reserved"
    """What the allocator took from the driver: tensors, and the gaps between them."""

    MONITOR = "monitor"
    """What ``nvidia-smi`` shows: reserved, and the CUDA context and libraries."""


class Part(StrEnum):
    """What memory is for."""

    WEIGHTS = "weights"
    ADAPTER = "adapter"
    GRADIENTS = "gradients"
    OPTIMIZER = "optimizer"
    ACTIVATIONS = "activations"
    LOGITS = "logits"
    GATHER = "gather"
    WORKSPACE = "workspace"


class Phase(StrEnum):
    """When memory peaks."""

    LOADING = "loading"
    FORWARD = "end of forward"
    BACKWARD = "backward"
    STEP = "optimizer step"
    EVALUATION = "evaluation"


class Reason(StrEnum):
    """Why there is no figure."""

    OFFLOAD = "it offloads to the CPU, and how much stays on the GPU depends on the run"
    METHOD = "the fields that select the training method disagree"
    LENGTH = "sequence_length is not set, so the length of rows is unbounded"
    PIPELINE = "pipeline stages differ in size"
    DIVISION = "the number of GPUs is not a multiple of the model-parallel size"
    HEADS = "the attention heads of the model are not divisible by tensor_parallel_size"
    TARGETS = "the adapter's target modules are unknown for this model"
    VALIDATION = "sequence_length is not set, and the length of the validation rows is unknown"
    NOT_COUNTED = "is set, and its effect is not included"
    UNREADABLE = "a field that it depends on does not match the payload's schema"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a trainer does that a payload does not say. The defaults are this project's trainer.

    Attributes:
        attention: the kernel of attention.
        masks: whether rows of different lengths have a mask, as in transformers.
        kernels: those of norms and activations.
        loss: how logits become a loss.
        states: precision of trained weights where it computes in 16 bits.
        adapter_bytes: of a weight of an adapter; its gradient and two moments have the same.
        autocast: whether an adapter's inputs are cast by ``torch.autocast``, a copy each.
        double_quantized: whether 4-bit scales are quantized again.
        quantized_head: whether the output layer is 4-bit, too.
        expert_linears: whether a mixture's experts are modules of their own, which can be
            quantized and adapted. transformers 5 has those of a layer as one parameter, which is
            neither.
        buffered_inputs: whether 4-bit Linears keep their inputs, as those of bitsandbytes did
            before 0.43.2 (bitsandbytes #1270).
        loads_whole: whether each process has the whole 4-bit base on its GPU before it is divided
            (transformers, ``quantizers/quantizer_bnb_4bit.py``).
        upcast: whether what is not 4-bit is float32 (PEFT's ``prepare_model_for_kbit_training``).
        optimizer_bytes: state of the optimizer for a trained weight; None: by the payload.
        logit_bytes: of a logit at the peak of the loss; None: by ``loss``.
        measure: what the figure is to count.

    """

    attention: Attention = Attention.SDPA
    masks: bool = True
    kernels: Kernels = Kernels.EAGER
    loss: Loss = Loss.WHOLE
    states: States = States.MIXED
    adapter_bytes: int = 4
    autocast: bool = True
    double_quantized: bool = True
    quantized_head: bool = False
    expert_linears: bool = False
    buffered_inputs: bool = False
    loads_whole: bool = True
    upcast: bool = False
    optimizer_bytes: float | None = None
    logit_bytes: float | None = None
    measure: Measure = Measure.MONITOR


OURS: Final = Setting()
"""This project's trainer: ``training/recipe`` and ``training/program``."""


class Range(NamedTuple):
    """Bytes, or another quantity: at least, most likely, and at most."""

    low: float
    expected: float
    high: float

    def __add__(self, other: object) -> "Range":
        """Add bound by bound."""
        if not isinstance(other, Range):
            return NotImplemented
        return Range(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def times(self, factor: float) -> "Range":
        """Return the range of a multiple."""
        return Range(self.low * factor, self.expected * factor, self.high * factor)


NOTHING: Final = Range(0, 0, 0)


def exactly(amount: float) -> Range:
    """Return a range of one value."""
    return Range(amount, amount, amount)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a training needs of one GPU.

    Attributes:
        low: bytes that it needs at least.
        expected: bytes at the peak, as ``setting.measure`` counts them.
        high: bytes that a monitor may show.
        parts: the same by part, at the phase that peaks; they add up to the three above.
        phase: the phase that peaks.
        assumed: what of the trainer.
        notes: what else there is to say, as sentences without their stops.

    """

    low: int
    expected: int
    high: int
    parts: Mapping[Part, Range]
    phase: Phase
    assumed: Setting
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """No figure.

    Attributes:
        reason: why.
        field: the field whose value is the reason; empty where the reason says enough.

    """

    reason: Reason
    field: str = ""

    def __str__(self) -> str:
        """Return why there is no figure, as a sentence without its stop."""
        return f"{self.field} {self.reason}".strip()
