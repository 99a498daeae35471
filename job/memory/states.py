"""Weights, adapter, gradients and optimizer: what there is of each, before it is divided.

Sources: 4 bytes of float32 and 2 of 16 bits, 8 of AdamW, 4 of a gradient for each weight
(transformers, ``docs/source/en/model_memory_anatomy.md``); 8 bytes in all where all of it is 16-bit
(PEFT, ``memory_efficient_training.md``); DeepSpeed's 16-bit weights with a float32 copy
(``docs/code-docs/source/memory.rst``); NF4 with 64 weights for a scale, and scales of 8 bits in
blocks of 256 (QLoRA, https://arxiv.org/abs/2305.14314, section 3).
"""

from typing import Final, NamedTuple

from ..adapters import widths_of
from ..shapes import Shape
from .asked import Asked, Sharding
from .values import Setting, States

_BLOCK: Final = 64
_SCALES: Final = 256


class Kept(NamedTuple):
    """Bytes of one copy of the model.

    Attributes:
        base: weights of the model.
        copies: 16-bit copies of the weights that ``torch.autocast`` makes.
        adapter: weights of the adapter.
        gradients: of what is trained.
        optimizer: of what is trained.
        trained: how many weights.
        merged: 16-bit copies of experts' weights with their adapter added.

    """

    base: float
    copies: float
    adapter: float
    gradients: float
    optimizer: float
    trained: int
    merged: float = 0


def kept(asked: Asked, shape: Shape, setting: Setting) -> Kept:
    """Return what there is of weights, gradients and optimizer, on all GPUs together."""
    return _full(asked, shape, setting) if asked.trains_all else _adapted(asked, shape, setting)


def four_bit(double: bool) -> float:  # noqa: FBT001 - both are NF4
    """Return the bytes of a weight in NF4: half a byte, and its share of its block's scale."""
    scale = (1 + 4 / _SCALES) if double else 4
    return 0.5 + scale / _BLOCK


def states(asked: Asked, setting: Setting) -> States:
    """Return the precision of trained weights."""
    if asked.compute == 4:  # noqa: PLR2004 - float32: there is nothing to mix
        return States.PURE
    return States.COPIED if asked.sharding.deepspeed else setting.states


def matrices(shape: Shape) -> int:
    """Return the weights that are multiplied: the Linears, and the output layer."""
    return sum(linear.parameters for linear in shape.linears) + shape.embedding


def _full(asked: Asked, shape: Shape, setting: Setting) -> Kept:
    count, compute = shape.parameters, asked.compute
    moments = asked.optimizer if setting.optimizer_bytes is None else setting.optimizer_bytes
    match states(asked, setting):
        case States.MIXED:
            copies = compute * matrices(shape)
            return Kept(4 * count, copies, 0, 4 * count, moments * count, count)
        case States.COPIED:
            gradient = 4 if asked.sharding is Sharding.ZERO_1 else compute
            return Kept(compute * count, 0, 0, gradient * count, (4 + moments) * count, count)
        case _:
            share = compute / 4  # the moments are in the weights' precision
            return Kept(compute * count, 0, 0, compute * count, moments * share * count, count)


def _adapted(asked: Asked, shape: Shape, setting: Setting) -> Kept:
    trained = asked.trained
    wide = setting.adapter_bytes if asked.compute < 4 else 4  # noqa: PLR2004 - float32
    moments = asked.optimizer if setting.optimizer_bytes is None else setting.optimizer_bytes
    optimizer = moments * wide / 4 * trained
    stored = asked.compute if asked.half else 4
    copies = 0.0
    if asked.quantized:
        base = quantized(shape, setting) + plain(shape, setting, stored)
    else:
        base = stored * shape.parameters
        if stored > asked.compute:  # the graph keeps the 16-bit copies that it computed with
            copies = asked.compute * matrices(shape)
    if asked.compute < wide:
        copies += asked.compute * sum(linear.parameters for linear in asked.whole)
    merged = _merged(asked, shape, setting)
    return Kept(base, copies, wide * trained, wide * trained, optimizer, trained, merged)


def _merged(asked: Asked, shape: Shape, setting: Setting) -> float:
    """Return the bytes of experts with their adapter added, and of the factors that make it.

    Experts that are one parameter are adapted by adding to it as they are used (PEFT,
    ``ParamWrapper`` of ``tuners/lora/layer.py``); the backward pass keeps the sum.
    """
    if setting.expert_linears:
        return 0.0
    mine = [linear for linear in asked.targets if linear.expert]
    names = {linear.name for linear in mine}
    sums = sum(each.parameters for each in shape.linears if each.expert and each.name in names)
    return asked.compute * (sums + asked.rank * sum(map(widths_of, mine)))


def quantized(shape: Shape, setting: Setting) -> float:
    """Return the bytes of the weights that are 4-bit."""
    return four_bit(setting.double_quantized) * _quantizable(shape, setting)


def plain(shape: Shape, setting: Setting, stored: int) -> float:
    """Return the bytes of the weights that stay as they are beside 4-bit ones."""
    return (4 if setting.upcast else stored) * (shape.parameters - _quantizable(shape, setting))


def _quantizable(shape: Shape, setting: Setting) -> int:
    count = sum(
        linear.parameters for linear in shape.linears if setting.expert_linears or not linear.expert
    )
    return count + (shape.head if setting.quantized_head else 0)
