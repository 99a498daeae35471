"""The parts of a model that read images: what they weigh, though text passes them by."""

from .blocks import Draft
from .facts import Facts, UnfamiliarError

_CHANNELS = 3


def siglip(draft: Draft, facts: Facts, text_width: int) -> None:
    """Add the image tower of Gemma 3, and what projects it into the text.

    Source: transformers 5.24, modeling_siglip.py and modeling_gemma3.py.
    """
    if facts.word("model_type") != "siglip_vision_model":
        raise UnfamiliarError("its vision tower is not supported")
    if facts.flag("vision_use_head", default=True):
        raise UnfamiliarError("its vision tower has a head of its own")
    layers, width = facts.count("num_hidden_layers"), facts.count("hidden_size")
    inside = facts.count("intermediate_size")
    for name in ("k_proj", "v_proj", "q_proj", "out_proj"):
        draft.apart(name, width, width, layers)
    draft.apart("fc1", width, inside, layers)
    draft.apart("fc2", inside, width, layers)
    draft.norm(width, 2 * layers + 1, bias=True)
    patch = facts.count("patch_size")
    side = facts.count("image_size") // patch
    draft.others += width * (facts.count("num_channels", default=_CHANNELS) * patch * patch + 1)
    draft.others += width * side * side
    draft.others += width * text_width + width  # the projection, and its norm
