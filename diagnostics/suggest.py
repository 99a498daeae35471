"""Which known word somebody meant."""

from collections.abc import Iterable
from typing import Final

_CLOSE: Final = 0.78
"""The least likeness (0..1, difflib's ratio): one slip in a word of five letters."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that differs from ``word`` by a slip of the keyboard, or None.

    Case does not count, nor whether ``-`` or ``_`` joins the parts.
    """
    # Imported here because only a wrong config needs it.
    from difflib import get_close_matches

    plain = {_plain(candidate): candidate for candidate in known if candidate != word}
    matches = get_close_matches(_plain(word), plain, n=1, cutoff=_CLOSE)
    return plain[matches[0]] if matches else None


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").strip()
