"""75x: estimates before a GPU is rented: whether the job fits on it."""

from typing import Final

from .. import codes
from ..code import Code
from ..model import Severity

_JOB: Final = """[job]
model = "{model}"

[compute]
gpu_type = "{gpu}"
gpu_count = 1

[training]
mode = "lora"
use_qlora = {qlora}

[hyperparameters]
per_device_batch = 1
gradient_accumulation_steps = 8
sequence_length = 2048
train_kind = "peft"

[hyperparameters.parallelism]
bf16 = true
activation_checkpointing = true
"""

CODES = (
    Code(
        codes.DOES_NOT_FIT,
        "does-not-fit",
        Severity.WARNING,
        message="the job does not fit: it needs about {need} per GPU, but {gpu} has {memory}",
        why="estimated peak: between {low} and {high}",
        hint="run `sftc plan` for changes that make it fit",
        page="The memory that a training needs depends on the model, the method, the batch size "
        "per GPU and the sequence length. `sftc plan` estimates it part by part, for models "
        "whose shape it knows, and suggests the cheapest edits that make the job fit. Here the "
        "expected peak exceeds the nominal memory of the GPU, so the run would fail with an "
        "out-of-memory error.\n\nBecause it is an estimate, `sftc lint` reports this only if "
        "`select` names it: `SFT75` selects SFT751 and SFT752, `SFT` everything.",
        bad=_JOB.format(model="Qwen/Qwen3-14B", gpu="RTX 4090", qlora="false"),
        good=_JOB.format(model="Qwen/Qwen3-14B", gpu="RTX 4090", qlora="true"),
    ),
    Code(
        codes.TIGHT_FIT,
        "tight-fit",
        Severity.WARNING,
        message="the job may not fit: it needs about {need} per GPU, and {gpu} has {memory}",
        why="estimated peak: between {low} and {high}",
        hint="run `sftc plan` for changes that make it fit safely",
        page="The expected peak fits in the GPU's memory, but the upper bound does not: a long "
        "row, fragmentation or another process may cause an out-of-memory error. A job fits if "
        "the upper bound is at most 92% of the GPU's nominal memory, which is what error "
        "correction and the driver leave.\n\n`sftc lint` reports this only if `select` names it, "
        "like SFT751.",
        bad=_JOB.format(model="Qwen/Qwen3-32B", gpu="H100", qlora="false"),
        good=_JOB.format(model="Qwen/Qwen3-32B", gpu="H200", qlora="false"),
    ),
)
