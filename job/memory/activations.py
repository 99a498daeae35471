"""What the forward pass keeps for the backward pass: bytes for a token, over all blocks.

Sources: each operation's saved tensors, as torch's autograd defines them, summed over a block of
transformers' Llama; https://arxiv.org/abs/2205.05198 has the same sum for GPT: ``34·s·b·h``, and
``5·a·s²·b`` for eager attention. ``benchmarks/kept_tensors.py`` counts them.
"""

from typing import Final, NamedTuple

from ..shapes import Linear, Shape
from .asked import Asked
from .states import states
from .values import Attention, Kernels, Setting, States

_FLOAT: Final = 4

AFTER_ATTENTION: Final = frozenset({"o_proj", "out_proj", "dense", "wo", "attn_out", "Wo"})
"""Linears whose input is attention's result."""
OUT: Final = frozenset({"down_proj", "fc2", "dense_4h_to_h", "w2", "fc_out", "c_proj", "mlp_out"})
"""Linears whose input is the activated product of the feed-forward part."""
IN: Final = frozenset(
    {
        "gate_proj", "up_proj", "gate_up_proj", "w1", "w3", "fc1", "c_fc", "fc_in",
        "dense_h_to_4h", "gate", "input_linear",
    }
)  # fmt: skip
"""Linears into the feed-forward part."""
JOINED: Final = frozenset({"qkv_proj", "query_key_value", "c_attn", "Wqkv"})
"""Linears whose result is queries, keys and values; the values are a view that keeps all of it."""
SLOW_GELU: Final = frozenset({"phi", "gpt2", "gpt_bigcode", "starcoder2"})
"""Architectures whose activation is ``gelu_new`` of transformers, a dozen operations."""

LAYER_NORM: Final = frozenset(
    {
        "gpt2", "gpt_neox", "gpt_bigcode", "starcoder2", "phi", "falcon", "bloom", "mpt", "opt",
        "stablelm", "stablelm_alpha", "cohere", "cohere2", "olmo", "persimmon", "dbrx", "gptj",
    }
)  # fmt: skip
"""Architectures whose norms are one kernel (``LayerNorm``): it keeps its input alone."""
QUERY_NORM: Final = frozenset(
    {"qwen3", "qwen3_moe", "gemma3", "gemma3_text", "olmo2", "olmoe", "olmo3", "hunyuan_v1_dense"}
)
"""Architectures that normalise queries and keys, too."""
FOUR_NORMS: Final = frozenset({"gemma2", "gemma3", "gemma3_text", "glm4"})
"""Architectures with a norm before and after each half of a block."""


SOFT_CAPPED: Final = frozenset({"gemma2"})
"""Architectures that cap scores and logits by a hyperbolic tangent."""
EAGER_ONLY: Final = frozenset({"gemma2", "gpt_oss"})
"""Architectures for which transformers has no ``sdpa`` (``_supports_sdpa``)."""


class Kept(NamedTuple):
    """Bytes that one micro-batch keeps.

    Attributes:
        blocks: of all blocks.
        boundary: of the hidden states between blocks.

    """

    blocks: float
    boundary: float


class Widths(NamedTuple):
    """Features of a token, summed over all blocks."""

    hidden: int
    query: int
    key: int
    feed_forward: float


def widths(shape: Shape) -> Widths:
    """Return the features of a token, over all blocks: a mixture's by the experts it passes."""
    layers = shape.layers
    inner = sum(
        linear.inputs * linear.count * shape.share(linear)
        for linear in shape.linears
        if _last(linear) in OUT
        and linear.outputs == shape.hidden
        and not _is_attention(linear, shape)
    )
    return Widths(
        hidden=shape.hidden * layers,
        query=shape.heads * shape.head_size * layers,
        key=shape.kv_heads * shape.head_size * layers,
        feed_forward=inner or shape.intermediate * layers * max(1, shape.experts_per_token),
    )


def attention(shape: Shape, setting: Setting) -> Attention:
    """Return the kernel of attention, where an architecture leaves a choice."""
    if setting.attention is Attention.SDPA and shape.architecture in EAGER_ONLY:
        return Attention.EAGER
    return setting.attention


def kept(asked: Asked, shape: Shape, setting: Setting) -> Kept:
    """Return what one micro-batch keeps."""
    wide = widths(shape)
    stream = _stream(asked, setting)
    token = (
        _norms(asked, shape, setting, wide, stream)
        + _attention(asked, shape, setting, wide)
        + _inputs(asked, shape, setting, stream)
        + _feed_forward(asked, shape, setting, wide)
        + _buffered(asked, shape, setting)
    )
    kernel = attention(shape, setting)
    if kernel is Attention.SDPA and setting.masks and asked.rows > 1:
        # Each block makes the mask of rows of different lengths anew: length × length for a row.
        token += asked.compute * shape.layers * asked.length
    if kernel is Attention.EAGER:
        # The softmax in float32, what multiplies the values, and what a soft cap keeps.
        capped = asked.compute if shape.architecture in SOFT_CAPPED else 0
        scores = shape.heads * shape.layers * (_FLOAT + asked.compute + capped)
        token += scores * asked.length / asked.tensor
    return Kept(token * asked.tokens, stream * wide.hidden * asked.tokens)


