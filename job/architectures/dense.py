"""Attention and feed-forward parts of the families that are built like Llama."""

from .blocks import Draft, Heads, divided, heads
from .facts import Facts, UnfamiliarError
from .traits import QueryNorm, Switch, Traits


def is_on(facts: Facts, switch: Switch) -> bool:
    """Whether a family, or its file, has something."""
    return switch if isinstance(switch, bool) else facts.flag(switch.name, default=switch.default)


def attention(draft: Draft, traits: Traits) -> Heads:
    """Add the attention of all blocks, and its norms."""
    found = heads(draft.facts, draft.hidden, traits.head_size, traits.heads)
    query, key_value = found.query * found.size, found.key_value * found.size
    has_bias = is_on(draft.facts, traits.qkv_bias)
    if traits.qkv:
        draft.linear(traits.qkv, draft.hidden, query + 2 * key_value, draft.layers, bias=has_bias)
    else:
        for name, width in (("q_proj", query), ("k_proj", key_value), ("v_proj", key_value)):
            draft.linear(name, draft.hidden, width, draft.layers, bias=has_bias)
    has_bias = is_on(draft.facts, traits.output_bias)
    draft.linear(traits.output, query, draft.hidden, draft.layers, bias=has_bias)
    if traits.query_norm is not QueryNorm.NONE and is_on(draft.facts, traits.query_norms):
        if traits.query_norm is QueryNorm.SHARED:
            draft.norm(found.size, 2 * draft.layers, bias=traits.norm_bias)
        else:
            draft.norm(query + key_value, draft.layers)
    return found


def feed_forward(
    draft: Draft, traits: Traits, width: int, count: int, names: tuple[str, ...] | None = None
) -> None:
    """Add so many feed-forward parts of a width.

    Args:
        draft: what they are added to.
        traits: those of the family.
        width: features inside.
        count: how many.
        names: the projections into it, where a part has others than the family.

    """
    up = names or traits.up
    has_bias = is_on(draft.facts, traits.mlp_bias)
    inside = 2 * width // len(up) if traits.gated else width
    for name in up:
        draft.linear(name, draft.hidden, inside, count, bias=has_bias)
    draft.linear(traits.down, width, draft.hidden, count, bias=has_bias)


def norms(draft: Draft, traits: Traits) -> None:
    """Add the norms of the blocks, and the one after them."""
    each = traits.norms
    if each == 2 and draft.facts.flag("use_parallel_residual", default=False):  # noqa: PLR2004
        each = 1  # one norm before both parts: StableLM
    if each:
        draft.norm(draft.hidden, each * draft.layers + 1, bias=traits.norm_bias)


def vocabulary(draft: Draft, traits: Traits) -> int:
    """Return the rows of the embedding; the output layer's bias is added."""
    rows = draft.facts.count("vocab_size", default=traits.vocabulary)
    if traits.head_bias:
        draft.others += rows
    return rows


def dense(draft: Draft, traits: Traits) -> Heads:
    """Add the blocks of a dense model."""
    found = attention(draft, traits)
    draft.intermediate = draft.facts.count("intermediate_size")
    draft.gated = traits.gated
    feed_forward(draft, traits, draft.intermediate, draft.layers)
    norms(draft, traits)
    return found


def gpt_neox(draft: Draft) -> tuple[Heads, bool]:
    """Add the blocks of GPT-NeoX and Pythia."""
    facts, hidden, layers = draft.facts, draft.hidden, draft.layers
    query = facts.count("num_attention_heads")
    has_bias = facts.flag("attention_bias", default=True)
    draft.linear("query_key_value", hidden, 3 * hidden, layers, bias=has_bias)
    draft.linear("dense", hidden, hidden, layers, bias=has_bias)
    _four_h(draft, facts.count("intermediate_size"), has_bias=True)
    draft.norm(hidden, 2 * layers + 1, bias=True)
    facts.read.add("use_parallel_residual")  # changes the order, and no parameter
    return Heads(query, query, divided(hidden, query)), False


def falcon(draft: Draft) -> tuple[Heads, bool]:
    """Add the blocks of Falcon: one key and value head, or several in the newer architecture."""
    facts, hidden, layers = draft.facts, draft.hidden, draft.layers
    query = facts.count("num_attention_heads", "n_head")
    size = divided(hidden, query)
    is_newer = facts.flag("new_decoder_architecture", default=False)
    is_single = facts.flag("multi_query", default=True)
    keys = facts.count("num_kv_heads", "n_head_kv", default=query)
    if not is_newer:
        keys = 1 if is_single else query
    has_bias = facts.flag("bias", default=False)
    draft.linear("query_key_value", hidden, (query + 2 * keys) * size, layers, bias=has_bias)
    draft.linear("dense", hidden, hidden, layers, bias=has_bias)
    _four_h(draft, facts.count("ffn_hidden_size", default=4 * hidden), has_bias=has_bias)
    each = 2
    if is_newer or facts.flag("parallel_attn", default=True):
        each = facts.count("num_ln_in_parallel_attn", default=2 if is_newer else 1)
    draft.norm(hidden, each * layers + 1, bias=True)
    return Heads(query, keys, size), True


def _four_h(draft: Draft, width: int, *, has_bias: bool) -> None:
    draft.intermediate, draft.gated = width, False
    draft.linear("dense_h_to_4h", draft.hidden, width, draft.layers, bias=has_bias)
    draft.linear("dense_4h_to_h", width, draft.hidden, draft.layers, bias=has_bias)


def gpt2(draft: Draft) -> tuple[Heads, bool]:
    """Add the blocks of GPT-2, and its embedding of positions."""
    facts, hidden, layers = draft.facts, draft.hidden, draft.layers
    query = facts.count("n_head")
    if facts.flag("add_cross_attention", default=False):
        raise UnfamiliarError("it has cross-attention")
    draft.intermediate, draft.gated = facts.count("n_inner", default=4 * hidden), False
    draft.linear("c_attn", hidden, 3 * hidden, layers, bias=True)
    draft.linear("c_proj", hidden, hidden, layers, bias=True)
    draft.linear("c_fc", hidden, draft.intermediate, layers, bias=True)
    draft.linear("c_proj", draft.intermediate, hidden, layers, bias=True)
    draft.norm(hidden, 2 * layers + 1, bias=True)
    draft.others += facts.count("n_positions", "n_ctx") * hidden
    return Heads(query, query, divided(hidden, query)), True
