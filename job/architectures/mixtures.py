"""Mixtures of experts, with grouped or with latent attention."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from .blocks import Draft, Heads
from .dense import attention, feed_forward, norms
from .facts import Facts, UnfamiliarError
from .traits import Key, Traits

_LATENT: Final = Traits(mlp_bias=Key("mlp_bias"))

STACKED: Final = ("experts.gate_up_proj", "experts.down_proj")
"""Experts that no adapter reaches by the name of a module: PEFT does not know them by any."""


class Mixture(NamedTuple):
    """Where a family's file says its experts.

    Attributes:
        experts: the key of how many a layer has.
        width: the key of the width of one.
        names: the projections of one, as adapters have known them: gate, up, down. Or stacked.
        biased: whether the experts and the router have biases, and the attention sinks: GPT-OSS.
        shared: the key of the width of an expert for every token, with a gate; empty: none.
        sparse: which of so many layers have experts.

    """

    experts: str
    width: str
    names: tuple[str, ...] = ("gate_proj", "up_proj", "down_proj")
    biased: bool = False
    shared: str = ""
    sparse: Callable[[Facts, int], int] = lambda _, layers: layers


def _every(facts: Facts, layers: int) -> int:
    """Return how many layers have experts: each ``decoder_sparse_step``-th, but for some."""
    step = facts.count("decoder_sparse_step", default=1)
    without = facts.indices("mlp_only_layers")
    return sum((index + 1) % step == 0 and index not in without for index in range(layers))


_TOKEN: Final = ("num_experts_per_tok", "experts_per_token", "num_experts_per_token")

MIXTURES: Final[Mapping[str, Mixture]] = {
    "mixtral": Mixture("num_local_experts", "intermediate_size", names=("w1", "w3", "w2")),
    "olmoe": Mixture("num_experts", "intermediate_size"),
    "qwen2_moe": Mixture(
        "num_experts",
        "moe_intermediate_size",
        STACKED,
        shared="shared_expert_intermediate_size",
        sparse=_every,
    ),
    "qwen3_moe": Mixture("num_experts", "moe_intermediate_size", sparse=_every),
    "gpt_oss": Mixture("num_local_experts", "intermediate_size", STACKED, biased=True),
    "granitemoe": Mixture("num_local_experts", "intermediate_size", STACKED),
}


def mixture(draft: Draft, traits: Traits, kind: Mixture) -> Heads:
    """Add the blocks of a mixture with the attention of its family."""
    facts = draft.facts
    found = attention(draft, traits)
    sparse = kind.sparse(facts, draft.layers)
    _experts(draft, kind, sparse)
    if kind.shared:
        feed_forward(draft, traits, facts.count(kind.shared), sparse)
        draft.linear("shared_expert_gate", draft.hidden, 1, sparse)
    if sparse < draft.layers:
        feed_forward(draft, traits, facts.count("intermediate_size"), draft.layers - sparse)
    norms(draft, traits)
    if kind.biased:
        each = draft.experts * (2 * draft.intermediate + draft.hidden + 1) + found.query
        draft.others += each * draft.layers
    return found


def _experts(draft: Draft, kind: Mixture, layers: int) -> None:
    """Add the routed experts of so many layers, and their routers."""
    facts, hidden = draft.facts, draft.hidden
    draft.experts = facts.count(kind.experts)
    draft.experts_per_token = facts.count(*_TOKEN)
    if draft.experts_per_token > draft.experts:
        raise UnfamiliarError(
            f"it routes a token to {draft.experts_per_token} of {draft.experts} experts"
        )
    width = draft.intermediate = facts.count(kind.width)
    count = draft.experts * layers
    *into, out = kind.names
    for name in into:
        draft.routed(name, hidden, 2 * width // len(into), count)
    draft.routed(out, width, hidden, count)
    draft.others += draft.experts * hidden * layers


def latent(draft: Draft) -> tuple[Heads, bool]:
    """Add the blocks of DeepSeek-V2 and V3: multi-head latent attention, shared experts.

    Source: https://arxiv.org/abs/2405.04434, section 2.1. The head that predicts a second token
    is not trained by this: transformers leaves it out.
    """
    facts = draft.facts
    facts.read.add("num_nextn_predict_layers")
    if facts.count("moe_layer_freq", default=1) != 1:
        raise UnfamiliarError("not every layer is a mixture of experts: `moe_layer_freq`")
    found = _latent_attention(draft)
    dense = min(facts.count("first_k_dense_replace", least=0), draft.layers)
    sparse = draft.layers - dense
    kind = Mixture("n_routed_experts", "moe_intermediate_size")
    _experts(draft, kind, sparse)
    if shared := facts.count("n_shared_experts", least=0):
        feed_forward(draft, _LATENT, shared * draft.intermediate, sparse)
    feed_forward(draft, _LATENT, facts.count("intermediate_size"), dense)
    norms(draft, _LATENT)
    return found, False


def _latent_attention(draft: Draft) -> Heads:
    facts, hidden, layers = draft.facts, draft.hidden, draft.layers
    query = facts.count("num_attention_heads")
    rotary, plain = facts.count("qk_rope_head_dim"), facts.count("qk_nope_head_dim")
    value, rank = facts.count("v_head_dim"), facts.count("kv_lora_rank")
    has_bias = facts.flag("attention_bias", default=False)
    if facts.has("q_lora_rank"):
        narrow = facts.count("q_lora_rank")
        draft.linear("q_a_proj", hidden, narrow, layers, bias=has_bias)
        draft.norm(narrow, layers)
        draft.linear("q_b_proj", narrow, query * (plain + rotary), layers)
    else:
        draft.linear("q_proj", hidden, query * (plain + rotary), layers)
    draft.linear("kv_a_proj_with_mqa", hidden, rank + rotary, layers, bias=has_bias)
    draft.norm(rank, layers)
    draft.linear("kv_b_proj", rank, query * (plain + value), layers)
    draft.linear("o_proj", query * value, hidden, layers, bias=has_bias)
    facts.read.update({"num_key_value_heads", "head_dim"})
    return Heads(query, query, plain + rotary)
