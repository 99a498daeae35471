"""Which known word somebody meant."""

from collections.abc import Iterable
from typing import Final

_CLOSE: Final = 0.78
"""The least likeness (0..1, difflib's ratio) of a word with more than one slip."""

_SHORTEST: Final = 3


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that ``word`` is most likely a slip for, or None; see ``closest``."""
    return next(iter(closest(word, known)), None)


def closest(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that differ from ``word`` by a slip of the keyboard.

    That is one letter too many, missing, wrong, or changed with its neighbour; where no word is
    that near, the one that is a little further, if it is long. Case does not count, nor whether
    ``-`` or ``_`` joins the parts.
    """
    # Imported here because only a wrong config needs it.
    from difflib import get_close_matches

    plain = {_plain(candidate): candidate for candidate in known if candidate != word}
    wanted = _plain(word)
    slips = [candidate for candidate in plain if _one_slip(wanted, candidate)]
    matches = slips or get_close_matches(wanted, plain, n=1, cutoff=_CLOSE)
    return [plain[match] for match in matches]


def _one_slip(word: str, known: str) -> bool:
    """Whether a word of at least three letters is at most one edit away."""
    if min(len(word), len(known)) < _SHORTEST:
        return word == known
    pairs = enumerate(zip(word, known, strict=False))  # up to the end of the shorter
    same = next((at for at, (x, y) in pairs if x != y), min(len(word), len(known)))
    a, b = word[same:], known[same:]
    swapped = a[1::-1] == b[:2] and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or swapped


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").strip()
