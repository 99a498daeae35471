"""What a payload means where it says nothing: each default that shapes the result, once.

The trainer takes these, and what is written for other systems says them.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from .. import schemas
from ..diagnostics import KeyPath
from ..payloads import fields

CHOSEN: Final[Mapping[KeyPath, Any]] = {
    fields.LEARNING_RATE: 5e-5,
    fields.WEIGHT_DECAY: 0.0,
    fields.WARMUP_RATIO: 0.0,
    fields.LORA_RANK: 16,
    fields.LORA_ALPHA: 32,
    fields.LORA_DROPOUT: 0.0,
    fields.LORA_TARGET_MODULES: ["all-linear"],
}
"""What a field is where it is absent: chosen here, and told as a note."""

_LEAST: Final[Mapping[KeyPath, Any]] = {
    fields.N_EPOCHS: 1,
    fields.BF16: False,
    fields.FP16: False,
    fields.ACTIVATION_CHECKPOINTING: False,
}
"""What nobody asked for is not done, and nothing is done twice."""


@cache
def meant(path: KeyPath) -> Any:
    """Return what a field means where it is absent; None for nothing, such as no limit."""
    for known in (CHOSEN, _LEAST):
        if path in known:
            return known[path]
    *table, name = path
    said = schemas.load("forwarded")["properties"].get(name, {})
    return said.get("default") if tuple(table) == fields.HYPERPARAMETERS else None
