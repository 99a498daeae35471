"""Rows as a model sees them: tokens, and which of them count towards the loss.

It needs the libraries of the extra ``sftc[tokens]``, and neither torch nor transformers. What it
gives is what transformers' ``apply_chat_template`` gives for the same tokenizer and template.
"""

from typing import TYPE_CHECKING, Any

from .errors import TokenizerError
from .tokenizer import TokenizerFiles, load

if TYPE_CHECKING:
    from .counting import Counted, count_tokens, measure_tokens
    from .labels import IGNORED
    from .showing import ShownRow, shown_rows

__all__ = [
    "IGNORED",
    "Counted",
    "ShownRow",
    "TokenizerError",
    "TokenizerFiles",
    "count_tokens",
    "load",
    "measure_tokens",
    "shown_rows",
]


def __getattr__(name: str) -> Any:
    """Import what needs the extra when it is asked for: ``load`` says how to get it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import counting, labels, showing

    return next(getattr(room, name) for room in (counting, showing, labels) if hasattr(room, name))
