"""What is there in each phase of a step; the largest sum is the peak.

Source of the phases: ``torch.cuda.memory`` snapshots of a training step
(https://pytorch.org/blog/understanding-gpu-memory-1/).
"""

from collections.abc import Mapping
from typing import Final

from ..shapes import Shape
from ..values import Job
from . import activations, outputs, sharing, states
from .asked import Asked, asked
from .values import (
    NOTHING,
    OURS,
    Measure,
    Memory,
    Part,
    Phase,
    Range,
    Setting,
    Unknown,
    exactly,
)

_GIB: Final = 2.0**30
_MIB: Final = 2.0**20

_TRANSIENT: Final = (Part.ACTIVATIONS, Part.LOGITS, Part.GATHER)
"""Parts whose tensors come and go in many sizes, so that freed pieces do not fit the next ones."""

_Parts = dict[Part, Range]


def estimate(
    job: Job, shape: Shape, setting: Setting = OURS, *, longest: int | None = None
) -> Memory | Unknown:
    """Return what a training needs of one GPU, or why that cannot be said.

    Args:
        job: the job.
        shape: its model.
        setting: what its trainer does that the payload does not say.
        longest: tokens of its longest row, where somebody counted them.

    """
    wanted = asked(job, shape, setting, longest)
    if isinstance(wanted, Unknown):
        return wanted
    phases = _phases(wanted, shape, setting)
    return _peak(
        {phase: _measured(parts, wanted, setting) for phase, parts in phases.items()}, setting
    )


def _peak(phases: Mapping[Phase, _Parts], setting: Setting) -> Memory:
    totals = {phase: _total(parts) for phase, parts in phases.items()}
    phase = max(totals, key=lambda each: totals[each].expected)
    parts, total = dict(phases[phase]), totals[phase]
    # Where another phase may need more, or surely does, the workspace's bounds say so.
    surely = max(each.low for each in totals.values()) - total.low
    more = max(each.high for each in totals.values()) - total.high
    parts[Part.WORKSPACE] = parts[Part.WORKSPACE] + Range(surely, 0, more)
    total = _total(parts)
    return Memory(int(total.low), int(total.expected), int(total.high), parts, phase, setting)


def _total(parts: Mapping[Part, Range]) -> Range:
    total = NOTHING
    for amount in parts.values():
        total += amount
    return total


def _phases(asked: Asked, shape: Shape, setting: Setting) -> Mapping[Phase, _Parts]:
    share = sharing.shares(asked, shape, setting)
    kept = activations.kept(asked, shape, setting)
    logits = outputs.logits(asked, shape, setting)
    layer = kept.blocks / shape.layers
    held = kept.boundary if asked.checkpointing else kept.blocks
    computed = layer if asked.checkpointing else 0.0
    stays = {
        Part.WEIGHTS: exactly(share.base),
        Part.ADAPTER: exactly(share.adapter),
        Part.OPTIMIZER: exactly(share.optimizer),
    }
    work = _work(asked, shape)
    waiting = exactly(share.gradients if asked.accumulates else 0)
    passing = layer * 0.5  # gradients of one block's activations
    copies = Range(share.copies, share.copies, share.copies)
    forward = {
        **stays,
        Part.WEIGHTS: stays[Part.WEIGHTS] + copies,
        Part.GRADIENTS: waiting,
        Part.ACTIVATIONS: _about(held, asked),
        Part.LOGITS: logits.forward,
        Part.GATHER: share.gathered,
        Part.WORKSPACE: work,
    }
    # The copies of frozen weights, and all under checkpointing, are gone with the forward pass.
    block = exactly(share.copies / shape.layers) if asked.checkpointing else copies
    begins = {
        **forward,
        Part.WEIGHTS: stays[Part.WEIGHTS] + block,
        Part.LOGITS: logits.backward,
    }
    ends = {
        **stays,
        Part.GRADIENTS: exactly(share.gradients),
        Part.ACTIVATIONS: _about(layer + passing, asked),
        Part.LOGITS: NOTHING,
        Part.GATHER: share.gathered,
        Part.WORKSPACE: work,
    }
    recomputes = {
        **begins,
        Part.ACTIVATIONS: _about(held + computed + passing, asked),
        Part.LOGITS: exactly(0),
    }
    step = {
        **stays,
        Part.GRADIENTS: exactly(share.gradients),
        Part.ACTIVATIONS: NOTHING,
        Part.LOGITS: NOTHING,
        Part.GATHER: NOTHING,
        Part.WORKSPACE: exactly(32 * _MIB) + share.stepping,
    }
    backward = max((begins, ends, recomputes), key=lambda parts: _total(parts).expected)
    phases = {Phase.FORWARD: forward, Phase.BACKWARD: backward, Phase.STEP: step}
    if asked.quantized and asked.sharding.weights and setting.loads_whole:
        whole = exactly(states.kept(asked, shape, setting).base)
        phases[Phase.LOADING] = {**dict.fromkeys(step, NOTHING), Part.WEIGHTS: whole}
    return phases


def _about(amount: float, asked: Asked) -> Range:
    return Range(amount * 0.9 * asked.usual / asked.length, amount, amount * 1.1)


def _work(asked: Asked, shape: Shape) -> Range:
    """Return what operations need while they run: a 4-bit matrix in 16 bits, cuBLAS' workspace."""
    matrix = max((linear.inputs * linear.outputs for linear in shape.linears), default=0)
    whole = asked.compute * matrix if asked.quantized else 0.0
    return Range(whole + 8 * _MIB, whole + 32 * _MIB, 2 * whole + 128 * _MIB)


def _measured(parts: _Parts, asked: Asked, setting: Setting) -> _Parts:
    """Add what the measure counts besides tensors."""
    total = _total(parts).expected
    several = asked.copies * asked.tensor > 1
    transient = sum(parts[part].expected for part in _TRANSIENT)
    gaps = Range(
        0, 0.05 * total + 0.15 * transient, (0.2 if several else 0.12) * total + 0.15 * transient
    )
    context = Range(0.3 * _GIB, (1.5 if several else 0.75) * _GIB, (2.0 if several else 1.0) * _GIB)
    more = Range(0, 0, gaps.high + context.high)
    if setting.measure is not Measure.ALLOCATED:
        more = Range(gaps.low, gaps.expected, more.high)
    if setting.measure is Measure.MONITOR:
        more = Range(gaps.low + context.low, gaps.expected + context.expected, more.high)
    return {**parts, Part.WORKSPACE: parts[Part.WORKSPACE] + more}
