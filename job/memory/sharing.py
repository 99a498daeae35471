"""How weights, gradients and optimizer are divided among GPUs, and what GPUs gather.

Sources: ZeRO's stages (https://arxiv.org/abs/1910.02054, section 5) with the buckets of DeepSpeed's
configuration (``docs/_pages/config-json.md``); FSDP2 keeps one block gathered, and fetches the next
(``torch.distributed.fsdp.fully_shard``); DDP's buckets are a copy of the gradients
(``torch.nn.parallel.DistributedDataParallel``, ``gradient_as_bucket_view``).
"""

from typing import Final, NamedTuple

from ..shapes import Shape
from . import states
from .asked import Asked, Sharding
from .values import NOTHING, Range, Setting, exactly

_BUCKET: Final = 5e8
"""Elements of ``reduce_bucket_size`` and ``allgather_bucket_size``, by default."""
_SUB_GROUP: Final = 1e9
"""``sub_group_size``, by default."""
_LIVE: Final = 1e9
"""``stage3_max_live_parameters``, by default."""


class Shares(NamedTuple):
    """Bytes on one GPU."""

    base: float
    copies: float
    adapter: float
    gradients: float
    optimizer: float
    gathered: Range
    stepping: Range
    merged: float


def shares(asked: Asked, shape: Shape, setting: Setting) -> Shares:
    """Return what one GPU has of the states, and what it gathers besides."""
    kept = states.kept(asked, shape, setting)
    copies, how = asked.copies, asked.sharding
    tensor = _tensor(asked, shape)
    weights = tensor / (copies if how.weights else 1)
    gradients = tensor / (copies if how.gradients else 1)
    optimizer = tensor / (1 if how is Sharding.NONE else copies)
    held = kept.copies * tensor
    if how is Sharding.FSDP:  # the gathered weights are the 16-bit copies
        held = 0
    return Shares(
        base=kept.base * weights,
        copies=held,
        adapter=kept.adapter * weights,
        gradients=kept.gradients * gradients,
        optimizer=kept.optimizer * optimizer,
        gathered=_gathered(asked, shape, setting, kept, tensor),
        stepping=_stepping(asked, kept.trained * tensor),
        merged=kept.merged,
    )


def _stepping(asked: Asked, trained: float) -> Range:
    """Return the bytes of the float32 gradients that DeepSpeed's optimizer makes for its step.

    ZeRO-1 and 2 do it for all of a process' weights, ZeRO-3 for a ``sub_group_size`` of them
    (``runtime/zero/stage_1_and_2.py`` and ``stage3.py``).
    """
    if not asked.sharding.deepspeed:
        return NOTHING
    own = trained / asked.copies
    made = 4 * (min(own, _SUB_GROUP) if asked.sharding is Sharding.ZERO_3 else own)
    return Range(made, made, 2 * made)


def _tensor(asked: Asked, shape: Shape) -> float:
    """Return the share of the weights that one of the GPUs has that divide each layer.

    4-bit weights are packed, and nobody divides them.
    """
    if asked.tensor == 1 or asked.quantized:
        return 1.0
    divided = sum(linear.parameters for linear in shape.linears)
    return (divided / asked.tensor + shape.parameters - divided) / shape.parameters


def _gathered(
    asked: Asked, shape: Shape, setting: Setting, kept: states.Kept, tensor: float
) -> Range:
    if asked.copies == 1 and not asked.sharding.deepspeed:
        return NOTHING
    outside = shape.embedding + shape.head
    block = _block(asked, shape, setting) * tensor
    match asked.sharding:
        case Sharding.NONE:
            return exactly(kept.gradients * tensor)
        case Sharding.FSDP:
            root = asked.compute * outside
            return Range(root + block, root + 2 * block, root + 3 * block)
        case Sharding.ZERO_3:
            live = min(asked.compute * shape.parameters * tensor, _LIVE * asked.compute)
            least = min(live, max(asked.compute * shape.embedding, block))
            return Range(least, least + block, live) + _bucket(asked)
        case _:
            return _bucket(asked)


def _bucket(asked: Asked) -> Range:
    """Return the buffers that gradients are reduced in, which DeepSpeed allocates whole.

    There is a second one where it overlaps communication (``overlap_comm``, off by default below
    ZeRO-3).
    """
    one = _BUCKET * asked.compute
    usual = 2 * one if asked.sharding is Sharding.ZERO_3 else one
    return Range(one if asked.copies > 1 else 0, one, usual)


def _block(asked: Asked, shape: Shape, setting: Setting) -> float:
    """Return the bytes of one block, as it is gathered."""
    inside = sum(linear.parameters for linear in shape.linears) / shape.layers
    wide = states.four_bit(setting.double_quantized) if asked.quantized else asked.compute
    return wide * inside
