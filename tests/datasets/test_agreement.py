"""The paths agree: the accelerator, a careful look, a large row in pieces; and the schema."""

import json
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sftc import schemas
from sftc.datasets import judging, sifting
from sftc.datasets.blocks import Block, LargeLine
from sftc.datasets.careful import look
from sftc.datasets.judging import judge
from sftc.datasets.large import judge_large
from sftc.datasets.sound import is_row
from sftc.datasets.tally import Tally

ROWS = Path(__file__).with_name("rows")
SCHEMA = Draft202012Validator(schemas.load("row"))
MOST = 100

blank = st.sampled_from(["", " ", "\t", "\u00a0", "\u3000", "\u2028"])
texts = st.text(st.characters(codec="utf-8"), max_size=8) | blank
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
anything = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def mostly(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Good values, and now and then any."""
    return st.integers(0, 9).flatmap(lambda n: anything if n == 0 else good)


def table(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {key: mostly(value) for key, value in required.items()},
        optional={**{key: mostly(value) for key, value in optional.items()}, "id": anything},
    )


names = st.sampled_from(["search", "f", "", " "])
calls = table({}, {"function": table({}, {"name": names, "arguments": texts}), "name": names})
functions: Any = {"name": names, "description": st.none() | texts, "parameters": st.just({})}
tools = table({}, {**functions, "function": table({}, functions)})
parts = st.sampled_from([[{"type": "image_url"}], [{"type": "text", "text": "a"}], [], {}, [1]])
roles = st.sampled_from(["user", "assistant", "assistant", "tool", "human", ""])
messages = table(
    {"role": roles, "content": texts | st.none() | parts},
    {
        "tool_calls": st.none() | st.lists(calls, max_size=2),
        "name": st.none() | texts,
        "reasoning": st.none() | texts,
        "raw_content": st.none() | texts,
        "tool_call_id": texts,
    },
)
rows = table(
    {"messages": st.lists(messages, min_size=1, max_size=4)},
    {"tools": st.none() | st.lists(tools, max_size=2), "metadata": st.none() | st.just({"a": 1})},
)


usual_calls = st.fixed_dictionaries(
    {
        "id": texts,
        "type": st.just("function"),
        "function": st.fixed_dictionaries({"name": names, "arguments": texts}),
    }
)
usual_messages = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["system", "user", "assistant", "assistant"]),
        "content": st.none() | texts,
    },
    optional={
        "tool_calls": st.lists(usual_calls, max_size=2),
        "tool_call_id": names.filter(bool),
        "reasoning": st.none() | texts,
    },
)
usual_rows = st.fixed_dictionaries(
    {"messages": st.lists(usual_messages, min_size=1, max_size=4)},
    optional={"tools": st.just([{"name": "f"}]), "metadata": st.just({"a": {"b": 1}})},
)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """Draw a row in one of the ways that JSON is written in, whole or with bytes changed."""
    compact = draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]))
    row = draw(rows | usual_rows)
    text = json.dumps(row, ensure_ascii=draw(st.booleans()), separators=compact)
    line = text.encode("utf-8").replace(b"\n", b" ")
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        at = draw(st.integers(0, len(line)))
        piece = draw(
            st.sampled_from([b"", b'"', b"\\", b"{", b"]", b",", b"\xff", b"\\ud800", b"1"])
        )
        line = line[:at] + piece + line[at + draw(st.integers(0, 3)) :]
    return line.replace(b"\n", b" ").strip(b" \t\r") or b"{}"


@st.composite
def lines_with_a_key_twice(draw: st.DrawFn) -> bytes:
    """Draw a row in which a piece of an object is written a second time."""
    text = json.dumps(draw(rows | usual_rows)).encode()
    begins = [at for at in range(len(text)) if text[at : at + 2] == b'{"']
    at = draw(st.sampled_from(begins)) + 1
    key = text[at : text.index(b'"', at + 1) + 1]
    return text[:at] + key + b": 1, " + text[at:]


def known(tally: Tally) -> tuple[object, ...]:
    """Return what a tally says, apart from where in the line it says it."""
    found = [(line, finding.code, finding.path, finding.words) for line, finding in tally.found]
    held = (tally.roles, tally.tools, tally.images, tally.reasoning)
    rows = (list(tally.hashes), list(tally.places))
    return (tally.lines, tally.rows, sorted(tally.lengths), *held, *rows, found, tally.unseen)


def judged(text: bytes, *, plainly: bool = False) -> Tally:
    """Judge a block, with the accelerator or without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "_sift", sifting.sift_none if plainly else accelerated())
        return judge(Block(text, 0), MOST)


