"""Whether the extra `train` is installed, found out without importing it."""

from importlib.util import find_spec
from typing import Final

_NEEDED: Final = ("torch", "transformers", "peft", "accelerate", "tokenizers", "jinja2")
"""What each training needs; bitsandbytes is only needed by some, whose recipe says so."""


def lack() -> str | None:
    """Return what is to be done about a library that is not installed."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if not missing:
        return None
    return f"training needs an extra: run pip install 'sftc[train]' ({missing[0]} is missing)"
