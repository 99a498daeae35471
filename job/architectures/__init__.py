"""A model's ``config.json`` read as a shape: what each family of models makes of its keys.

Pure: it takes plain values. A key that could change the sizes, and that the family is not known to
have, is a reason to know nothing; no size is ever made up.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..shapes import Shape
from . import blocks, dense, mixtures, towers
from .facts import Facts, UnfamiliarError
from .traits import DENSE

__all__ = ["UnfamiliarError", "shape_of_config"]

_ALONE: Final[Mapping[str, Callable[[blocks.Draft], tuple[blocks.Heads, bool]]]] = {
    "gpt_neox": dense.gpt_neox,
    "falcon": dense.falcon,
    "gpt2": dense.gpt2,
    "deepseek_v2": mixtures.latent,
    "deepseek_v3": mixtures.latent,
}
"""The families that are not built like Llama: they add their blocks, and say whether they tie."""

_SIZES: Final = re.compile(
    r"expert|moe|mamba|ssm|conv|lora|laurel|altup|per_layer|_config$|cross|num_ln|num_codebooks|nextn|linear_"
    r"|n_inner|head_dim|norm_head|qk_|mlp_only"
)
"""Keys that say there is more in a model than its family has."""

_CAUSAL: Final = re.compile(r"(ForCausalLM|LMHeadModel|ForConditionalGeneration)$")
_ATTENTION: Final = frozenset({"full_attention", "sliding_attention", "chunked_attention"})
"""Kinds of layers that differ in what a token sees, and in no size."""

_HARMLESS: Final = re.compile(r"^(quantization_config|task_specific_params|id2label|label2id)$")


def shape_of_config(config: Mapping[str, Any], source: str) -> Shape:
    """Return the shape of the model that a ``config.json`` describes.

    Args:
        config: the plain values of the file, which may come from anywhere.
        source: where it is from, for whoever asks where the numbers are from.

    Raises:
        UnfamiliarError: the file does not say the shape in a way that is understood here.

    """
    facts = Facts(config)
    family = facts.word("model_type")
    if family is None:
        raise UnfamiliarError("its `model_type` is missing")
    _refuse_other_kinds(facts, family)
    if family == "gemma3":
        return _with_images(facts, source)
    if family not in DENSE and family not in _ALONE:
        raise UnfamiliarError(_unknown(facts, family))
    draft = blocks.draft(facts)
    heads, tied, rows = _blocks(draft, family)
    tied = facts.flag("tie_word_embeddings", default=tied)
    _refuse_more(facts, family)
    return draft.shape(heads, tied=tied, vocabulary=rows, source=source)


def _blocks(draft: blocks.Draft, family: str) -> tuple[blocks.Heads, bool, int]:
    """Add the blocks; return the heads, whether the family ties, and the vocabulary."""
    if family in _ALONE:
        heads, tied = _ALONE[family](draft)
        return heads, tied, draft.facts.count("vocab_size")
    traits, kind = DENSE[family], mixtures.MIXTURES.get(family)
    heads = mixtures.mixture(draft, traits, kind) if kind else dense.dense(draft, traits)
    return heads, traits.tied, dense.vocabulary(draft, traits)


def _with_images(facts: Facts, source: str) -> Shape:
    """Return the shape of Gemma 3 with its part that reads images."""
    text, images = facts.table("text_config"), facts.table("vision_config")
    family = text.word("model_type") or ""
    if family != "gemma3_text":
        raise UnfamiliarError(f"the architecture `{family[:60]}` is not supported")
    draft = blocks.draft(text)
    heads, tied, rows = _blocks(draft, family)
    towers.siglip(draft, images, draft.hidden)
    tied = facts.flag("tie_word_embeddings", default=tied)
    for part in (facts, text, images):
        _refuse_more(part, "gemma3")
    return draft.shape(heads, tied=tied, vocabulary=rows, source=source)


def _refuse_more(facts: Facts, family: str) -> None:
    more = [key for key in facts.unread() if _SIZES.search(key) and not _HARMLESS.search(key)]
    if more:
        raise UnfamiliarError(f"it has the key `{more[0][:60]}`, which is unknown for `{family}`")


def _refuse_other_kinds(facts: Facts, family: str) -> None:
    """Refuse what is no causal language model with attention in each block."""
    if facts.flag("is_encoder_decoder", default=False):
        raise UnfamiliarError("it is an encoder-decoder model")
    for name in facts.words("architectures"):
        if not _CAUSAL.search(name):
            raise UnfamiliarError(f"`{name[:60]}` is not a causal language model")
    for part in (facts, *([facts.table("text_config")] if family == "gemma3" else [])):
        for kind in part.words("layer_types"):
            if kind not in _ATTENTION:
                raise UnfamiliarError(f"layers of type `{kind[:60]}` are not supported")


def _unknown(facts: Facts, family: str) -> str:
    if facts.has("text_config"):
        return f"the non-text parts of `{family[:60]}` are not supported"
    return f"the architecture `{family[:60]}` is not supported"
