"""The cache in which huggingface_hub keeps downloaded models."""

import os
from collections.abc import Mapping


def cached_model(name: str, environment: Mapping[str, str]) -> str:
    """Return the folder of a model in the cache, be it there or not.

    Args:
        name: the model's name on the hub, such as ``Qwen/Qwen3-4B``.
        environment: the variables that say where the cache is, as ``huggingface_hub.constants``
            reads them; an empty one counts as absent.

    """
    folder = environment.get("HF_HUB_CACHE") or environment.get("HUGGINGFACE_HUB_CACHE")
    if not folder:
        above = environment.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
        home = environment.get("HF_HOME") or os.path.join(above, "huggingface")
        folder = os.path.join(home, "hub")
    folder = os.path.expandvars(os.path.expanduser(folder))
    return os.path.join(folder, f"models--{name.replace('/', '--')}")