def accelerated() -> Any:
    sift = sifting.chosen(pure="")
    assert sift is not sifting.sift_none, "the accelerator was not compiled"
    return sift


ends = st.sampled_from([b"\n", b"\r\n", b" \n", b"\n\n", b"\n \t"])


@given(st.lists(lines() | lines_with_a_key_twice(), max_size=6), ends, ends | st.just(b""))
def test_the_accelerator_changes_nothing(many: list[bytes], end: bytes, last: bytes) -> None:
    text = end.join(many) + last
    assert known(judged(text)) == known(judged(text, plainly=True))


@pytest.mark.parametrize("topic", sorted(ROWS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_nor_does_it_for_the_rows_of_the_corpus(topic: Path) -> None:
    text = topic.read_bytes()
    assert known(judged(text)) == known(judged(text, plainly=True))
    for line in text.splitlines(keepends=True):
        for at in range(0, len(line), 3):
            for piece in (b"", b'"', b"\\", b"\xe2\x80\x83", b"}", b"\n"):
                cut = line[:at] + piece + line[at + 1 :]
                assert known(judged(cut)) == known(judged(cut, plainly=True)), cut


@given(usual_rows)
def test_it_knows_usual_rows(row: Any) -> None:
    """Else it would be right, and useless."""
    for separators in ((",", ":"), (", ", ": ")):
        for ascii_only in (True, False):
            text = json.dumps(row, separators=separators, ensure_ascii=ascii_only).encode()
            warned = {finding.code for finding in look(text).findings}
            if not warned:
                sifted = accelerated()(text)
                assert (len(sifted.places), sifted.rest) == (4, b"")


@pytest.mark.parametrize("size", range(1, 100))
def test_it_hashes_as_python_does(size: int) -> None:
    row = b'{"messages":[{"role":"%b"}]}' % (b"x" * size)
    hashes = array("Q", accelerated()(row).hashes)
    assert hashes.tolist() == [xxhash.xxh64_intdigest(row)]


def test_more_roles_than_it_can_count_are_counted() -> None:
    text = b"".join(
        b'{"messages": [{"role": "%d"}, {"role": "assistant", "content": "a"}]}\n' % number
        for number in range(100)
    )
    assert judged(text).roles == judged(text, plainly=True).roles
    assert len(judged(text).roles) == 101


@given(anything | rows)
def test_a_yes_is_the_schemas(row: Any) -> None:
    assert is_row(row) == SCHEMA.is_valid(row)


@given(rows)
def test_the_schema_is_the_authority(row: Any) -> None:
    line = json.dumps(row).encode()
    errors = [f for f in look(line).findings if f.code < "SFT440"]
    assert SCHEMA.is_valid(row) == (not errors)


def pieces(line: bytes, size: int) -> Iterator[bytes]:
    return (line[at : at + size] for at in range(0, len(line), size))


def as_large(pieces: Iterator[bytes]) -> Tally:
    tally = Tally(MOST, lines=1)
    judge_large(LargeLine(pieces, 0), tally, 0)
    return tally


@given(lines(), st.integers(1, 40))
def test_a_row_in_pieces_is_the_row_as_a_whole(line: bytes, size: int) -> None:
    whole = judge(Block(line + b"\n", 0), MOST)
    in_pieces = as_large(pieces(line + b"\n", size))
    codes = [{finding.code for _, finding in tally.found} for tally in (whole, in_pieces)]
    unnoticed = {"SFT440"}  # of a key that no rule knows, in a large row
    if codes[0] == {"SFT407"}:  # of two mistakes, a large row has the one that comes first
        assert codes[1] in ({"SFT407"}, {"SFT408"}, {"SFT410"}, {"SFT412"})
        return
    assert codes[0] - unnoticed == codes[1] - unnoticed
    if not codes[0]:
        assert known(whole) == known(in_pieces)


@pytest.mark.parametrize("depth", [10, 400, 890])
def test_both_paths_follow_values_this_deep(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    line = f'{{"messages": [{{"role": "assistant", "content": [{deep}]}}]}}\n'.encode()
    for tally in (judge(Block(line, 0), MOST), as_large(iter([line]))):
        assert tally.found == []


@pytest.mark.parametrize("depth", [910, 2_000, 100_000])
def test_values_that_are_too_deep_are_refused(depth: int) -> None:
    line = b'{"messages": ' + b"[" * depth + b"]" * depth + b"}\n"
    for tally in (judge(Block(line, 0), MOST), as_large(iter([line]))):
        assert [finding.code for _, finding in tally.found] == ["SFT412"]
