"""All that is remembered of the schemas, forgotten at once."""

import sys
from typing import Any


def caches() -> list[Any]:
    """Return every cached function of the package that has been imported, wherever it is."""
    modules = [module for name, module in list(sys.modules.items()) if name.split(".")[0] == "sftc"]
    found = {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if hasattr(value, "cache_clear")
    }
    return list(found.values())


def forget() -> None:
    """Have every schema read again, and all that is made from one made again."""
    for cached in caches():
        cached.cache_clear()
