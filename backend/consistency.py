"""Resources against each other: what a cluster would refuse, found before it is asked.

These are the constraints of which the field's trainers say that they are errors. The payload
has the shape of its schema.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from .errors import Problem

_COMPUTE: Final = "/metadata/effective_config/compute"
_KNOBS: Final = "/hyperparameters"
_PARALLELISM: Final = "/hyperparameters/parallelism"


class Resources:
    """The quantities of a payload that have to agree."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        """Look at a payload."""
        effective = payload["metadata"]["effective_config"]
        self.knobs: Mapping[str, Any] = payload["hyperparameters"]
        self.parallelism: Mapping[str, Any] = self.knobs.get("parallelism", {})
        self.containers = whole(effective["data"]["topology"], "container_count")
        self.validates: bool = effective["training"].get("validation", {}).get("enabled", False)
        compute = effective["compute"]
        count = whole(compute, "gpu_count")
        self.gpus = None if count is None else count * (whole(compute, "nodes") or 1)
        self.tensor = whole(self.parallelism, "tensor_parallel_size") or 1
        self.pipeline = whole(self.parallelism, "pipeline_parallel_size") or 1

    @property
    def copies(self) -> int | None:
        """Copies of the model that train side by side; None if that is not a whole number."""
        if self.gpus is None or self.gpus % (self.tensor * self.pipeline):
            return None
        return self.gpus // (self.tensor * self.pipeline)

    @property
    def device_batch(self) -> int | None:
        """Sequences that a device takes at once, by either of the two names."""
        return whole(self.knobs, "per_device_batch") or whole(self.knobs, "batch_size")


def whole(table: Mapping[str, Any], name: str) -> int | None:
    """Return a count of a table, or None: 2.0 is one to JSON Schema, and 1e308, too."""
    value = table.get(name)
    return None if value is None else int(value)


def _model_parallel_divides_gpus(job: Resources) -> Iterator[Problem]:
    if job.gpus is not None and job.copies is None:
        yield Problem(
            "inconsistent_parallelism",
            f"{job.tensor} tensor-parallel × {job.pipeline} pipeline-parallel does not divide"
            f" {job.gpus} GPUs",
            f"{_PARALLELISM}/{'tensor' if job.tensor > 1 else 'pipeline'}_parallel_size",
        )


def _one_engine(job: Resources) -> Iterator[Problem]:
    if job.parallelism.get("use_deepspeed") and job.parallelism.get("fsdp"):
        message = "`use_deepspeed` and `fsdp` exclude each other"
        yield Problem("inconsistent_parallelism", message, f"{_PARALLELISM}/fsdp")


def _one_precision(job: Resources) -> Iterator[Problem]:
    if job.parallelism.get("bf16") and job.parallelism.get("fp16"):
        message = "`bf16` and `fp16` exclude each other"
        yield Problem("inconsistent_parallelism", message, f"{_PARALLELISM}/fp16")


def _world_is_gpus(job: Resources) -> Iterator[Problem]:
    size = whole(job.knobs, "world_size")
    if size is not None and job.gpus is not None and size != job.gpus:
        message = f"`world_size` is {size}, and the job has {job.gpus} GPUs"
        yield Problem("invalid_topology", message, f"{_KNOBS}/world_size")


def _containers_within_gpus(job: Resources) -> Iterator[Problem]:
    if job.containers is not None and job.gpus is not None and job.containers > job.gpus:
        message = f"{job.containers} containers cannot share {job.gpus} GPUs"
        place = "/metadata/effective_config/data/topology/container_count"
        yield Problem("invalid_topology", message, place)


def _batch_adds_up(job: Resources) -> Iterator[Problem]:
    target, device = whole(job.knobs, "global_batch"), job.device_batch
    accumulation, copies = whole(job.knobs, "gradient_accumulation_steps"), job.copies
    if target is None or device is None or accumulation is None or copies is None:
        return
    product = device * accumulation * copies
    if product != target:
        yield Problem(
            "inconsistent_batch",
            f"`global_batch` is {target}, but {device} per device × {accumulation} accumulation"
            f" × {copies} data-parallel = {product}",
            f"{_KNOBS}/global_batch",
        )


def _best_model_needs_evaluation(job: Resources) -> Iterator[Problem]:
    never = job.validates and job.knobs.get("evaluation_strategy") == "no"
    if never and job.knobs.get("save_best_model_at_end"):
        message = "`save_best_model_at_end` needs evaluation, and the strategy is `no`"
        yield Problem("inconsistent_evaluation", message, f"{_KNOBS}/save_best_model_at_end")


_RULES: Final[Sequence[Callable[[Resources], Iterator[Problem]]]] = (
    _world_is_gpus,
    _containers_within_gpus,
    _model_parallel_divides_gpus,
    _one_engine,
    _one_precision,
    _batch_adds_up,
    _best_model_needs_evaluation,
)


def inconsistent(payload: Mapping[str, Any]) -> Sequence[Problem]:
    """Return what in a payload of the right shape contradicts itself."""
    job = Resources(payload)
    return [problem for rule in _RULES for problem in rule(job)]
