"""Codes as people name them: `SFT211` in any case, its slug, or what several codes begin with."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from .streams import usage

if TYPE_CHECKING:
    from ..diagnostics.code import Code

_CODE: Final = re.compile(r"SFT\d*", re.IGNORECASE)


def named(word: str) -> "Sequence[Code]":
    """Return the codes that a word names: one, those that begin with it, or none."""
    from ..diagnostics.catalogue import CODES

    if found := CODES.get(word.upper()):
        return [found]
    if _CODE.fullmatch(word):
        return [code for code in CODES.values() if code.code.startswith(word.upper())]
    return [code for code in CODES.values() if code.slug == word.lower()]


def chosen(words: Sequence[str]) -> list[str]:
    """Return what `--select` or `--ignore` names as codes and prefixes; exit with 2 if unknown."""
    prefixes = []
    for word in words:
        found = named(word)
        if not found:
            usage(unknown(word))
        prefixes.append(word.upper() if _CODE.fullmatch(word) else found[0].code)
    return prefixes


def unknown(word: str) -> str:
    """Say that no code has this name, and which one was meant."""
    meant = [f"`{name}`" for name in _meant(word)[:3]]
    also = f"; did you mean {' or '.join(meant)}?" if meant else "; `sftc rule` lists them"
    kind = "code" if _CODE.fullmatch(word) else "code or name of a code"
    return f"there is no {kind} `{word}`{also}"


def _meant(word: str) -> list[str]:
    from ..diagnostics.catalogue import CODES
    from ..diagnostics.suggest import closest

    code = re.fullmatch(r"S?F?T?[-_ ]?(\d{3})\d*", word, re.IGNORECASE)
    if code and f"SFT{code[1]}" in CODES:  # a digit too many, or no letters
        return [f"SFT{code[1]}"]
    return closest(word.lower(), [entry.slug for entry in CODES.values()])
