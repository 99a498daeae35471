"""A drawn corpus of which it is known, row by row, whether a model learns anything from it."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny_tokenizer

from sftc.datasets import measure
from sftc.datasets.tokens import load, measure_tokens

ROWS = 400
LENGTH = 400
"""Tokens of a row that are kept; the tokenizer has one for each byte."""
NOTHING = {"SFT423", "SFT441", "SFT443", "SFT461"}
"""The findings that say that nothing is learned, or only silence."""
DROPPING = tiny_tokenizer.MARKED.replace(
    "{{ m.content }}<|im_end|>{% endgeneration %}",
    "{% endgeneration %}{% if m.name != 'quiet' %}"
    "{% generation %}{{ m.content }}{% endgeneration %}{% endif %}<|im_end|>",
)
"""One that renders nothing of what an assistant called `quiet` says."""
Row = tuple[dict[str, Any], bool]


def words(rand: random.Random, low: int, high: int) -> str:
    return " ".join(
        rand.choices(["stone", "über", "学習", "wood", "…", "🙂"], k=rand.randint(low, high))
    )


def turns(rand: random.Random, **answers: Any) -> list[dict[str, Any]]:
    """Return one to three exchanges of at most 200 bytes; what is given is in each answer."""
    made: list[dict[str, Any]] = []
    for _ in range(rand.randint(1, 2)):
        made.append({"role": "user", "content": words(rand, 1, 3)})
        made.append({"role": "assistant", "content": words(rand, 1, 3), **answers})
    return made


def learned(rand: random.Random) -> Row:
    return {"messages": turns(rand)}, True


def learned_once(rand: random.Random) -> Row:
    messages = turns(rand) + turns(rand)
    at = rand.choice(range(1, len(messages), 2))
    for other in range(1, len(messages), 2):
        if other != at:
            messages[other]["weight"] = 0
    return {"messages": messages[: at + 1]}, True


def learned_before_the_cut(rand: random.Random) -> Row:
    return {"messages": [*turns(rand), {"role": "user", "content": "x" * LENGTH}]}, True


def nobody_answers(rand: random.Random) -> Row:
    role = rand.choice(["user", "tool", "system"])
    return {"messages": [{"role": "user", "content": "a"}, {"role": role, "content": "b"}]}, False


def blank(rand: random.Random) -> Row:
    said: Any = rand.choice(["", " ", "\n", "\u00a0\u3000", None, []])
    return {"messages": [*turns(rand)[:1], {"role": "assistant", "content": said}]}, False


def weightless(rand: random.Random) -> Row:
    return {"messages": turns(rand, weight=rand.choice([0, 0.0, -0.0]))}, False


def cut_off(rand: random.Random) -> Row:
    long = {
        "role": rand.choice(["user", "system"]),
        "content": "x" * (LENGTH + rand.randint(0, 99)),
    }
    return {"messages": [long, *turns(rand)]}, False


def dropped(rand: random.Random) -> Row:
    return {"messages": turns(rand, name="quiet")}, False


WITHOUT_TOKENS = (learned, learned_once, learned_before_the_cut, nobody_answers, blank, weightless)
"""Whether anything is learned from these, the row alone says."""


def corpus(path: Path, kinds: tuple[Callable[[random.Random], Row], ...]) -> set[int]:
    """Write rows of some kinds, and return the lines from which nothing is learned."""
    rand = random.Random(13)
    nothing = set()
    with path.open("w", encoding="utf-8") as file:
        for line in range(1, ROWS + 1):
            row, teaches = rand.choice(kinds)(rand)
            row["metadata"] = {"line": line}
            file.write(json.dumps(row, ensure_ascii=rand.random() < 0.5) + "\n")
            if not teaches:
                nothing.add(line)
    assert 50 < len(nothing) < ROWS - 50
    return nothing


def named_by_rules(path: Path) -> set[int]:
    """Return the lines of which the rules of rows say that nothing is learned."""
    found = measure(str(path), most=None).diagnostics
    return {finding.span.line for finding in found if finding.code in NOTHING}


def test_rows_alone_tell_it(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    nothing = corpus(path, WITHOUT_TOKENS)
    assert named_by_rules(path) == nothing


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("template", "more"),
    [
        (tiny_tokenizer.MARKED, (cut_off,)),
        (tiny_tokenizer.UNMARKED, (cut_off,)),
        (DROPPING, (cut_off, dropped)),
    ],
    ids=["marked", "unmarked", "dropping"],
)
def test_rows_with_a_tokenizer_tell_it(
    tmp_path: Path, template: str, more: tuple[Callable[[random.Random], Row], ...]
) -> None:
    path = tmp_path / "train.jsonl"
    nothing = corpus(path, (*WITHOUT_TOKENS, *more))
    files = load(str(tiny_tokenizer.save(tmp_path / "tokenizer", template)))
    found = measure_tokens(str(path), files, length=LENGTH, most=None).diagnostics
    assert {finding.span.line for finding in found if finding.code in NOTHING} == nothing
