"""Precision, and activation checkpointing."""

from ...job.precision import bf16, fp16
from ...payloads import fields
from .draft import Draft


def precision(draft: Draft) -> None:
    """Set the precision."""
    job, world = draft.job, draft.world
    brain, half = bf16(job), fp16(job) and not world.on_cpu
    draft.put("trainer", use_cpu=world.on_cpu, dataloader_pin_memory=not world.on_cpu)
    draft.set(fields.BF16, "trainer.bf16", brain)
    draft.set(fields.FP16, "trainer.fp16", half)
    if fp16(job) and world.on_cpu:
        draft.note(fields.FP16, "no float16 on a CPU: uses float32, which needs twice the memory")
    emulating = world.lacks_bf16(job)
    if brain and emulating:
        draft.note(
            fields.BF16, f"the {emulating} has no native bfloat16: it is emulated, which is slow"
        )
    if job.get(fields.BF16) is None and not fp16(job):
        draft.note(
            fields.BF16, "neither bf16 nor fp16 is set: uses float32, which needs twice the memory"
        )


def compute_dtype(draft: Draft) -> str:
    """Return what it computes in, as torch names it."""
    trainer = draft.sections["trainer"]
    if trainer["bf16"]:
        return "bfloat16"
    return "float16" if trainer["fp16"] else "float32"


def checkpointing(draft: Draft) -> None:
    """Set activation checkpointing."""
    path = fields.ACTIVATION_CHECKPOINTING
    wanted = draft.job.get(path) is True
    draft.set(path, "trainer.activation_checkpointing", wanted)
    if draft.job.get(path) is None:
        draft.note(path, "not set: off")
