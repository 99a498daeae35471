"""A good payload, and the same with a few values written into it."""

from copy import deepcopy
from typing import Any, Final

GOOD: Final[dict[str, Any]] = {
    "model": "Qwen/Qwen3-4B",
    "training_type": "sft_offline",
    "hyperparameters": {"n_epochs": 1},
    "metadata": {
        "effective_config": {
            "compute": {"gpu_type": "H100"},
            "data": {"topology": {}},
            "training": {},
        }
    },
    "training_file_id": None,
}


def edited(*edits: dict[str, Any]) -> dict[str, Any]:
    """Return the good payload with values at dotted paths."""
    payload = deepcopy(GOOD)
    for path, value in (item for edit in edits for item in edit.items()):
        *above, key = path.split(".")
        table = payload
        for part in above:
            table = table.setdefault(part, {})
        table[key] = value
    return payload
