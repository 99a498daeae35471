"""DeepSpeed and FSDP: what shards the model, and whether it is told how."""

from collections.abc import Iterator
from typing import Any, Final

from ...diagnostics import Finding, codes
from ...payloads import fields
from ..flavours import quantizes
from ..values import Job

_OFFLOAD_PARAM: Final = (*fields.PARALLELISM, "offload_param")
_ZERO_OPTIMIZATION: Final = (*fields.PARALLELISM, "zero_optimization")
_ZERO_3: Final = 3


def deepspeed_and_fsdp(job: Job) -> Iterator[Finding]:
    """Two engines: transformers trainer.py, axolotl validation.py, accelerate launch.py."""
    if job.get(fields.FSDP) and job.get(fields.USE_DEEPSPEED):
        yield Finding(codes.DEEPSPEED_AND_FSDP, fields.FSDP, covers=(fields.USE_DEEPSPEED,))


def stage_without_deepspeed(job: Job) -> Iterator[Finding]:
    """A ZeRO stage that nothing reads: transformers takes it from DeepSpeed's config only."""
    stage = job.get(fields.DEEPSPEED_STAGE)
    if stage and not job.get(fields.USE_DEEPSPEED):
        words = {"stage": str(stage)}
        yield Finding(
            codes.STAGE_WITHOUT_DEEPSPEED,
            fields.DEEPSPEED_STAGE,
            words,
            covers=(fields.USE_DEEPSPEED,),
        )


def deepspeed_without_stage(job: Job) -> Iterator[Finding]:
    """DeepSpeed that shards nothing, as its default stage 0 does: DeepSpeed #1403."""
    if not job.get(fields.USE_DEEPSPEED) or job.get(fields.FSDP):
        return
    if job.loose(_ZERO_OPTIMIZATION, dict):  # DeepSpeed's own way to say its stage
        return
    stage = job.get(fields.DEEPSPEED_STAGE)
    if not stage:
        state = "has no `deepspeed_stage`" if stage is None else "is at stage 0"
        words = {"state": state}
        yield Finding(
            codes.DEEPSPEED_WITHOUT_STAGE,
            fields.DEEPSPEED_STAGE,
            words,
            covers=(fields.USE_DEEPSPEED,),
        )


def offload_below_zero3(job: Job) -> Iterator[Finding]:
    """Parameters to offload that no device shards: DeepSpeed config-json.md, #1403."""
    stage = job.get(fields.DEEPSPEED_STAGE)
    if not stage or stage == _ZERO_3 or not job.get(fields.USE_DEEPSPEED):
        return
    if _offloads(job.loose(_OFFLOAD_PARAM, bool, str, dict)):
        covers = (fields.DEEPSPEED_STAGE,)
        yield Finding(
            codes.OFFLOAD_BELOW_ZERO3, _OFFLOAD_PARAM, {"stage": str(stage)}, covers=covers
        )


def _offloads(value: Any) -> bool:
    """Whether ``offload_param`` turns offloading on, in any of its three forms."""
    device = value.get("device") if isinstance(value, dict) else value
    return bool(device) and device != "none"


def qlora_with_zero3(job: Job) -> Iterator[Finding]:
    """Quantized parameters, sharded: PEFT deepspeed.md names what that needs."""
    if job.get(fields.DEEPSPEED_STAGE) != _ZERO_3 or not job.get(fields.USE_DEEPSPEED):
        return
    if quantizes(job):
        yield Finding(codes.QLORA_WITH_ZERO3, fields.DEEPSPEED_STAGE, covers=(fields.USE_QLORA,))


def qlora_with_fsdp(job: Job) -> Iterator[Finding]:
    """Quantized parameters, flattened: PEFT fsdp.md, their storage must have the model's dtype."""
    if job.get(fields.FSDP) and quantizes(job):
        yield Finding(codes.QLORA_WITH_FSDP, fields.FSDP, covers=(fields.USE_QLORA,))


ALL: Final = (
    deepspeed_and_fsdp,
    stage_without_deepspeed,
    deepspeed_without_stage,
    offload_below_zero3,
    qlora_with_zero3,
    qlora_with_fsdp,
)
