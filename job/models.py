"""What models can do, by their Hugging Face names: data, in ``models.json``."""

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Model(NamedTuple):
    """One model, or a family.

    Attributes:
        context: ``max_position_embeddings`` of its config.json, in tokens.

    """

    context: int


def lookup(name: str) -> Model | None:
    """Return the model of a name, or None."""
    known = _known().items()
    return next((m for pattern, m in known if re.search(pattern, name, re.IGNORECASE)), None)


@cache
def _known() -> dict[str, Model]:
    found = json.loads(Path(__file__).with_name("models.json").read_bytes())
    return {pattern: Model(**facts) for pattern, facts in found.items()}
