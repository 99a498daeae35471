"""What holds of any two files, and how much work they take."""

import json
import random
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from drawn_rows import anything, lines, usual_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from sftc.datasets.comparing import compare, near_duplicates, overlap
from sftc.datasets.comparing.content import content, normalised, squeezed

rows_of_json = st.lists(usual_rows | anything, max_size=6)
rows_of_bytes = st.lists(
    lines() | st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=6
)
randoms = st.randoms(use_true_random=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def write(path: Path, rows: list[bytes]) -> str:
    # A first row that is surely one: of other formats, a file's first bytes tell.
    path.write_bytes(b"".join(row + b"\n" for row in (b'{"id": 0}', *rows)))
    return str(path)


def spelt(value: Any, rand: random.Random) -> str:
    """Return a value as JSON, written in some other way."""
    space = rand.choice(["", " ", "\t", " \r "])
    match value:
        case dict():
            keys = rand.sample(list(value), len(value))
            inside = [f"{spelt(key, rand)}{space}:{space}{spelt(value[key], rand)}" for key in keys]
            return f"{{{space}{f'{space},'.join(inside)}}}"
        case list():
            return f"[{space}{f',{space}'.join(spelt(one, rand) for one in value)}{space}]"
        case str():
            text = json.dumps(value, ensure_ascii=rand.random() < 0.5)[1:-1]
            if "\\" not in text:
                text = text.replace("a", "\\u0061").replace("/", "\\/")
            return f'"{text}"'
        case float() if rand.random() < 0.5:
            return f"{value:.25e}" if float(f"{value:.25e}") == value else repr(value)
        case _:
            return json.dumps(value)


@settings(max_examples=60)
@given(rows_of_json, randoms)
def test_moving_and_rewriting_rows_is_no_difference(
    folder: Path, rows: list[Any], rand: random.Random
) -> None:
    old = write(folder / "old.jsonl", [json.dumps(row).encode() for row in rows])
    moved = rand.sample(rows, len(rows))
    new = write(folder / "new.jsonl", [spelt(row, rand).encode() for row in moved])
    found = compare(old, new)
    assert not found, found.facts()
    assert found.same == len(rows) + 1


@settings(max_examples=60)
@given(
    rows_of_bytes | rows_of_json.map(lambda rows: [json.dumps(row).encode() for row in rows]),
    rows_of_bytes,
    randoms,
)
def test_counts_add_up_and_differences_are_mirrored(
    folder: Path, mine: list[bytes], theirs: list[bytes], rand: random.Random
) -> None:
    shared = [row for row in mine if rand.random() < 0.5]
    old = write(folder / "old.jsonl", mine)
    new = write(folder / "new.jsonl", rand.sample(shared + theirs, len(shared + theirs)))
    there, back = compare(old, new), compare(new, old)
    facts, mirrored = there.facts(), back.facts()
    assert facts["new"]["rows"] == (
        facts["old"]["rows"] + len(facts["added"]) - len(facts["removed"])
    )
    assert facts["same"] == mirrored["same"] > 0
    assert (facts["added"], facts["removed"]) == (mirrored["removed"], mirrored["added"])
    pairs = {(row["old"], row["new"]) for row in facts["changed"]}
    assert pairs == {(row["new"], row["old"]) for row in mirrored["changed"]}
    assert len(there.shown(9)["changed"]) == len(pairs)


@settings(max_examples=60)
@given(rows_of_json, rows_of_json, randoms)
def test_rows_in_both_files_are_found(
    folder: Path, mine: list[Any], theirs: list[Any], rand: random.Random
) -> None:
    """The overlap is what remains in both when each is taken as a set of contents."""
    training = write(folder / "training.jsonl", [spelt(row, rand).encode() for row in mine])
    validation = folder / "validation.jsonl"
    texts = [spelt(row, rand).encode() for row in rand.sample(mine + theirs, len(mine + theirs))]
    validation.write_bytes(b"".join(text + b"\n" for text in [b'{"id": 1}', *texts]))
    inside = {content(spelt(row, rand).encode()) for row in mine}
    expected = [2 + at for at, text in enumerate(texts) if content(text) in inside]
    found = overlap(training, str(validation), each=True)
    assert [one.span.line for one in found if one.code == "SFT480"] == expected


spaces = st.sampled_from([" ", "  ", "\n", "\t ", "\u00a0", "\u3000", "\u2028\r\n", "\x1c", "\x0b"])
words = st.lists(
    st.sampled_from(["a", "b", "\\", '"', "\\n", "é", "n", "\ud800", "00"]), max_size=5
)


@given(words, words, st.lists(spaces, min_size=20, max_size=20), st.integers(0, 3))
def test_white_space_is_normalised(
    one: list[str], other: list[str], between: list[str], where: int
) -> None:
    space = iter(between)
    before, after = next(space) * (where & 1), next(space) * (where >> 1)
    text = before + "".join(word + next(space) for word in one).strip() + after
    plain = " ".join(one)
    row = [content(json.dumps({"a": said}).encode()) for said in (text, plain, " ".join(other))]
    first, second, third = [text for text in row if text is not None]
    assert normalised(first) == normalised(second)
    assert squeezed(first) == squeezed(second)
    assert (normalised(second) == normalised(third)) == (one == other)


def work(function: Callable[[], Any]) -> int:
    """Return the lines of Python that a function runs."""
    count = 0

    def tally(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return tally

    before = sys.gettrace()
    sys.settrace(tally)
    try:
        function()
    finally:
        sys.settrace(before)
    return count


TURNS = (
    '{{"messages": [{{"role": "user", "content": "{}"}}, '
    '{{"role": "assistant", "content": "{}"}}]}}'
)
PAIRS: dict[str, Callable[[int], tuple[str, str]]] = {
    "other rows": lambda n: (TURNS.format(n, "a"), TURNS.format(-n - 1, "b")),
    "other answers": lambda n: (TURNS.format(n, "a"), TURNS.format(n, "b")),
    "one prompt": lambda n: (TURNS.format("a", n), TURNS.format("a", -n - 1)),
    "one row": lambda _: (TURNS.format("a", "b"), TURNS.format("b", "a")),
    "one row but for white space": lambda n: (
        TURNS.format("a", "b" + "\\n" * n),
        TURNS.format("a", "b" + " " * n),
    ),
    "one answer": lambda n: (TURNS.format(n, "a" * 99), TURNS.format(-n - 1, "a" * 99)),
    "no JSON": lambda n: (f"{{{n}", f"[{n}"),
}


@pytest.mark.slow_but_first
@pytest.mark.parametrize("name", PAIRS)
def test_work_is_proportional(name: str, tmp_path: Path) -> None:
    def files(count: int) -> tuple[str, str]:
        pairs = [PAIRS[name](at) for at in range(count)]
        old = write(tmp_path / f"old{count}.jsonl", [one.encode() for one, _ in pairs])
        new = write(tmp_path / f"new{count}.jsonl", [other.encode() for _, other in pairs])
        return old, new

    small, large = files(150), files(300)
    compare(*small), overlap(*small), near_duplicates(small[0])  # what is loaded once
    assert work(lambda: compare(*large)) < 2.4 * work(lambda: compare(*small))
    assert work(lambda: overlap(*large)) < 2.4 * work(lambda: overlap(*small))
    one, two = (work(partial(near_duplicates, file)) for file in (small[0], large[0]))
    assert two < 2.4 * one
