"""DeepSpeed, FSDP, precision, and how the GPUs are divided."""

from collections.abc import Iterator

from ...diagnostics import Finding
from .job import Job

_AT = ("hyperparameters", "parallelism")


def deepspeed_and_fsdp(job: Job) -> Iterator[Finding]:
    """Refuse two engines: transformers trainer.py, axolotl validation.py, accelerate launch.py."""
    if job.parallelism("use_deepspeed") and job.parallelism("fsdp"):
        yield Finding("SFT201", (*_AT, "fsdp"))


def bf16_and_fp16(job: Job) -> Iterator[Finding]:
    """Refuse two precisions: transformers training_args.py, DeepSpeed config.py."""
    if job.parallelism("bf16") and job.parallelism("fp16"):
        yield Finding("SFT202", (*_AT, "fp16"))


def stage_without_deepspeed(job: Job) -> Iterator[Finding]:
    """Say that a ZeRO stage does nothing: transformers reads it from DeepSpeed's config only."""
    stage = job.parallelism("deepspeed_stage")
    if stage and not job.parallelism("use_deepspeed"):
        yield Finding("SFT203", (*_AT, "deepspeed_stage"), {"stage": str(stage)})


def model_parallel_divides_gpus(job: Job) -> Iterator[Finding]:
    """Hold TP × PP against the GPUs: LLaMA-Factory parser.py, accelerate parallelism_config.py."""
    if job.gpus is None or job.gpus % job.model_parallel == 0:
        return
    tensor = job.parallelism("tensor_parallel_size") or 1
    pipeline = job.parallelism("pipeline_parallel_size") or 1
    key = "tensor_parallel_size" if tensor > 1 else "pipeline_parallel_size"
    words = {
        "tensor": str(tensor),
        "pipeline": str(pipeline),
        "product": str(job.model_parallel),
        "gpus": str(job.gpus),
    }
    yield Finding("SFT204", (*_AT, key), words)


def world_size_is_gpus(job: Job) -> Iterator[Finding]:
    """Hold ``world_size`` against gpu_count × nodes: one process a GPU, as torchrun has it."""
    size = job.knob("world_size")
    if size is not None and job.gpus is not None and size != job.gpus:
        words = {
            "size": str(size),
            "count": str(job.get("compute", "gpu_count")),
            "nodes": str(job.get("compute", "nodes") or 1),
            "gpus": str(job.gpus),
        }
        hint = f"write {job.gpus}, or leave it out"
        yield Finding("SFT205", ("hyperparameters", "world_size"), words, hint=hint)


def containers_within_gpus(job: Job) -> Iterator[Finding]:
    """Hold ``container_count`` against the GPUs: in configs that run, the two are equal."""
    containers = job.get("data", "topology", "container_count")
    if containers is not None and job.gpus is not None and containers > job.gpus:
        words = {"containers": str(containers), "gpus": str(job.gpus)}
        yield Finding("SFT206", ("data", "topology", "container_count"), words)


RULES = (
    deepspeed_and_fsdp,
    bf16_and_fp16,
    stage_without_deepspeed,
    model_parallel_divides_gpus,
    world_size_is_gpus,
    containers_within_gpus,
)
