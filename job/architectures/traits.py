"""In what the families differ that are built like Llama: one line for each, as data.

The defaults are those of each family's configuration class in transformers 5.24, which hold for a
``config.json`` that leaves a key out, because it was written without what equals them.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from .blocks import Heads


class QueryNorm(Enum):
    """How queries and keys are normalised."""

    NONE = "none"
    SHARED = "shared"
    """One norm for all heads, of the width of one."""

    EACH = "each"
    """A norm over all heads."""


class Key(NamedTuple):
    """A switch of ``config.json``, and what it is where the file does not have it."""

    name: str
    default: bool = False


Switch: TypeAlias = bool | Key
"""Always so, or never; or the key that says it."""


class Traits(NamedTuple):
    """What is special about a family.

    Attributes:
        tied: whether the output layer is the embedding where the file does not say so.
        qkv_bias: whether queries, keys and values have a bias.
        output_bias: whether the attention's output has.
        mlp_bias: whether the feed-forward part has.
        norms: norms of a block.
        norm_bias: whether they are LayerNorms with a bias.
        query_norm: the norms of queries and keys.
        query_norms: whether these are there.
        head_size: features of a head where the file does not say so; None: they share the width.
        heads: the heads where the file does not say so.
        vocabulary: the same for the rows of the embedding.
        qkv: the name of the one projection of queries, keys and values; empty: there are three.
        output: the name of the attention's output.
        up: the names of the feed-forward part's projections into it; fused or not gated if one.
        down: the name of the projection out of it.
        gated: whether the feed-forward part multiplies two projections.
        head_bias: whether the output layer has a bias.

    """

    tied: bool = False
    qkv_bias: Switch = False
    output_bias: Switch = False
    mlp_bias: Switch = False
    norms: int = 2
    norm_bias: bool = False
    query_norm: QueryNorm = QueryNorm.NONE
    query_norms: Switch = True
    head_size: int | None = None
    heads: Heads | None = None
    vocabulary: int | None = None
    qkv: str = ""
    output: str = "o_proj"
    up: tuple[str, ...] = ("gate_proj", "up_proj")
    down: str = "down_proj"
    gated: bool = True
    head_bias: bool = False


_QKVO: Final = Key("attention_bias")
_BIASED: Final = Key("attention_bias", default=True)
_MLP: Final = Key("mlp_bias")
_ALL: Final = Key("use_bias", default=True)

DENSE: Final[Mapping[str, Traits]] = {
    "llama": Traits(qkv_bias=_QKVO, output_bias=_QKVO, mlp_bias=_MLP),
    "mistral": Traits(),
    "ministral": Traits(),
    "qwen2": Traits(qkv_bias=True),
    "qwen3": Traits(qkv_bias=_QKVO, output_bias=_QKVO, query_norm=QueryNorm.SHARED, head_size=128),
    "gemma": Traits(tied=True, qkv_bias=_QKVO, output_bias=_QKVO, head_size=256),
    "gemma2": Traits(tied=True, qkv_bias=_QKVO, output_bias=_QKVO, norms=4, head_size=256),
    "gemma3_text": Traits(
        tied=True,
        qkv_bias=_QKVO,
        output_bias=_QKVO,
        norms=4,
        query_norm=QueryNorm.SHARED,
        head_size=256,
        heads=Heads(8, 4, 256),
        vocabulary=262_208,
    ),
    "phi": Traits(
        qkv_bias=True,
        output_bias=True,
        mlp_bias=True,
        norms=1,
        norm_bias=True,
        query_norm=QueryNorm.SHARED,
        query_norms=Key("qk_layernorm"),
        output="dense",
        up=("fc1",),
        down="fc2",
        gated=False,
        head_bias=True,
    ),
    "phi3": Traits(qkv="qkv_proj", up=("gate_up_proj",)),
    "olmo": Traits(qkv_bias=_QKVO, output_bias=_QKVO, norms=0),
    "olmo2": Traits(qkv_bias=_QKVO, output_bias=_QKVO, query_norm=QueryNorm.EACH),
    "olmo3": Traits(qkv_bias=_QKVO, output_bias=_QKVO, query_norm=QueryNorm.EACH),
    "smollm3": Traits(tied=True, qkv_bias=_QKVO, output_bias=_QKVO, mlp_bias=_MLP),
    "granite": Traits(qkv_bias=_QKVO, output_bias=_QKVO, mlp_bias=_MLP),
    "stablelm": Traits(
        qkv_bias=Key("use_qkv_bias"),
        norm_bias=True,
        query_norm=QueryNorm.EACH,
        query_norms=Key("qk_layernorm"),
    ),
    "cohere": Traits(
        tied=True,
        qkv_bias=_QKVO,
        output_bias=_QKVO,
        norms=1,
        query_norm=QueryNorm.EACH,
        query_norms=Key("use_qk_norm"),
    ),
    "cohere2": Traits(tied=True, qkv_bias=_QKVO, output_bias=_QKVO, norms=1),
    "glm": Traits(qkv_bias=_BIASED, head_size=128, up=("gate_up_proj",)),
    "glm4": Traits(qkv_bias=_BIASED, norms=4, head_size=128, up=("gate_up_proj",)),
    "starcoder2": Traits(
        tied=True,
        qkv_bias=_ALL,
        output_bias=_ALL,
        mlp_bias=_ALL,
        norm_bias=True,
        up=("c_fc",),
        down="c_proj",
        gated=False,
    ),
    "seed_oss": Traits(
        qkv_bias=_BIASED, output_bias=Key("attention_out_bias"), mlp_bias=_MLP, head_size=128
    ),
    "exaone4": Traits(query_norm=QueryNorm.SHARED),
    "mixtral": Traits(),
    "olmoe": Traits(qkv_bias=_QKVO, output_bias=_QKVO, query_norm=QueryNorm.EACH),
    "qwen2_moe": Traits(qkv_bias=Key("qkv_bias", default=True)),
    "qwen3_moe": Traits(qkv_bias=_QKVO, output_bias=_QKVO, query_norm=QueryNorm.SHARED),
    "gpt_oss": Traits(qkv_bias=_BIASED, output_bias=_BIASED, head_size=64),
    "granitemoe": Traits(qkv_bias=_QKVO, output_bias=_QKVO),
}
