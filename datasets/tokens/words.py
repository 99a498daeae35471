"""Tokens counted word by word, since most words of a dataset have been seen before.

A word is what ``cutting`` says is encoded alike wherever it stands. It is encoded once, by the
encoder itself, and its count is remembered. Where that is not known, a text is encoded whole.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from .cutting import cutting
from .labels import Stretch, stretches

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MOST: Final = 200_000
"""Words whose counts are remembered, some 100 bytes each."""
_LONGEST: Final = 40
"""Characters of a word that is remembered; longer ones seldom come again."""
_LOOKED_INTO: Final = 10_000
"""Words whose tokens are remembered, because a learned part begins or ends within them."""
_BEGIN: Final = 2
"""Tokens at the beginning of a text that are looked at."""


class Encoded(NamedTuple):
    """The tokens of a text, each of them, and where in the text they stand."""

    ids: tuple[int, ...]
    offsets: tuple[Stretch, ...]

    @property
    def amount(self) -> int:
        """How many they are."""
        return len(self.ids)

    @property
    def begins(self) -> tuple[int, ...]:
        """The first two tokens."""
        return self.ids[:_BEGIN]

    def stretches(self, spans: Sequence[Stretch]) -> list[Stretch]:
        """Return the tokens that overlap spans of the text, as ``labels.stretches`` does."""
        return stretches(spans, self.offsets)


class WordTokens(NamedTuple):
    """The tokens of a text by its words, with what ``Encoded`` has, too.

    Attributes:
        words: the words.
        counts: how many tokens each has.
        encoded: gives the tokens of one.

    """

    words: Sequence[str]
    counts: Sequence[int]
    encoded: Callable[[str], Encoded]

    @property
    def amount(self) -> int:
        """How many they are."""
        return sum(self.counts)

    @property
    def begins(self) -> tuple[int, ...]:
        """The first two tokens."""
        ids: tuple[int, ...] = ()
        for word in self.words:
            ids += self.encoded(word).ids
            if len(ids) >= _BEGIN:
                break
        return ids[:_BEGIN]

    def stretches(self, spans: Sequence[Stretch]) -> list[Stretch]:
        """Return the tokens that overlap spans of the text, as ``labels.stretches`` does."""
        ends = list(accumulate(map(len, self.words)))
        tokens = list(accumulate(self.counts))
        found: list[Stretch] = []
        done = 0
        for start, stop in spans:
            first = max(self._first(ends, tokens, start, ends_behind=True), done)
            done = max(self._first(ends, tokens, stop, ends_behind=False), first)
            if first < done:
                found.append((first, done))
        return found

    def _first(self, ends: list[int], tokens: list[int], at: int, *, ends_behind: bool) -> int:
        """Return the first token that ends behind a place, or the first that begins there."""
        index = (bisect_right if ends_behind else bisect_left)(ends, at)
        if index == len(ends):
            return tokens[-1] if tokens else 0
        word = self.words[index]
        before, within = tokens[index] - self.counts[index], at - ends[index] + len(word)
        if ends_behind and not within:
            return before
        offsets = self.encoded(word).offsets
        if ends_behind:
            return before + bisect_left(offsets, within + 1, key=itemgetter(1))
        return before + bisect_left(offsets, within, key=itemgetter(0))


class WordEncoder:
    """Counts the tokens of texts."""

    def __init__(self, encoder: "Tokenizer") -> None:
        self._encoder = encoder
        self._cutting = cutting(encoder)
        self._counts: dict[str, int] = {}
        self._encoded = lru_cache(_LOOKED_INTO)(self.whole)
        tokens = encoder.get_added_tokens_decoder().values()
        self._added = {
            t.content for t in tokens if not (t.special and encoder.encode_special_tokens)
        }
        longest_first = sorted(self._added, key=len, reverse=True)
        self._special = re.compile(f"({'|'.join(map(re.escape, longest_first))})")

    @property
    def is_known(self) -> bool:
        """Whether the encoder is one that is known to work by words."""
        return self._cutting is not None

    def whole(self, text: str) -> Encoded:
        """Return the tokens of a text, each of them."""
        encoding = self._encoder.encode(text, add_special_tokens=False)
        return Encoded(tuple(encoding.ids), tuple(encoding.offsets))

    def encode(self, text: str) -> WordTokens:
        """Return the tokens of a text, counted."""
        if self._cutting is None:
            return self._one_word(text)
        words: list[str] = []
        find = self._cutting.words.findall
        for number, part in enumerate(self._special.split(text) if self._added else (text,)):
            words += [part] if number % 2 else find(part)
        try:
            counts = list(map(self._counts.__getitem__, words))
        except KeyError:
            unseen = set(words).difference(self._counts, self._added)
            if not all(map(self._cutting.keeps, unseen)):
                return self._one_word(text)
            counts = [self._count(word) for word in words]
        return WordTokens(words, counts, self._encoded)

    def _one_word(self, text: str) -> WordTokens:
        tokens = self.whole(text)
        return WordTokens([text], [tokens.amount], lambda _: tokens)

    def _count(self, word: str) -> int:
        count = self._counts.get(word)
        if count is None:
            count = len(self._encoder.encode(word, add_special_tokens=False))
            if len(word) <= _LONGEST or word in self._added:
                if len(self._counts) >= _MOST:
                    self._counts.clear()
                self._counts[word] = count
        return count
