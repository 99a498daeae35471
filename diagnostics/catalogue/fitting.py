"""75x: what a run comes to before anything is rented: whether it fits the GPU that it asks for."""

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
        message="the job does not fit: it needs about {need} of each GPU, and {gpu} has {memory}",
        why="between {low} and {high}, at the peak of a step",
        hint="`sftc plan` says what changes make it fit",
        page="The memory of a training follows from its model, its method, the batch of a GPU and "
        "the length of a row. `sftc plan` estimates it by part, for models whose shape it knows, "
        "and offers the cheapest changes that fit as edits. Here the most likely need is above the "
        "memory under which the GPU is sold, so the run would end with an out-of-memory error.\n\n"
        "`sftc lint` asks this only where `select` names it, since its answer is an estimate: "
        "`SFT75` is this and SFT752, `SFT` is everything.",
        bad=_JOB.format(model="Qwen/Qwen3-14B", gpu="RTX 4090", qlora="false"),
        good=_JOB.format(model="Qwen/Qwen3-14B", gpu="RTX 4090", qlora="true"),
    ),
    Code(
        codes.TIGHT_FIT,
        "tight-fit",
        Severity.WARNING,
        message="the job may not fit: it needs about {need} of each GPU, and {gpu} has {memory}",
        why="between {low} and {high}, at the peak of a step",
        hint="`sftc plan` says what changes make it surely fit",
        page="The most likely need of a GPU's memory is within what it has, the highest is not: a "
        "long row, gaps between tensors or another process may end the run with an out-of-memory "
        "error. A job fits only if its highest need is at most 0.92 of the memory under which the "
        "GPU is sold, which is what error correction and the driver leave of it.\n\n"
        "`sftc lint` asks this only where `select` names it, as SFT751.",
        bad=_JOB.format(model="Qwen/Qwen3-32B", gpu="H100", qlora="false"),
        good=_JOB.format(model="Qwen/Qwen3-32B", gpu="H200", qlora="false"),
    ),
)
