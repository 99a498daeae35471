"""Tokens counted word by word are those of the encoder, whatever the text."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
import vocabularies
from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, processors

from sftc.datasets.tokens.labels import stretches
from sftc.datasets.tokens.words import WordEncoder

PIECES = [
    *"ab sStTrevml'd  \n\n\r\t\x0b\x0c\x1c\x1d\x85\u00a0\u3000\u2028 019.,!?-<>|\0",
    *("'s", "'LL", "'re", "  ", "\r\n", "\U00031350", "\U0001e4d0", "\u200d", "\ufeff", "\u200b"),
    *("é", "e\u0301", "你", "привет", "२३", "½", "Ⅷ", "👩‍👩‍👧", "\ufb01", "ß", "İ"),
    *("<|im_end|>", "<|im_start|>", "<|im_", "end|>", "word", "x" * 50),
    *(" \n", "\n ", "!\n\n", ".\n  \n", " word", "\nword", "한국어", "\u1112\u1161", "\U000e0100"),
]
ODD = ["\u017f", "\u212a", "▁", "\u0301", "<0x41>", "\U0010fffe"]
"""A letter that is an ASCII one to those who look at no case, and what normalizers look at."""
LIKE_GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?%s+|\p{N}%s| ?[^\s%s]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+"
)
PATTERNS = {
    "qwen2": LIKE_GPT4 % (r"\p{L}", "", r"\p{L}\p{N}"),
    "llama3": LIKE_GPT4 % (r"\p{L}", "{1,3}", r"\p{L}\p{N}"),
    "qwen3_5": LIKE_GPT4 % (r"[\p{L}\p{M}]", "", r"\p{L}\p{M}\p{N}"),
}
BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def vocabulary(name: str) -> Tokenizer:
    return Tokenizer.from_file(str(vocabularies.folder(name) / "tokenizer.json"))


def made(kind: str) -> Tokenizer:
    """Return a real vocabulary with what the tokenizers of a model do around it."""
    if kind == "claude":
        return vocabulary("claude")
    if kind.startswith("gemma"):
        tokenizer = vocabulary("mistral")
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
        if kind == "gemma_2":
            tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
        return tokenizer
    tokenizer = vocabulary("smollm2")
    if kind == "gpt2":
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    elif kind in PATTERNS:
        split = pre_tokenizers.Split(Regex(PATTERNS[kind]), "isolated")
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, BYTES])
    if kind.startswith("qwen"):
        tokenizer.normalizer = normalizers.NFC()
        tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    if kind == "llama3":
        tokenizer.model.ignore_merges = True
        begin = processors.TemplateProcessing(
            single="<|im_start|> $A", special_tokens=[("<|im_start|>", 1)]
        )
        whole = processors.ByteLevel(trim_offsets=False)
        tokenizer.post_processor = processors.Sequence([whole, begin])
    return tokenizer


@pytest.mark.parametrize(
    "kind", ["smollm2", "gpt2", "qwen2", "qwen3_5", "llama3", "claude", "gemma", "gemma_2"]
)
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
    assert by_word > 1000


def test_special_tokens_that_are_plain_text_are_part_of_words() -> None:
    encoder = vocabulary("smollm2")
    encoder.encode_special_tokens = True
    got = WordEncoder(encoder).encode("a!<|im_end|>!b c")
    assert got.words == ["a!<|im_end|>!b", " c"]
    assert got.amount == len(encoder.encode("a!<|im_end|>!b c"))


def _cutting_elsewhere() -> Tokenizer:
    tokenizer = vocabulary("smollm2")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split("a", "removed"), BYTES])
    return tokenizer


def _with_a_token_across_words() -> Tokenizer:
    described = json.loads(made("gemma").to_str())
    described["model"]["vocab"]["x▁y"] = len(described["model"]["vocab"])
    return Tokenizer.from_str(json.dumps(described))


def _taking_spaces_along() -> Tokenizer:
    tokenizer = vocabulary("smollm2")
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    return tokenizer


@pytest.mark.parametrize(
    "encoder_of",
    [
        lambda: vocabulary("mistral"),  # it puts a space before each text
        _cutting_elsewhere,
        _with_a_token_across_words,
        _taking_spaces_along,
    ],
)
def test_other_encoders_encode_whole(encoder_of: Callable[[], Tokenizer]) -> None:
    encoder = encoder_of()
    words = WordEncoder(encoder)
    assert not words.is_known
    text = "Hello  world\n<s>é你"
    whole: Any = encoder.encode(text, add_special_tokens=False)
    assert words.encode(text).amount == len(whole)
    assert words.encode(text).stretches([(3, 9)]) == stretches([(3, 9)], whole.offsets)
