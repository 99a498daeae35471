"""GPUs, and how the model and the data are divided among them."""

from typing import Final

from ..payloads import fields
from .values import Job

COUNTS_AGAIN: Final = tuple(
    (*table, name)
    for table in (fields.COMPUTE, fields.TOPOLOGY, fields.HYPERPARAMETERS)
    for name in ("gpus_per_node", "total_gpus")
)
"""Fields of real configs that say again what ``gpu_count`` and ``nodes`` say."""


def gpus(job: Job) -> int | None:
    """Return all GPUs of the job, ``gpu_count`` × ``nodes``; None if the payload does not say.

    This is the world size, too: trainers run one process for each GPU (torchrun).
    """
    count: int | None = job.get(fields.GPU_COUNT)
    return None if count is None else count * nodes(job)


def nodes(job: Job) -> int:
    """Return the machines of the job."""
    return job.get(fields.NODES) or 1


def tensor_parallel(job: Job) -> int:
    """Return the GPUs that share each layer."""
    return job.get(fields.TENSOR_PARALLEL_SIZE) or 1


def pipeline_parallel(job: Job) -> int:
    """Return the stages that the layers are split into."""
    return job.get(fields.PIPELINE_PARALLEL_SIZE) or 1


def model_parallel(job: Job) -> int:
    """Return the GPUs that hold one copy of the model: tensor × pipeline parallel."""
    return tensor_parallel(job) * pipeline_parallel(job)


def data_parallel(job: Job) -> int | None:
    """Return the copies of the model that train side by side; None if no whole number follows."""
    all_gpus, each = gpus(job), model_parallel(job)
    return None if all_gpus is None or all_gpus % each else all_gpus // each
