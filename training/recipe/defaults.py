"""What a trainer is told where a payload does not say: each default once.

Those of ``CHOSEN`` shape the result, so each is told as a note. Those of ``ALWAYS`` are how this
trainer works, and are set whatever the defaults of transformers are in a release.
"""

from collections.abc import Mapping
from typing import Any, Final

from ...diagnostics import KeyPath
from ...payloads import fields

CHOSEN: Final[Mapping[KeyPath, Any]] = {
    fields.LEARNING_RATE: 5e-5,
    fields.WEIGHT_DECAY: 0.0,
    fields.WARMUP_RATIO: 0.0,
    fields.LORA_RANK: 16,
    fields.LORA_ALPHA: 32,
    fields.LORA_DROPOUT: 0.0,
    fields.LORA_TARGET_MODULES: ["all-linear"],
}
"""What a field is where it is absent."""

ALWAYS: Final[Mapping[str, Any]] = {
    "average_tokens_across_devices": True,  # a step is the same, over however many processes
    "ddp_find_unused_parameters": False,  # each weight takes part in each step
    "disable_tqdm": True,
    "enable_jit_checkpoint": False,  # it returns as if the training were done
    "include_num_input_tokens_seen": "non_padding",  # tokens a second
    "logging_first_step": True,
    "logging_nan_inf_filter": False,  # a loss that is not a number must be seen
    "logging_strategy": "steps",
    "push_to_hub": False,
    "remove_unused_columns": False,  # the rows have none
    "report_to": "none",
}
"""Settings of each recipe."""
