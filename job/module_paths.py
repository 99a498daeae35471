"""Where the modules of a model are, by the paths that adapters name them with.

PEFT matches the end of a module's path: ``layers.0.self_attn.q_proj`` is of one block alone, and
``mlp.q_proj`` of none. The paths are those of transformers 5.24.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from .shapes import Linear, Shape

_BLOCK: Final = "#"
"""Stands for the number of a block."""

_ATTENTION: Final = frozenset(
    {
        "q_proj", "k_proj", "v_proj", "o_proj", "out_proj", "qkv_proj", "query_key_value", "dense",
        "c_attn", "q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj",
    }
)  # fmt: skip


class _Places(NamedTuple):
    """What the modules of a family are called."""

    model: str = "model"
    blocks: str = "layers"
    attention: str = "self_attn"
    embedding: str = "embed_tokens"
    head: str = "lm_head"


_LLAMA: Final = _Places()
_OTHERS: Final[Mapping[str, _Places]] = {
    "gpt_neox": _Places("gpt_neox", "layers", "attention", "embed_in", "embed_out"),
    "gpt2": _Places("transformer", "h", "attn", "wte"),
    "falcon": _Places("transformer", "h", "self_attention", "word_embeddings"),
}
_TOWER: Final = ("model", "vision_tower", "vision_model", "encoder")

_TWO: Final = ("input_layernorm", "post_attention_layernorm")
_FOUR: Final = (*_TWO, "pre_feedforward_layernorm", "post_feedforward_layernorm")
_NORMS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            "llama", "mistral", "ministral", "qwen2", "qwen3", "gemma", "phi3", "smollm3",
            "granite", "glm", "seed_oss", "mixtral", "olmoe", "qwen2_moe", "qwen3_moe", "gpt_oss",
            "granitemoe", "deepseek_v2", "deepseek_v3",
        ),
        _TWO,
    ),
    "gemma2": _FOUR,
    "gemma3_text": _FOUR,
}  # fmt: skip
"""The norms of a block that have a weight for each feature, and no bias."""

_NORMS_OF_A_HEAD: Final = frozenset({"qwen3", "qwen3_moe", "gemma3_text"})


class Target(NamedTuple):
    """A module as it is named.

    Attributes:
        name: the last part of its path.
        above: the parts before, with ``#`` for the number of a block.
        block: which block alone; None for each of them.

    """

    name: str
    above: tuple[str, ...] = ()
    block: int | None = None


def read(text: str) -> Target | None:
    """Return what a name names; None if no path looks like it."""
    *above, name = text.split(".")
    numbers = [part for part in above if part.isascii() and part.isdecimal()]
    if len(numbers) > 1 or any(part.startswith("0") and part != "0" for part in numbers):
        return None
    places = tuple(_BLOCK if part in numbers else part for part in above)
    return Target(name, places, int(numbers[0][:9]) if numbers else None)


def matched(
    linears: Collection[Linear], wanted: Collection[Target], shape: Shape
) -> tuple[Linear, ...] | None:
    """Return the Linears that are meant; None if a target is none of them."""
    for target in wanted:
        if not any(_is_meant(target, linear, shape) for linear in linears):
            return None
    found = list(_each(linears, wanted, shape))
    known = [linear for linear in found if linear is not None]
    return tuple(known) if len(known) == len(found) else None


def other_module(target: Target, shape: Shape) -> Linear | None:
    """Return a module that is no Linear of a block: an embedding, a head, a norm; None: none."""
    places = _OTHERS.get(shape.architecture, _LLAMA)
    above = _above(shape)
    if target.name == places.embedding and _ends(above, target):
        return Linear(target.name, 1, shape.embedding, 1)  # its input is a few numbers
    if target == Target(places.head):
        return Linear(target.name, shape.hidden, shape.vocabulary, 1)
    if target.name == "norm":
        if not target.above:
            return Linear(target.name, 1, shape.others, 1)  # the end of each norm's name: at most
        has_one = shape.architecture in _NORMS and _ends(above, target)
        return Linear(target.name, 1, shape.hidden, 1) if has_one else None
    return _norm(target, shape)


def _norm(target: Target, shape: Shape) -> Linear | None:
    """Return a norm of each block, or of one."""
    inside = (*_above(shape), _OTHERS.get(shape.architecture, _LLAMA).blocks, _BLOCK)
    width = 0
    if target.name in _NORMS.get(shape.architecture, ()):
        width = shape.hidden
    elif target.name in {"q_norm", "k_norm"} and shape.architecture in _NORMS_OF_A_HEAD:
        width, inside = shape.head_size, (*inside, "self_attn")
    if not width or not _ends(inside, target) or (target.block or 0) >= shape.layers:
        return None
    return Linear(target.name, 1, width, shape.layers if target.block is None else 1)


def _above(shape: Shape) -> tuple[str, ...]:
    """Return the path of what has the blocks."""
    model = _OTHERS.get(shape.architecture, _LLAMA).model
    reads_images = any(linear.tower for linear in shape.linears)
    return (model, "language_model") if reads_images else (model,)


def _ends(path: tuple[str, ...], target: Target) -> bool:
    return not target.above or path[-len(target.above) :] == target.above


def _is_meant(target: Target, linear: Linear, shape: Shape) -> bool:
    if target.name != linear.name:
        return False
    if not target.above:
        return True
    places = _OTHERS.get(shape.architecture, _LLAMA)
    # Both halves of a block of GPT-2 have one.
    attends = linear.name in _ATTENTION or (
        linear.name == "c_proj" and linear.inputs != shape.intermediate
    )
    if linear.tower:
        return _ends((*_TOWER, "layers", _BLOCK, "self_attn" if attends else "mlp"), target)
    if linear.expert or (shape.experts and not attends):
        return False  # the paths of experts are not known
    part = places.attention if attends else "mlp"
    return _ends((*_above(shape), places.blocks, _BLOCK, part), target)


def _each(
    linears: Collection[Linear], wanted: Collection[Target], shape: Shape
) -> Iterator[Linear | None]:
    """Yield each Linear that is meant; None for one of which it is not known how often."""
    for linear in linears:
        blocks = {target.block for target in wanted if _is_meant(target, linear, shape)}
        if None in blocks:
            yield linear
        elif blocks:
            last = max(block for block in blocks if block is not None)
            one_a_block = linear.count == shape.layers and not linear.expert
            yield (
                replace(linear, count=len(blocks)) if one_a_block and last < shape.layers else None
            )
