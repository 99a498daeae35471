"""Which known word somebody meant: of keys, only what is certainly a slip of the hand.

A key that is read as another changes a job, so the names of settings that trainers really
have (``trainer-settings.json``, made by ``tools/trainer_settings.py``) are never slips.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

_CLOSE: Final = 0.78
"""The least likeness (0..1, difflib's ratio) of a word with more than one slip."""

_SHORTEST: Final = 3
"""Letters of the shortest word in which ``closest`` looks for a slip."""

_SHORT: Final = 4
"""Letters from which on a key may have a slip that is no swap."""

_LONG: Final = 10
"""Letters from which on a key may have two slips, or a slip and a joiner left out."""

_MOST: Final = 2
"""The most slips of a name."""

_JOINERS: Final = re.compile(r"[-_.\s]+")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class _Key(NamedTuple):
    """A name in comparable form."""

    name: str
    parts: tuple[str, ...]
    """Its words in lower case: ``learningRate`` has ``learning`` and ``rate``."""

    letters: str
    """Its words in one."""

    digits: str

    mask: int
    """A bit for each letter that occurs: names that differ in many are not compared."""


def slips(word: str, known: Collection[str]) -> list[str]:
    """Return the known keys that ``word`` is a slip of the hand for; two or more are equally near.

    A slip is another case or joiner (``learningRate``), or one letter too many, missing, wrong
    or swapped with its neighbour inside a word (``lerning_rate``); two of them in a name of ten
    letters or more. Names that differ by a word or a digit (``min_learning_rate``, ``fsdp2``),
    that a letter makes another word of settings (``val_path``, not ``eval_path``), or that a
    trainer really has (``cpu_count``), are different settings. The first letter of a word of
    up to three letters, at the start of a name four, is never a wrong one: ``hpu_type``.

    Args:
        word: a key that is not known.
        known: the keys of its table. Asking often with the same keys is cheap.

    """
    keys, longest = _prepared(tuple(known))
    if word in known or len(word) > 2 * longest:
        return []
    written = _key(word)
    same = [key.name for key in keys if key.letters == written.letters]
    if same or not written.letters:
        return same
    near = [
        (distance, key.name)
        for key in keys
        # Cheap first: a slip changes the length by one letter, and at most two that occur.
        if abs(len(key.letters) - len(written.letters)) <= _MOST
        and (key.mask ^ written.mask).bit_count() <= 2 * _MOST
        and (distance := _distance(written, key))
    ]
    if not near or "_".join(written.parts) in _settings():
        return []
    least = min(near)[0]
    return [name for distance, name in near if distance == least]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that ``word`` is most likely a slip for, or None; see ``closest``."""
    return next(iter(closest(word, known)), None)


def closest(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words, of files or commands, that differ from ``word`` by a slip.

    That is one letter too many, missing, wrong, or swapped with its neighbour; where no word is
    that near, the one that is a little further, if it is long. Case does not count, nor whether
    ``-`` or ``_`` joins the parts. For keys, see ``slips``.
    """
    wanted, tuned = _plain(word), _comparable(tuple(known))
    near = [
        candidate
        for candidate, plain, _ in tuned
        if candidate != word
        and (
            wanted == plain
            or (
                abs(len(wanted) - len(plain)) <= 1
                and min(len(wanted), len(plain)) >= _SHORTEST
                and _one_slip(wanted, plain)
            )
        )
    ]
    return near or _likest(
        wanted, {p: c for c, p, other in tuned if c != word and _may_be(wanted, p, other)}
    )


def _may_be(word: str, known: str, others: Mapping[int, None]) -> bool:
    """Whether two words may be as alike as it takes, by the letters that they share."""
    shared = len(word) - len(word.translate(others))
    return 2 * min(shared, len(known)) >= _CLOSE * (len(word) + len(known))


def _likest(word: str, known: Mapping[str, str]) -> list[str]:
    if not known:
        return []
    # Imported here because only a wrong word needs it.
    from difflib import get_close_matches

    return [known[match] for match in get_close_matches(word, known, n=1, cutoff=_CLOSE)]


@lru_cache(maxsize=256)
def _comparable(known: tuple[str, ...]) -> list[tuple[str, str, Mapping[int, None]]]:
    """Return known words, each with its comparable form and a table that takes its letters out."""
    plain = {_plain(name): name for name in known}  # of two names that read alike, the later
    return [(name, word, dict.fromkeys(map(ord, word))) for word, name in plain.items()]


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").strip()


@lru_cache(maxsize=256)
def _prepared(known: tuple[str, ...]) -> tuple[list[_Key], int]:
    return [_key(name) for name in known], max(map(len, known), default=0)


def _key(name: str) -> _Key:
    snake = name if name.islower() else _CAMEL.sub("_", name).lower()
    parts = tuple(filter(None, _JOINERS.split(snake)))
    letters = "".join(parts)
    mask = 0
    for letter in set(letters):
        mask |= 1 << (ord(letter) & 31)
    return _Key(name, parts, letters, "".join(filter(str.isdigit, letters)), mask)


def _distance(word: _Key, key: _Key) -> int | None:
    """Return the number of slips, 1 or 2, that make ``word`` of a key; None for more."""
    if word.digits != key.digits:
        swapped = sorted(word.digits) == sorted(key.digits) and _swapped(word.letters, key.letters)
        return 1 if swapped and len(word.parts) == len(key.parts) else None
    if len(key.letters) < _SHORT:
        return (
            1
            if _swapped(word.letters, key.letters) or _doubled(word.letters, key.letters)
            else None
        )
    if len(word.parts) < len(key.parts):  # a joiner was left out
        joined = len(key.letters) >= _LONG and _one_slip(word.letters, key.letters)
        return 2 if joined else None
    if len(word.parts) > len(key.parts):
        return None
    pairs = enumerate(zip(word.parts, key.parts, strict=True))
    counts = [_slips_in(*pair, short=_SHORT if at == 0 else _SHORT - 1) for at, pair in pairs]
    total = sum(count or 0 for count in counts)
    if None in counts or total > (_MOST if len(key.letters) >= _LONG else 1):
        return None
    return total


def _slips_in(word: str, known: str, *, short: int) -> int | None:
    """Return how many slips make one word of a name another, or None.

    In a word of up to ``short`` letters the first is never a wrong one: see ``slips``.
    """
    if word == known:
        return 0
    if _one_slip(word, known):
        count, possible = 1, len(known) > short or _begins_alike(word, known)
    else:
        count, possible = 2, len(known) >= _LONG - 2 and _two_slips(word, known)
    if not possible:
        return None
    certain = word == known + "s" or word + "s" == known or _swapped(word, known)
    other = len(word) >= _SHORTEST and word in _words()
    return count if certain or not other else None


def _begins_alike(word: str, known: str) -> bool:
    """Whether a slip leaves the first letter of a word, or swaps, doubles or drops it."""
    if word == known[1:] or _swapped(word, known):
        return True
    return word[0] == known[0] and (len(known) > 1 or word == known * 2)


def _two_slips(word: str, known: str) -> bool:
    """Whether one letter of ``word`` more, less, other or swapped leaves one slip."""
    at = _first_difference(word, known)
    a, b = word[at:], known[at:]
    rest = [(a[1:], b), (a, b[1:]), (a[1:], b[1:])]
    if _swapped(a[:2], b[:2]):
        rest.append((a[2:], b[2:]))
    return any(x == y or _one_slip(x, y) for x, y in rest)


def _one_slip(word: str, known: str) -> bool:
    """Whether two different words are one letter apart, or two neighbours swapped."""
    if abs(len(word) - len(known)) > 1:
        return False
    at = _first_difference(word, known)
    a, b = word[at:], known[at:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or _swapped(a, b)


def _doubled(word: str, known: str) -> bool:
    """Whether a short word has a letter twice, or the plural's."""
    return word == f"{known}s" or any(
        word == known[:at] + known[at] + known[at:] for at in range(len(known))
    )


def _swapped(word: str, known: str) -> bool:
    at = _first_difference(word, known)
    a, b = word[at:], known[at:]
    return len(a) > 1 and a[1::-1] == b[:2] and a[2:] == b[2:]


def _first_difference(word: Sequence[str], known: Sequence[str]) -> int:
    at = 0
    for x, y in zip(word, known, strict=False):  # up to the end of the shorter
        if x != y:
            break
        at += 1
    return at


@cache
def _settings() -> frozenset[str]:
    """Return the names of settings that trainers have."""
    # Imported here because only a slip needs them; importlib.resources takes ten times as long.
    import json
    import pkgutil

    text = pkgutil.get_data(__package__, "trainer-settings.json") or b"{}"
    return frozenset().union(*json.loads(text).values())


@cache
def _words() -> frozenset[str]:
    """Return the words that those names are made of."""
    return frozenset("_".join(_settings()).split("_"))
