"""How this trainer works: set whatever the defaults of transformers are in a release.

What a payload means where it says nothing is ``job.unsaid``'s.
"""

from collections.abc import Mapping
from typing import Any, Final

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
