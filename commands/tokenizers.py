"""The tokenizer that a command is asked to use."""

from pathlib import Path
from typing import TYPE_CHECKING

from .streams import say, usage

if TYPE_CHECKING:
    from ..datasets.tokens import TokenizerFiles


def loaded(name: str, template: Path | None) -> "TokenizerFiles":
    """Return a tokenizer; exit with 2 if it cannot be used."""
    from ..datasets.tokens import TokenizerError, load

    try:
        return load(name, template)
    except TokenizerError as error:
        usage(str(error))


def loaded_if_possible(name: str) -> "TokenizerFiles | None":
    """Return a tokenizer; if it cannot be used, say why."""
    from ..datasets.tokens import TokenizerError, load

    try:
        return load(name, None)
    except TokenizerError as error:
        say(f"sftc: tokens are not counted: {error}")
        return None
