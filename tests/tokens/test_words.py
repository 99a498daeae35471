"""Tokens counted word by word are those of the encoder, whatever the text."""

import random
from typing import Any

import pytest
import vocabularies
from tokenizers import Regex, Tokenizer, pre_tokenizers

from sftc.datasets.tokens.labels import stretches
from sftc.datasets.tokens.words import WordEncoder

PIECES = [
    *"ab sStTrevml'd  \n\n\r\t\x0b\x0c\x1c\x1d\x85\u00a0\u3000\u2028 019.,!?-<>|\0",
    *("'s", "'LL", "'re", "  ", "\r\n", "\U00031350", "\U0001e4d0", "\u200d", "\ufeff", "\u200b"),
    *("é", "e\u0301", "你", "привет", "२३", "½", "Ⅷ", "👩‍👩‍👧", "\ufb01", "ß", "İ"),
    *("<|im_end|>", "<|im_start|>", "<|im_", "end|>", "word", "x" * 50),
]
ODD = ["\u017f", "\u212a"]
"""Letters that are ASCII ones to those who look at no case."""
LIKE_GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+"
)


def made(kind: str) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(vocabularies.folder("smollm2") / "tokenizer.json"))
    if kind == "gpt2":
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    elif kind != "smollm2":
        pattern = LIKE_GPT4 % {"qwen": "", "llama3": "{1,3}"}[kind]
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(pattern), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    return tokenizer


@pytest.mark.parametrize("kind", ["smollm2", "gpt2", "qwen", "llama3"])
def test_words_have_the_tokens_of_the_whole(kind: str) -> None:
    encoder = made(kind)
    words = WordEncoder(encoder)
    assert words.is_known
    draw = random.Random(kind)
    by_word = 0
    for number in range(6000):
        pieces = PIECES + ODD if number % 5 == 0 else PIECES
        text = "".join(draw.choices(pieces, k=draw.randint(0, 25)))
        cuts = sorted(draw.sample(range(len(text) + 1), k=min(4, (len(text) + 1) // 2 * 2)))
        spans = list(zip(cuts[::2], cuts[1::2], strict=True))
        whole: Any = encoder.encode(text, add_special_tokens=False)
        got = words.encode(text)
        by_word += len(got.words) > 1
        assert got.amount == len(whole), text
        assert got.begins == tuple(whole.ids[:2]), text
        assert got.stretches(spans) == stretches(spans, whole.offsets), (text, spans)
    assert by_word > 3000


@pytest.mark.parametrize("name", ["mistral", "claude"])
def test_other_encoders_encode_whole(name: str) -> None:
    encoder = Tokenizer.from_file(str(vocabularies.folder(name) / "tokenizer.json"))
    words = WordEncoder(encoder)
    assert not words.is_known
    text = "Hello  world\n<s>é你"
    whole: Any = encoder.encode(text, add_special_tokens=False)
    assert words.encode(text).amount == len(whole)
    assert words.encode(text).stretches([(3, 9)]) == stretches([(3, 9)], whole.offsets)
