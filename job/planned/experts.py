"""What an adapter on the experts of a mixture adds to what a job needs.

The estimate counts adapters on modules, and transformers 5 has the experts of a layer as one
parameter each. PEFT adapts them all the same (``shapes.adapter_parameters``), in float32, with
gradients and two moments of AdamW as large.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from ...payloads import fields
from .. import resources
from ..memory import Memory, Part, Range
from ..shapes import Shape, adapter_parameters
from ..values import Job

_BYTES: Final = {Part.ADAPTER: 4, Part.GRADIENTS: 4, Part.OPTIMIZER: 8}
_ZERO_3: Final = 3


def with_experts(
    need: Memory, job: Job, shape: Shape, targets: Collection[str], rank: int
) -> Memory:
    """Return what a job needs with the adapter on its experts, if it has one."""
    missing = adapted_in_experts(shape, targets, rank)
    if not missing:
        return need
    divides = job.get(fields.FSDP) or job.get(fields.DEEPSPEED_STAGE) == _ZERO_3
    each = missing / ((resources.data_parallel(job) or 1) if divides else 1)
    parts = dict(need.parts)
    for part, size in _BYTES.items():
        more = size * each
        parts[part] = parts.get(part, Range(0, 0, 0)) + Range(more, more, more)
    total = int(sum(_BYTES.values()) * each)
    return replace(
        need,
        low=need.low + total,
        expected=need.expected + total,
        high=need.high + total,
        parts=parts,
    )


def adapted_in_experts(shape: Shape, targets: Collection[str], rank: int) -> int:
    """Return the parameters of an adapter that are on experts; 0 where there are none."""
    whole = adapter_parameters(shape, targets, rank)
    experts = {linear.name for linear in shape.linears if linear.expert and linear.is_module}
    if whole is None or not experts:
        return 0
    modules = tuple(linear for linear in shape.linears if not linear.expert)
    wanted = {name.rpartition(".")[2] for name in targets} - experts - {"gate"}
    if "all-linear" in wanted:
        wanted = {linear.name for linear in modules}
    alone = adapter_parameters(replace(shape, linears=modules, experts=0), wanted, rank)
    return max(0, whole - (alone or 0))
