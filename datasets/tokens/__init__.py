"""Rows as a model sees them: tokens, and which of them are learned.

It needs the libraries of the extra ``sftc[tokens]``, and neither torch nor transformers. What it
gives is what transformers' ``apply_chat_template`` gives for the same tokenizer and template.
"""

from .counting import Counted, count_tokens, measure_tokens
from .errors import TokenizerError
from .labels import IGNORED
from .showing import ShownRow, shown_rows
from .tokenizer import TokenizerFiles, load

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
