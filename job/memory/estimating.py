"""What is there in each phase of a step; the largest sum is the peak.

Source of the phases: ``torch.cuda.memory`` snapshots of a training step
(https://pytorch.org/blog/understanding-gpu-memory-1/).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ..shapes import Shape
from ..values import Job, UnsoundError
from . import activations, forwarded, outputs, sharing, states
from .asked import Asked, Lengths, asked
from .values import (
    NOTHING,
    OURS,
    Measure,
    Memory,
    Part,
    Phase,
    Range,
    Reason,
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
    job: Job,
    shape: Shape,
    setting: Setting = OURS,
    *,
    longest: int | None = None,
    examples: int | None = None,
) -> Memory | Unknown:
    """Return what a training needs of one GPU, or why that cannot be said.

    Args:
        job: the job.
        shape: its model.
        setting: what its trainer does that the payload does not say.
        longest: tokens of its longest row, where somebody counted them.
        examples: rows of its training dataset, where its payload has no pin.

    """
    try:
        told, notes = forwarded.told(job, setting), forwarded.notes(job)
    except UnsoundError:
        return Unknown(Reason.UNREADABLE)
    if isinstance(told, Unknown):
        return told
    wanted = asked(job, shape, told, longest, examples)
    if isinstance(wanted, Unknown):
        return wanted
    phases = _phases(wanted, shape, told)
    found = {phase: _measured(parts, wanted, told) for phase, parts in phases.items()}
    return replace(_peak(found, told), notes=notes)


def _peak(phases: Mapping[Phase, _Parts], setting: Setting) -> Memory:
    totals = {phase: _total(parts) for phase, parts in phases.items()}
    phase = max(totals, key=lambda each: totals[each].expected)
    parts, total = dict(phases[phase]), totals[phase]
    # Where another phase may need more, or surely does, the workspace's bounds say so.
    surely = max(each.low for each in totals.values()) - total.low
    more = max(each.high for each in totals.values()) - total.high
    parts[Part.WORKSPACE] = parts[Part.WORKSPACE] + Range(surely, 0, more)
    whole = {part: Range(*map(int, amount)) for part, amount in parts.items()}  # so they add up
    low, expected, high = (int(bound) for bound in _total(whole))
    return Memory(low, expected, high, whole, phase, setting)


def _total(parts: Mapping[Part, Range]) -> Range:
    return Range(*map(sum, zip(*parts.values(), strict=True)))


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
    work = _work(asked, shape, setting)
    waiting = exactly(share.gradients if asked.accumulates else 0)
    passing = layer * 0.5  # gradients of one block's activations
    one = share.merged / shape.layers
    merged = one if asked.checkpointing else share.merged
    copies = share.copies + merged
    forward = {
        **stays,
        Part.WEIGHTS: exactly(share.base + copies),
        Part.GRADIENTS: waiting,
        Part.ACTIVATIONS: _about(held, asked),
        Part.LOGITS: logits.forward,
        Part.GATHER: share.gathered,
        Part.WORKSPACE: work,
    }
    # The copies of frozen weights, and all under checkpointing, are gone with the forward pass.
    left = share.copies / shape.layers + merged if asked.checkpointing else copies
    begins = {
        **forward,
        Part.WEIGHTS: exactly(share.base + left + one / 2),  # with gradients, as above
        Part.LOGITS: logits.backward,
    }
    ends = {
        **stays,
        Part.WEIGHTS: exactly(share.base + one * 1.5),
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
    if asked.validation:
        weights = {Part.WEIGHTS: exactly(share.base + share.copies + one)}
        phases[Phase.EVALUATION] = _evaluation(asked, shape, setting, forward) | weights
    if asked.quantized and asked.sharding.weights and setting.loads_whole:
        whole = exactly(states.kept(asked, shape, setting).base)
        phases[Phase.LOADING] = {**dict.fromkeys(step, NOTHING), Part.WEIGHTS: whole}
    return phases


def _evaluation(asked: Asked, shape: Shape, setting: Setting, forward: _Parts) -> _Parts:
    """Return what an evaluation needs: one block's activations, and the logits of its batch."""
    rows, lengths = asked.validation or (asked.rows, Lengths(asked.length, asked.usual))
    other = replace(asked, rows=rows, length=lengths.longest, usual=lengths.usual)
    block = activations.kept(other, shape, setting).blocks / shape.layers
    return {
        **forward,
        Part.GRADIENTS: NOTHING,
        Part.ACTIVATIONS: _about(block, other),
        Part.LOGITS: outputs.logits(other, shape, setting).forward,
    }


def _about(amount: float, asked: Asked) -> Range:
    least = 0.0 if asked.saves else 0.9 * asked.usual / asked.length
    return Range(amount * least, amount, amount * 1.1)


def _work(asked: Asked, shape: Shape, setting: Setting) -> Range:
    """Return what operations need while they run: a 4-bit matrix in 16 bits, cuBLAS' workspace."""
    matrix = max((linear.inputs * linear.outputs for linear in shape.linears), default=0)
    if setting.quantized_head:
        matrix = max(matrix, shape.embedding)
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
