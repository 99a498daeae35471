"""How many processes, and how large their batches: the global batch stays as it is asked for."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ...diagnostics import Finding, codes
from ...job import resources
from ...job.batch import Batch, complete
from ...job.gpus import is_meant
from ...payloads import fields
from .draft import Draft

_SEARCHED: Final = 64
"""Nodes, and processes of a node, among which a smaller number that divides is looked for."""
_LARGEST: Final = 2**63 - 1


class Shape(NamedTuple):
    """Processes of a run: so many nodes, and so many on each."""

    nodes: int
    each: int

    @property
    def all(self) -> int:
        """Processes in all."""
        return self.nodes * self.each


def launch(draft: Draft) -> None:
    """Set the processes and the batch; fewer processes than asked for accumulate more."""
    job, world = draft.job, draft.world
    batch = complete(job)
    if batch is None:
        _refuse_batch(draft)
        batch = Batch(1, 1, 1)
    if batch.effective > _LARGEST:
        draft.refuse_value(fields.PER_DEVICE_BATCH, "the number of rows per step is too large")
        batch = Batch(1, 1, 1)
    tensor = 1 if world.on_cpu else resources.tensor_parallel(job)
    asked = Shape(resources.nodes(job), job.get(fields.GPU_COUNT) or 1)
    shape = _fitting(asked, _had(draft, asked), batch, tensor)
    if shape is None:
        why = "no data-parallel size that the available GPUs allow keeps the global batch"
        draft.refuse_value(fields.TENSOR_PARALLEL_SIZE, why)
        shape, tensor = Shape(1, 1), 1
    _processes(draft, asked, shape, tensor)
    _batch(draft, batch, max(1, shape.all // tensor), fewer=shape.all != asked.all)
    _gpus(draft)


def _had(draft: Draft, asked: Shape) -> Shape:
    world, least = draft.world, Shape(1, 1) if draft.world.on_cpu else asked
    return Shape(world.nodes or least.nodes, world.processes_per_node or least.each)


def _fitting(asked: Shape, had: Shape, batch: Batch, tensor: int) -> Shape | None:
    """Return the most processes that can be had, up to those asked for, that keep the batch."""

    def keeps(shape: Shape) -> bool:
        copies, rest = divmod(shape.all, tensor)
        return not rest and batch.effective % (batch.device * copies) == 0

    if asked.nodes <= had.nodes and asked.each <= had.each and keeps(asked):
        return asked
    shapes = (shape for shape in _shapes(asked, had) if keeps(shape))
    return max(shapes, key=lambda shape: (shape.all, -shape.nodes), default=None)


def _shapes(asked: Shape, had: Shape) -> Iterator[Shape]:
    for nodes in range(1, min(had.nodes, asked.all, _SEARCHED) + 1):
        for each in range(1, min(had.each, asked.all // nodes, _SEARCHED) + 1):
            yield Shape(nodes, each)


def _processes(draft: Draft, asked: Shape, shape: Shape, tensor: int) -> None:
    each = ("process per node", "processes per node")
    each = each if draft.world.on_cpu else ("GPU per node", "GPUs per node")
    for path, name, wanted, used, units in (
        (fields.NODES, "nodes", asked.nodes, shape.nodes, ("node", "nodes")),
        (fields.GPU_COUNT, "processes_per_node", asked.each, shape.each, each),
    ):
        draft.set(path, f"launch.{name}", used)
        count = f"{used} {units[0] if used == 1 else units[1]}"
        if draft.job.get(path) is None:
            draft.note(path, f"not set: {count}")
        elif wanted != used:
            draft.note(path, f"{count} here; the global batch is kept, so steps take longer")
    draft.set(fields.TENSOR_PARALLEL_SIZE, "launch.tensor_parallel", tensor)
    together = draft.world.on_cpu and shape.all > 1  # named for one process, it is waited for
    draft.put("trainer", ddp_backend="gloo" if together else None)


def _batch(draft: Draft, batch: Batch, copies: int, *, fewer: bool) -> None:
    job = draft.job
    accumulation = batch.effective // (batch.device * copies)
    # transformers evaluates eight rows at once by default, which may not fit where training does.
    draft.put("trainer", per_device_eval_batch_size=batch.device)
    name = "trainer.per_device_train_batch_size"
    draft.set(fields.BATCH_SIZE, name, batch.device)
    draft.set(fields.PER_DEVICE_BATCH, name, batch.device)
    per_device = job.get(fields.PER_DEVICE_BATCH)
    if per_device is not None:
        draft.note_written(fields.BATCH_SIZE, f"per_device_batch = {per_device} wins")
    elif job.get(fields.BATCH_SIZE) is None:
        given = "follows from global_batch" if batch.device > 1 else "not set"
        draft.note(fields.PER_DEVICE_BATCH, f"{given}: {batch.device}")
    draft.set(fields.GLOBAL_BATCH, "launch.global_batch", batch.effective)
    path = fields.GRADIENT_ACCUMULATION_STEPS
    draft.set(path, "trainer.gradient_accumulation_steps", accumulation)
    if fewer and accumulation != batch.accumulation:
        draft.note(path, f"{accumulation} here, to keep the global batch of {batch.effective}")
    elif job.get(path) is None:
        given = "not set" if job.get(fields.GLOBAL_BATCH) is None else "follows from global_batch"
        draft.note(path, f"{given}: {accumulation}")


def _refuse_batch(draft: Draft) -> None:
    job = draft.job
    factors = [
        f"{count} {what}"
        for count, what in (
            (job.get(fields.PER_DEVICE_BATCH) or job.get(fields.BATCH_SIZE), "per device"),
            (job.get(fields.GRADIENT_ACCUMULATION_STEPS), "accumulation steps"),
            (resources.data_parallel(job) or 1, "copies of the model"),
        )
        if count is not None
    ]
    words = {"target": str(job.get(fields.GLOBAL_BATCH)), "factors": " × ".join(factors)}
    draft.refuse(Finding(codes.BATCH_NOT_DIVISIBLE, fields.GLOBAL_BATCH, words))


def _gpus(draft: Draft) -> None:
    """Set the GPU to ask for, and tell where another one is there."""
    job, world = draft.job, draft.world
    asked = job.get(fields.GPU_TYPE)
    draft.put("launch", gpu_type=None)
    if world.on_cpu:
        draft.note_written(fields.GPU_TYPE, "no GPU here: trains on the CPU")
        return
    draft.set(fields.GPU_TYPE, "launch.gpu_type", asked)
    others = [name for name in world.gpus if not is_meant(name, asked)]
    if others:
        draft.put("launch", gpu_type=others[0])
        draft.note(
            fields.GPU_TYPE, f"not available here: trains on {', '.join(sorted(set(others)))}"
        )


def says_again(draft: Draft) -> None:
    """Note the fields that say again what the counts of GPUs say."""
    for path in resources.COUNTS_AGAIN:
        if draft.job.loose(path, int) is not None:
            draft.note(path, "repeats gpu_count and nodes; sets nothing")
