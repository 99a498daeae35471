"""How long a training takes by its arithmetic: operations for a token, by what a GPU achieves.

Pure. A share of the peak is assumed, and said with each figure; nothing was measured on the GPU
that is asked for.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from .adapters import widths_of
from .memory import OURS, Range, Setting, Unknown
from .memory.asked import Asked, asked
from .shapes import Shape
from .values import Job

_HOUR: Final = 3600.0
_TERA: Final = 1e12

UTILISATION: Final = Range(0.25, 0.45, 0.55)
"""The share of a GPU's peak that trainings achieve on micro-batches of 2,048 tokens or more.

Source: the times in Qwen's README (one A100, LoRA and full fine-tuning of 1.8B to 14B), over the
operations below: 0.28 to 0.56. PaLM had 0.46 (https://arxiv.org/abs/2204.02311).
"""

SHORT: Final = Range(0.05, 0.25, 0.45)
"""The same on smaller micro-batches, which leave a GPU idle: 0.04 to 0.49 there."""

_LONG: Final = 2048

FOUR_BIT: Final = Range(0.55, 0.8, 0.95)
"""The speed of a 4-bit base beside a 16-bit one: 0.53 to 0.96 there, from 1,024 tokens on."""


class Work(NamedTuple):
    """Floating-point operations for one token.

    Attributes:
        forward: of the forward pass.
        backward: of the backward pass.
        again: of the blocks' forward pass, where it is computed again.

    """

    forward: float
    backward: float
    again: float

    @property
    def total(self) -> float:
        """Operations of all three."""
        return self.forward + self.backward + self.again


@dataclass(frozen=True, slots=True)
class Duration:
    """How long a training takes, and what that assumes.

    Attributes:
        seconds: of the training; ``low`` is the shortest.
        gpu_hours: the same times all GPUs.
        work: operations for one token.
        tokens: of the rows that are trained on.
        padding: places that are computed for each of them, those among them that fill rows up.
        peak: operations a second of one GPU, at most.
        utilisation: the share of the peak that is assumed.
        gpus: of the job.

    """

    seconds: Range
    gpu_hours: Range
    work: Work
    tokens: int
    padding: Range
    peak: float
    utilisation: Range
    gpus: int


def duration(
    job: Job,
    shape: Shape,
    *,
    tokens: int,
    tflops: float,
    setting: Setting = OURS,
    utilisation: Range | None = None,
    examples: int | None = None,
) -> Duration | Unknown:
    """Return how long a training takes.

    Args:
        job: the job.
        shape: its model.
        tokens: of all steps on all GPUs.
        tflops: the peak of one GPU in the job's precision (``gpus.lookup``).
        setting: what its trainer does.
        utilisation: the share of the peak, where somebody knows it better; None: what is assumed.
        examples: rows of its training dataset, where its payload has no pin.

    """
    wanted = asked(job, shape, setting, examples=examples)
    if isinstance(wanted, Unknown):
        return wanted
    each = work(wanted, shape)
    gpus = wanted.copies * wanted.tensor
    share = utilisation or _assumed(wanted)
    padding = _padding(wanted)
    whole = padding.times(each.total * tokens / (tflops * _TERA) / gpus)
    seconds = Range(whole.low / share.high, whole.expected / share.expected, whole.high / share.low)
    return Duration(
        seconds,
        seconds.times(gpus / _HOUR),
        each,
        tokens,
        padding,
        tflops * _TERA,
        share,
        gpus,
    )


def _padding(wanted: Asked) -> Range:
    """Return the places of a micro-batch for each token: its rows are filled up to the longest.

    Expected is what rows of all lengths up to twice the usual one, equally often, come to: the
    longest of ``r`` has ``r / (r + 1)`` of the most, and the usual one half of it.
    """
    most = max(1.0, wanted.length / wanted.usual)
    return Range(
        1.0, min(most, 2 * wanted.rows / (wanted.rows + 1)), most if wanted.rows > 1 else 1
    )


def _assumed(wanted: Asked) -> Range:
    share = UTILISATION if wanted.tokens >= _LONG else SHORT
    if not wanted.quantized:
        return share
    return Range(*(one * slower for one, slower in zip(share, FOUR_BIT, strict=True)))


def work(wanted: Asked, shape: Shape) -> Work:
    """Return the operations for one token.

    A multiplication and an addition for each active weight; twice that backwards, of which the half
    for the weights' own gradients is left out where they are frozen. Attention adds
    ``2 × length × width`` in each block, since half of it is masked. Source: PaLM, appendix B.
    """
    blocks = sum(linear.parameters * shape.share(linear) for linear in shape.linears)
    head = shape.embedding
    adapter = sum(
        wanted.rank * widths_of(linear) * shape.share(linear) for linear in wanted.targets
    )
    whole = sum(linear.parameters * shape.share(linear) for linear in wanted.whole)
    attention = 2.0 * wanted.usual * shape.heads * shape.head_size * shape.layers
    forward = 2.0 * (blocks + head + adapter) + attention
    own = blocks + head if wanted.trains_all else adapter + whole
    backward = 2.0 * (blocks + head + adapter) + 2.0 * own + 2.0 * attention
    again = 2.0 * (blocks + adapter) + attention if wanted.checkpointing else 0.0
    return Work(forward, backward, again)