def _stream(asked: Asked, setting: Setting) -> int:
    """Return the bytes of a feature of the hidden states between blocks."""
    if asked.trains_all and states(asked, setting) is States.MIXED:
        return _FLOAT  # the embedding is float32, and so is each sum with it
    if asked.quantized and setting.upcast:
        return _FLOAT
    return asked.compute if asked.half or asked.trains_all else _FLOAT


def _norms(asked: Asked, shape: Shape, setting: Setting, wide: Widths, stream: int) -> float:
    count = 4 if shape.architecture in FOUR_NORMS else 2
    hidden = count * wide.hidden
    if setting.kernels is Kernels.FUSED or shape.architecture in LAYER_NORM:
        return stream * hidden
    if shape.architecture in QUERY_NORM:
        hidden += (wide.query + wide.key) // asked.tensor
    # Its float32 input, and what multiplies a trained weight.
    return (_FLOAT + (stream if asked.trains_all else 0)) * hidden


def _attention(asked: Asked, shape: Shape, setting: Setting, wide: Widths) -> float:
    """Return what attention keeps: queries, keys, values and its result.

    A mask, which rows of different lengths need, repeats the keys and values.
    """
    repeated = asked.rows > 1 and setting.attention is not Attention.FLASH
    keys = max(wide.query, wide.key) if repeated else wide.key
    kept = 2 * wide.query + 2 * keys
    if any(linear.name in JOINED for linear in shape.linears):
        kept += wide.query + wide.key
    return asked.compute * kept / asked.tensor


def _inputs(asked: Asked, shape: Shape, setting: Setting, stream: int) -> float:
    """Return the inputs of the Linears that are trained, or have an adapter."""
    if asked.trains_all:
        if stream == asked.compute or setting.kernels is Kernels.FUSED:
            return asked.compute * shape.hidden * 2 * shape.layers
        return asked.compute * sum(
            linear.inputs * linear.count * shape.share(linear)
            for linear in shape.linears
            if _last(linear) not in AFTER_ATTENTION | OUT
        )
    wide, copied = _adapter_input(asked, setting)
    total, seen = 0.0, {"attention"}
    for linear in asked.whole:
        total += asked.compute * linear.inputs * linear.count * shape.share(linear)
    for linear in asked.targets:
        if linear.expert and not setting.expert_linears:
            continue  # the adapter is added to the weights, whatever goes in
        source = _source(linear)
        if not copied and not asked.dropout and source in seen:
            continue
        seen.add(source)
        size = linear.inputs * linear.count * shape.share(linear)
        total += size * (wide + (1 if asked.dropout else 0))  # a mask of a byte
        total += wide * asked.rank * linear.count * shape.share(linear)
    return total


def _adapter_input(asked: Asked, setting: Setting) -> tuple[int, bool]:
    """Return the bytes of a feature of an adapter's input, and whether it is a copy of its own.

    PEFT makes it the adapter's precision first (``_cast_input_dtype`` of ``tuners/lora/layer.py``),
    except beside a 4-bit matrix under autocast (``tuners/lora/bnb.py``).
    """
    narrow = min(asked.compute, setting.adapter_bytes)
    if setting.kernels is Kernels.FUSED or narrow == _FLOAT or setting.adapter_bytes < _FLOAT:
        return narrow, False
    if setting.autocast:
        return asked.compute, not asked.quantized
    return _FLOAT, True


def _last(linear: Linear) -> str:
    return linear.name.rpartition(".")[2]


def _is_attention(linear: Linear, shape: Shape) -> bool:
    """Whether a Linear whose name says it of both halves of a block is of attention."""
    return linear.name == "c_proj" and linear.inputs != shape.intermediate


def _source(linear: Linear) -> str:
    name = _last(linear)
    if name in AFTER_ATTENTION:
        return "attention"
    if name in OUT:
        return "product"
    return "feed-forward" if name in IN else "block"


def _buffered(asked: Asked, shape: Shape, setting: Setting) -> float:
    """Return the inputs that 4-bit Linears keep though nothing needs them."""
    if not asked.quantized or not setting.buffered_inputs:
        return 0.0
    return asked.compute * sum(
        linear.inputs * linear.count * shape.share(linear) for linear in shape.linears
    )


def _feed_forward(asked: Asked, shape: Shape, setting: Setting, wide: Widths) -> float:
    """Return the projections, and what the activation makes of them."""
    if setting.kernels is Kernels.FUSED:
        numbers = 2 if shape.gated else 1
    else:
        numbers = 3 if shape.gated else 1
        numbers += 3 if shape.architecture in SLOW_GELU else 0
    if asked.trains_all:  # an adapter keeps its input for itself
        numbers += 1
    total = numbers * wide.feed_forward
    if shape.experts:
        # Results of the experts, which are weighted, and the inputs that were gathered for them.
        total += shape.experts_per_token * wide.hidden * (2 if asked.trains_all else 1)
    return asked.compute * total / asked.tensor
