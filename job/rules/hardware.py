"""GPUs: how many there are, how they are divided, and what they can compute in."""

from collections.abc import Iterator
from typing import Final

from ...diagnostics import Finding, codes, quoted
from ...payloads import fields
from ..flavours import quantizes
from ..precision import bf16, fp16
from ..resources import (
    COUNTS_AGAIN,
    gpus,
    model_parallel,
    nodes,
    pipeline_parallel,
    tensor_parallel,
)
from ..values import Job

_COUNTS: Final = (fields.GPU_COUNT, fields.NODES)


def bf16_and_fp16(job: Job) -> Iterator[Finding]:
    """Two precisions: transformers training_args.py, DeepSpeed config.py."""
    if fp16(job) and bf16(job):
        yield Finding(codes.BF16_AND_FP16, fields.FP16, covers=(fields.BF16,))


def model_parallel_divides_gpus(job: Job) -> Iterator[Finding]:
    """TP × PP against the GPUs: LLaMA-Factory parser.py, accelerate parallelism_config.py."""
    all_gpus, product = gpus(job), model_parallel(job)
    if all_gpus is None or all_gpus % product == 0:
        return
    tensor, pipeline = tensor_parallel(job), pipeline_parallel(job)
    path = fields.TENSOR_PARALLEL_SIZE if tensor > 1 else fields.PIPELINE_PARALLEL_SIZE
    words = {
        "tensor": str(tensor),
        "pipeline": str(pipeline),
        "product": str(product),
        "gpus": str(all_gpus),
    }
    yield Finding(codes.MODEL_PARALLEL_DOES_NOT_DIVIDE, path, words, covers=_COUNTS)


def world_size_is_gpus(job: Job) -> Iterator[Finding]:
    """``world_size`` against gpu_count × nodes: one process a GPU, as torchrun has it."""
    size, all_gpus = job.get(fields.WORLD_SIZE), gpus(job)
    if size is not None and all_gpus is not None and size != all_gpus:
        words = {
            "size": str(size),
            "count": str(job.get(fields.GPU_COUNT)),
            "nodes": str(nodes(job)),
            "gpus": str(all_gpus),
        }
        hint = f"write {all_gpus}, or remove it"
        yield Finding(
            codes.WORLD_SIZE_MISMATCH, fields.WORLD_SIZE, words, hint=hint, covers=_COUNTS
        )


def containers_within_gpus(job: Job) -> Iterator[Finding]:
    """``container_count`` against the GPUs: in configs that run, the two are equal."""
    containers = job.get(fields.CONTAINER_COUNT)
    all_gpus = None if containers is None else gpus(job)
    if all_gpus is not None and containers > all_gpus:
        words = {
            "containers": str(containers),
            "gpus": f"{all_gpus} GPU{'s' if all_gpus > 1 else ''}",
        }
        yield Finding(
            codes.MORE_CONTAINERS_THAN_GPUS, fields.CONTAINER_COUNT, words, covers=_COUNTS
        )


def counts_agree(job: Job) -> Iterator[Finding]:
    """Other names of the counts that trainers and schedulers have, against ours."""
    for path in COUNTS_AGAIN:
        count = job.loose(path, int)
        if count is None:
            continue
        each = path[-1] == "gpus_per_node"
        expected = job.get(fields.GPU_COUNT) if each else gpus(job)
        if expected is not None and count != expected:
            words = {
                "key": path[-1],
                "count": str(count),
                "names": "gpu_count" if each else "gpu_count × nodes",
                "expected": str(expected),
            }
            yield Finding(
                codes.GPU_COUNTS_DISAGREE, path, words, covers=_COUNTS[:1] if each else _COUNTS
            )


def bf16_is_native(job: Job) -> Iterator[Finding]:
    """bfloat16 on a GPU that has none: stanford_alpaca #133, FastChat #399."""
    if not bf16(job) or fp16(job):
        return
    from ..gpus import lookup  # reads a table

    gpu = lookup(job.get(fields.GPU_TYPE) or "")
    if gpu and not gpu.bf16:
        yield Finding(
            codes.BF16_NOT_NATIVE, fields.BF16, {"gpu": _as_written(job)}, covers=(fields.GPU_TYPE,)
        )


def qlora_in_fp16(job: Job) -> Iterator[Finding]:
    """QLoRA in float16 on a GPU with native bfloat16: the QLoRA paper computes in bf16."""
    if not fp16(job) or bf16(job) or not quantizes(job):
        return
    from ..gpus import lookup  # reads a table

    gpu = lookup(job.get(fields.GPU_TYPE) or "")
    if gpu and gpu.bf16:
        covers = (fields.USE_QLORA, fields.GPU_TYPE)
        yield Finding(codes.QLORA_IN_FP16, fields.FP16, {"gpu": _as_written(job)}, covers=covers)


def _as_written(job: Job) -> str:
    """Return the GPU in the payload's word for it, as people will look for it."""
    name: str = job.get(fields.GPU_TYPE)
    return name if name.isprintable() else quoted(name)


ALL: Final = (
    bf16_and_fp16,
    model_parallel_divides_gpus,
    world_size_is_gpus,
    containers_within_gpus,
    bf16_is_native,
    counts_agree,
    qlora_in_fp16,
)
