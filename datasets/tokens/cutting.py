"""Where a text can be cut so that no token crosses, for encoders of which that is known.

What is between two cuts, here a word, has the same tokens alone as in its text. Why that is so is
said for each kind of encoder; which characters it holds for, this encoder is asked.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from tokenizers import AddedToken, Tokenizer

_SPACES: Final = "\t\n\x0b\x0c\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
_SPACE: Final = _SPACES + "\u2028\u2029\u202f\u205f\u3000"
"""What Unicode calls white space, and regular expressions `\\s`; Python's `\\s` has more."""
_LEVEL: Final = re.sub(r"[\r\n]", "", _SPACE)

_GPT2: Final = re.compile(rf"[{_SPACE}]*+[^{_SPACE}]++|[{_SPACE}]+")
"""The words of GPT-2 and its like: nothing that it cuts out has a space behind another character.

So it cuts before each run of spaces; only behind one it looks at what follows.
"""
_GPT4: Final = re.compile(
    rf"[{_LEVEL}]*+[^{_SPACE}]++(?:[{_LEVEL}]*+[\r\n]++)*+"
    rf"|(?:[{_LEVEL}]*+[\r\n]++)++|[{_SPACE}]+"
)
"""The words of GPT-4 and its like, which cut out a line end together with signs before it.

It cuts before a run of spaces that has no line end, and behind the last line end of any other.
"""
_GEMMA: Final = re.compile(" *+[^ ]++| +")
"""The words of an encoder that has no other cut, and no token with a space behind something else.

Merges are made within a word only, so that those of one word do not matter to another.
"""
_GPT4_PATTERNS: Final = frozenset(
    rf"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?{letter}+|\p{{N}}{digits}"
    rf"| ?[^\s{signs}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    for digits in ("", "{1,3}")
    for letter, signs in ((r"\p{L}", r"\p{L}\p{N}"), (r"[\p{L}\p{M}]", r"\p{L}\p{M}\p{N}"))
)
"""What Llama 3, Qwen and others cut with."""
_KINDS: Final = "a1!"
"""A letter, a digit and a sign; none is part of `'s` and its like."""
_AROUND: Final = (
    "a{0}a", "1{0}1", " {0}a", "!{0}!", "{0}{0}", "a{0}", "{0}\n", "  {0}", "'{0}", "{0} 1", "\n{0}"
)  # fmt: skip
"""Surroundings in which those are cut differently."""
_UNDERLINE: Final = "▁"
"""What stands for a space in vocabularies of SentencePiece."""


class Cutting:
    """How a text is cut into words.

    Attributes:
        words: finds them; together they are the text.

    """

    def __init__(
        self,
        words: "re.Pattern[str]",
        is_known: Callable[[str], bool],
        form: Literal["NFC", "NFKC"] | None = None,
    ) -> None:
        """Begin with characters in ASCII.

        Args:
            words: finds the words.
            is_known: whether a character that is not in ASCII is cut as the pattern has it.
            form: the form of Unicode that the encoder gives a text.

        """
        self.words = words
        self._is_known, self._form = is_known, form
        self._known = set(map(chr, range(128)))
        self._odd: set[str] = set()

    def keeps(self, word: str) -> bool:
        """Whether a word has the same tokens alone as in its text."""
        if not self._known.issuperset(word):
            for char in set(word).difference(self._known, self._odd):
                # Of a character that Python does not know, it does not know the forms either.
                assigned = self._form is None or unicodedata.category(char) != "Cn"
                known = assigned and self._is_known(char)
                (self._known if known else self._odd).add(char)
            if not self._odd.isdisjoint(word):
                return False
        # A normal form stays one among other characters if it begins behind a space or with one,
        # since nothing is composed with those.
        return self._form is None or unicodedata.is_normalized(self._form, word)


def cutting(encoder: "Tokenizer") -> Cutting | None:
    """Return how an encoder cuts texts; None if that is not known."""
    model = encoder.model
    if (
        not all(map(_is_plain, encoder.get_added_tokens_decoder().values()))
        or type(model).__name__ != "BPE"
        or model.dropout
        or '"trim_offsets": true' in json.dumps(_described(encoder.post_processor))
    ):
        return None
    normalizer = _described(encoder.normalizer)
    if normalizer == {"type": "Replace", "pattern": {"String": " "}, "content": _UNDERLINE}:
        return _of_underlines(encoder)
    words = _words(_described(encoder.pre_tokenizer))
    form = normalizer.get("type")
    if words is None or form not in (None, "NFC", "NFKC"):
        return None
    asked = _Asked(encoder)
    return Cutting(words, asked.is_known, form) if asked.tells else None


def _described(part: Any) -> dict[str, Any]:
    """Return a part of an encoder as ``tokenizer.json`` has it."""
    described: dict[str, Any] = json.loads(part.__getstate__()) if part else {}
    return described


def _is_plain(token: "AddedToken") -> bool:
    """Whether an added token takes only itself out of a text, before anything else is cut."""
    if token.normalized or not token.content:
        return False
    return not (token.lstrip or token.rstrip or token.single_word)


def _words(cutter: dict[str, Any]) -> "re.Pattern[str] | None":
    """Return what finds the words of an encoder that works on bytes."""
    *before, last = cutter.get("pretokenizers", [cutter])
    if last.get("type") != "ByteLevel" or last["add_prefix_space"]:
        return None
    match before:
        case [] | [{"type": "Digits", "individual_digits": True}] if last["use_regex"]:
            return _GPT2
        case [
            {
                "type": "Split",
                "pattern": {"Regex": pattern},
                "behavior": "Isolated",
                "invert": False,
            }
        ] if not last["use_regex"] and pattern in _GPT4_PATTERNS:
            return _GPT4
    return None


def _of_underlines(encoder: "Tokenizer") -> Cutting | None:
    """Return how an encoder cuts that writes a line for a space, if no token crosses words."""
    cutter = _described(encoder.pre_tokenizer)
    # After the spaces are gone, it has nothing to cut.
    none = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious"}
    if cutter and cutter != {**none, "invert": False}:
        return None
    vocabulary = encoder.get_vocab(with_added_tokens=False)
    bytes_known = all(f"<0x{byte:02X}>" in vocabulary for byte in range(256))
    if not (encoder.model.byte_fallback and bytes_known):  # else unknown ones are put together
        return None
    inside = re.compile(f"[^{_UNDERLINE}]{_UNDERLINE}")
    if any(map(inside.search, vocabulary)):
        return None
    return Cutting(_GEMMA, _UNDERLINE.__ne__)


class _Asked:
    """Asks an encoder whether it takes a character for a space.

    Attributes:
        tells: whether it is known.

    """

    def __init__(self, encoder: "Tokenizer") -> None:
        self._cutter = encoder.pre_tokenizer
        self._others = set(map(self._cuts, _KINDS))
        self._space = self._cuts("\x0b")
        self.tells = self._space not in self._others

    def is_known(self, char: str) -> bool:
        """Whether a character is cut like a space if it is one, or else like another."""
        cuts = self._cuts(char)
        return cuts == self._space if char in _SPACE else cuts in self._others

    def _cuts(self, char: str) -> tuple[Any, ...]:
        return tuple(
            tuple(place for _, place in self._cutter.pre_tokenize_str(around.format(char)))
            for around in _AROUND
        )
