"""DeepSpeed, FSDP, tensor and pipeline parallelism: on GPUs, and noted on a CPU."""

from typing import Any, Final

from ...job.flavours import LORA, QLORA
from ...job.resources import pipeline_parallel, tensor_parallel
from ...payloads import fields
from .draft import Draft
from .world import Library

_ZERO_3: Final = 3
_ON_CPU: Final = "not on a CPU: each process has the whole model; the result is the same"


def shard(draft: Draft) -> None:
    """Set what divides the model among the processes."""
    draft.put("trainer", deepspeed=None, fsdp=None)
    _deepspeed(draft)
    _fsdp(draft)
    _tensor(draft)
    _pipeline(draft)


def _deepspeed(draft: Draft) -> None:
    job = draft.job
    use, stage = job.get(fields.USE_DEEPSPEED), job.get(fields.DEEPSPEED_STAGE)
    both = (fields.USE_DEEPSPEED, fields.DEEPSPEED_STAGE)
    if not use:
        draft.say(fields.USE_DEEPSPEED, "trainer.deepspeed", None, reason="no DeepSpeed")
        draft.note_written(fields.DEEPSPEED_STAGE, "ignored without use_deepspeed")
    elif draft.world.on_cpu:
        for path in both:
            draft.note_written(path, _ON_CPU)
    elif not stage:
        for path in both:
            draft.note_written(path, "stage 0 shards nothing: plain data parallelism")
    else:
        if Library.DEEPSPEED in draft.world.missing:
            draft.refuse_value(fields.USE_DEEPSPEED, "deepspeed is not installed")
        config = _zero(stage)
        for path in both:
            draft.set(path, "trainer.deepspeed", config)
        if stage == _ZERO_3:
            _gathered_parameters(draft)


def _zero(stage: int) -> dict[str, Any]:
    """Return DeepSpeed's configuration; what is `auto` follows from the trainer's settings."""
    sharded: dict[str, Any] = {"stage": stage}
    if stage == _ZERO_3:
        sharded["stage3_gather_16bit_weights_on_model_save"] = True
    return {
        "zero_optimization": sharded,
        "bf16": {"enabled": "auto"},
        "fp16": {"enabled": "auto"},
        "gradient_accumulation_steps": "auto",
        "gradient_clipping": "auto",
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
    }


def _gathered_parameters(draft: Draft) -> None:
    """Set what sharded parameters need of an adapter and of quantized weights."""
    _store_alike(draft)
    if draft.method in {LORA, QLORA} and draft.sections["trainer"]["activation_checkpointing"]:
        # Else the shapes that the backward pass sees are those of shards.
        draft.put("trainer", activation_checkpointing_kwargs={"use_reentrant": True})


def _store_alike(draft: Draft) -> None:
    """Keep quantized weights in the dtype of the others: what is sharded together is of one."""
    if draft.method == QLORA:
        draft.put("quantization", bnb_4bit_quant_storage=draft.sections["model"]["dtype"])


def _fsdp(draft: Draft) -> None:
    use = draft.job.get(fields.FSDP)
    if not use:
        draft.say(fields.FSDP, "trainer.fsdp", None, reason="no FSDP")
        return
    if draft.world.on_cpu:
        draft.note(fields.FSDP, _ON_CPU)
        return
    draft.set(fields.FSDP, "trainer.fsdp", value=True)
    checkpoints = draft.sections["trainer"]["activation_checkpointing"]
    config = {
        "version": 2,
        "reshard_after_forward": True,
        "activation_checkpointing": checkpoints,
        "state_dict_type": "FULL_STATE_DICT",
    }
    draft.put("trainer", activation_checkpointing=False)  # else weights are gathered once more
    draft.put("trainer", fsdp_config=config)
    draft.say(fields.ACTIVATION_CHECKPOINTING, "trainer.fsdp_config", config)
    _store_alike(draft)


def _tensor(draft: Draft) -> None:
    path, size = fields.TENSOR_PARALLEL_SIZE, tensor_parallel(draft.job)
    if size == 1:
        return
    if draft.world.on_cpu:
        draft.note(path, _ON_CPU)
        return
    why = _why_no_tensor(draft)
    if why:
        draft.refuse_value(path, why)
        return
    copies = _copies(draft)
    draft.put("model", tp_plan="auto")
    draft.put("parallelism", tp_size=size, **({"dp_shard_size": copies} if copies > 1 else {}))


def _copies(draft: Draft) -> int:
    launch = draft.sections["launch"]
    copies: int = launch["nodes"] * launch["processes_per_node"] // launch["tensor_parallel"]
    return copies


def _why_no_tensor(draft: Draft) -> str | None:
    trainer = draft.sections["trainer"]
    if draft.method == QLORA:
        return "tensor parallelism does not support 4-bit weights; use FSDP"
    if trainer["deepspeed"]:
        return "accelerate combines it only with FSDP, not with DeepSpeed"
    if _copies(draft) > 1 and not trainer["fsdp"]:
        return "several copies of the model also need fsdp = true"
    return None


def _pipeline(draft: Draft) -> None:
    if pipeline_parallel(draft.job) > 1:
        why = "transformers does not support pipeline parallelism"
        draft.refuse_value(fields.PIPELINE_PARALLEL_SIZE, why)
