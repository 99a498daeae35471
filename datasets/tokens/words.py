"""Tokens counted word by word, since most words of a dataset have been seen before.

Byte-level encoders cut a text into words first, and no token reaches from one word into the next.
So a word is encoded once, by the encoder itself, and remembered. This is several times as fast,
and it is done only for encoders that are known to work so, and for characters that this encoder
is seen to cut as it does an ASCII letter, digit, space or sign. Anything else is encoded whole.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .labels import Stretch

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MOST: Final = 200_000
"""Words that are remembered, some 200 bytes each."""
_LONGEST: Final = 40
"""Characters of a word that is remembered; longer ones seldom come again."""
BEGIN: Final = 2
"""Tokens at the beginning of a text that are looked at."""
_SPACE: Final = r"\t\n\x0b\x0c\r "
_GPT2: Final = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_DIGITS: Final = r"\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?![^\s\p{N}])|\s+"
"""The same where each digit was set apart before."""
_LIKE_GPT4: Final = frozenset(
    rf"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{digits}| "
    r"?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    for digits in ("", "{1,3}")
)
"""What Llama 3, Qwen and others cut with."""
_CLASSES: Final = "a1!\x0b"
"""A character of each kind that these patterns tell apart; none is part of `'s` and its like."""
_AROUND: Final = (
    "a{0}a", "1{0}1", " {0}a", "!{0}!", "{0}{0}", "a{0}", "{0}\n", "  {0}", "'{0}", "{0} 1", "\n{0}"
)  # fmt: skip
"""Surroundings in which those are cut differently."""


class WordTokens(NamedTuple):
    """The tokens of a text.

    Attributes:
        amount: how many they are.
        words: the words, as offsets of their tokens.
        begins: the first two tokens.
        lengths: the characters of each word.

    """

    amount: int
    words: Sequence[tuple[Stretch, ...]]
    begins: tuple[int, ...]
    lengths: Sequence[int]

    def stretches(self, spans: Sequence[Stretch]) -> list[Stretch]:
        """Return the tokens that overlap spans of the text, as ``labels.stretches`` does."""
        ends = list(accumulate(self.lengths))
        tokens = list(accumulate(map(len, self.words)))
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
        word = (bisect_right if ends_behind else bisect_left)(ends, at)
        if word == len(ends):
            return self.amount
        offsets, within = self.words[word], at - ends[word] + self.lengths[word]
        before = tokens[word] - len(offsets)
        if ends_behind:
            return before + bisect_left(offsets, within + 1, key=itemgetter(1))
        return before + bisect_left(offsets, within, key=itemgetter(0))


class WordEncoder:
    """Counts the tokens of texts."""

    def __init__(self, encoder: "Tokenizer") -> None:
        """Find out how an encoder cuts texts into words."""
        self._encoder = encoder
        self._known: dict[str, tuple[Stretch, ...]] = {}
        self._alike = {code: chr(code) for code in range(128)}
        self._met = set(self._alike.values())
        self._unlike: set[str] = set()
        described = json.loads(encoder.to_str())
        self._cut = _cut(described)
        self._special = _added(described["added_tokens"])
        self._patterns: dict[tuple[Any, ...], str] = {}
        if self._cut is not None:
            self._patterns = {self._pattern(char): char for char in _CLASSES}
            if len(self._patterns) < len(_CLASSES):
                self._cut = None

    @property
    def is_known(self) -> bool:
        """Whether the encoder is one that is known to work by words."""
        return self._cut is not None

    def encode(self, text: str) -> WordTokens:
        """Return the tokens of a text."""
        words = self._words(text, self._cut) if self._cut is not None else None
        if words is None:
            encoding = self._encoder.encode(text, add_special_tokens=False)
            begins = tuple(encoding.ids[:BEGIN])
            return WordTokens(len(encoding), [tuple(encoding.offsets)], begins, [len(text)])
        known = self._known
        try:
            tokens = [known[word] for word in words]
        except KeyError:
            tokens = [known.get(word) or self._learn(word) for word in words]
        ids: list[int] = []
        for word in words:
            if len(ids) >= BEGIN:
                break
            ids += self._encoder.encode(word, add_special_tokens=False).ids
        amount = sum(map(len, tokens))
        return WordTokens(amount, tokens, tuple(ids[:BEGIN]), list(map(len, words)))

    def _learn(self, word: str) -> tuple[Stretch, ...]:
        offsets = tuple(self._encoder.encode(word, add_special_tokens=False).offsets)
        if len(word) <= _LONGEST:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[word] = offsets
        return offsets

    def _words(self, text: str, cut: "re.Pattern[str]") -> list[str] | None:
        """Return a text cut into words; None if it holds what is cut in an unknown way."""
        found: list[str] = []
        parts = self._special.split(text) if self._special else [text]
        for number, part in enumerate(parts):
            if number % 2:  # an added token
                found.append(part)
            elif part.isascii():
                found += cut.findall(part)
            else:
                shadow = self._shadow(part)
                if shadow is None:
                    return None
                ends = list(accumulate(map(len, cut.findall(shadow))))
                found += [part[start:end] for start, end in pairwise([0, *ends])]
        return found

    def _shadow(self, text: str) -> str | None:
        """Return a text with each character replaced by an ASCII one that is cut alike."""
        for char in set(text).difference(self._met):
            self._met.add(char)
            # A long s is an s to those who look at no case, as in what cuts off `'s`.
            alike = None if char.casefold().isascii() else self._patterns.get(self._pattern(char))
            if alike is None:
                self._unlike.add(char)
            else:
                self._alike[ord(char)] = alike
        return None if self._unlike.intersection(text) else text.translate(self._alike)

    def _pattern(self, char: str) -> tuple[Any, ...]:
        """Return how the encoder cuts a character in different surroundings."""
        cutter = self._encoder.pre_tokenizer
        return tuple(
            tuple(place for _, place in cutter.pre_tokenize_str(around.format(char)))
            for around in _AROUND
        )


def _cut(described: dict[str, Any]) -> "re.Pattern[str] | None":
    """Return what an encoder cuts with, for texts in ASCII; None if it is not known."""
    model, post = described["model"], json.dumps(described["post_processor"] or {})
    if (
        described["normalizer"] is not None
        or not all(map(_is_plain, described["added_tokens"]))
        or model["type"] != "BPE"
        or model.get("dropout")
        or '"trim_offsets": true' in post
    ):
        return None
    steps = described["pre_tokenizer"] or {}
    steps = steps.get("pretokenizers", [steps])
    if not steps or steps[-1].get("type") != "ByteLevel" or steps[-1]["add_prefix_space"]:
        return None
    match steps[:-1]:
        case [] if steps[-1]["use_regex"]:
            pattern = _GPT2
        case [{"type": "Digits", "individual_digits": True}] if steps[-1]["use_regex"]:
            pattern = _DIGITS
        case [
            {
                "type": "Split",
                "pattern": {"Regex": pattern},
                "behavior": "Isolated",
                "invert": False,
            }
        ] if not steps[-1]["use_regex"] and pattern in _LIKE_GPT4:
            pass
        case _:
            return None
    return re.compile(_in_ascii(pattern))


def _in_ascii(pattern: str) -> str:
    """Return a pattern for texts in ASCII."""
    for name, chars in ((r"\p{L}", "A-Za-z"), (r"\p{N}", "0-9"), (r"\s", _SPACE)):
        # Within brackets as it is, outside of them in brackets of its own.
        pattern = "".join(
            part.replace(name, chars if part.startswith("[") else f"[{chars}]")
            for part in re.split(r"(\[[^\]]*\])", pattern)
        )
    return pattern.replace(r"\S", f"[^{_SPACE}]")


def _is_plain(token: dict[str, Any]) -> bool:
    """Whether an added token takes only itself out of a text, before anything else is cut."""
    if token["normalized"] or not token["content"]:
        return False
    return not (token["lstrip"] or token["rstrip"] or token["single_word"])


def _added(tokens: list[dict[str, Any]]) -> "re.Pattern[str] | None":
    """Return what finds added tokens in a text."""
    listed = sorted((token["content"] for token in tokens), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, listed))})") if listed else None
