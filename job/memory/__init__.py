"""What a training needs of a GPU's memory, by part and by phase. Pure arithmetic: no torch, no I/O.

``values``       what is assumed of a trainer, and what an estimate says
``names``        what a field beyond the schema does to memory, by its name
``beyond``       those fields that are set, wherever they stand
``forwarded``    what comes of them: counted, noted, or no figure
``asked``        what a payload asks for, as the numbers that memory follows from
``states``       weights, adapter, gradients and optimizer
``activations``  what the forward pass keeps for the backward pass
``outputs``      logits and the loss
``sharing``      what processes gather from each other
``estimating``   what is there in each phase; the largest sum is the peak

docs/planning.md has the formulas with their sources, and how far they are from what was measured.
"""

from .estimating import estimate
from .values import (
    OURS,
    Attention,
    Kernels,
    Loss,
    Measure,
    Memory,
    Part,
    Phase,
    Range,
    Reason,
    Setting,
    States,
    Unknown,
)

__all__ = [
    "OURS",
    "Attention",
    "Kernels",
    "Loss",
    "Measure",
    "Memory",
    "Part",
    "Phase",
    "Range",
    "Reason",
    "Setting",
    "States",
    "Unknown",
    "estimate",
]
