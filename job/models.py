"""What is known of the models that jobs train, under their Hugging Face names.

The table is ``models.json``; what no public source confirmed is null there. A model that is not
in it has no default: its ``config.json`` is the authority.
"""

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

_FORMAT: Final = re.compile(
    r"[-_.](hf|gguf|gptq|awq|mlx|unsloth|dynamic|bnb|nf4|bf16|fp8|int[48]|[48]bit)(?=$|[-_.])"
)
"""How the weights are stored, at the end of the names of copies: ``-unsloth-bnb-4bit``."""


class Model(NamedTuple):
    """A published model."""

    family: str
    context: int | None
    """Tokens it reads: ``max_position_embeddings``, or what is documented; None: not confirmed."""

    shape: str | None
    """The name of its shape in ``shapes.json``; several models share one. None: not known."""

    source: str | None
    """Where the context is from; None: not confirmed."""


@lru_cache(maxsize=256)
def lookup(name: str) -> Model | None:
    """Return the model of a Hugging Face name, whoever keeps the copy; None for another name.

    ``unsloth/Qwen3-8B-unsloth-bnb-4bit`` is ``Qwen/Qwen3-8B`` in another format. A name with
    more words than the published one may be another model (``Yarn-Llama-2-7b-128k``): None.
    """
    word = name.strip().rstrip("/").rpartition("/")[2].lower()
    return _models().get(_FORMAT.sub("", word).removeprefix("meta-"))


@cache
def _models() -> dict[str, Model]:
    # Imported here because only a job with a rule about its model needs them.
    import json
    import pkgutil

    table = json.loads(pkgutil.get_data(__package__, "models.json") or b"")
    return {
        name.removeprefix("meta-"): Model(
            entry["family"], entry["context"], entry["shape"], entry["source"]
        )
        for entry in table["models"]
        for name in entry["names"]
    }
