"""The paths agree: fast, careful, many lines at once, a large row in pieces; and the schema."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sftc import schemas
from sftc.datasets.batch import Batch
from sftc.datasets.blocks import Block, LargeLine
from sftc.datasets.careful import look
from sftc.datasets.judging import judge
from sftc.datasets.large import judge_large
from sftc.datasets.rows import accept
from sftc.datasets.tally import Tally
from sftc.datasets.usual import accept_usual

SCHEMA = Draft202012Validator(schemas.load("row"))
MOST = 100
Path: TypeAlias = Callable[[bytes, int], Batch | None]

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


def is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def known(tally: Tally) -> tuple[object, ...]:
    """Return what a tally says, apart from where in the line it says it."""
    found = [(line, finding.code, finding.path, finding.words) for line, finding in tally.found]
    held = (tally.roles, tally.tools, tally.images, tally.reasoning)
    return (tally.rows, tally.lengths, *held, list(tally.hashes), list(tally.places), found)


fast = pytest.mark.parametrize("path", [accept, accept_usual])


@fast
@given(line=lines())
def test_what_a_fast_path_accepts_the_careful_path_accepts_with_the_same_facts(
    path: Path, line: bytes
) -> None:
    batch = path(line + b"\n", 1) if is_utf8(line) else None
    if batch is not None:
        seen = look(line).batch
        assert seen is not None
        batch.plain = True
        batch.warned.sort()
        seen.warned.sort()
        assert batch == seen


@fast
@given(line=lines() | lines_with_a_key_twice())
def test_no_key_that_stands_twice_is_overlooked(path: Path, line: bytes) -> None:
    batch = path(line + b"\n", 1) if is_utf8(line) else None
    if batch is not None and batch.plain:
        assert look(line).findings == []


@given(rows)
def test_rows_as_python_and_others_write_them_stay_on_the_fast_path(row: Any) -> None:
    """Else the fast path would be right, and useless."""
    for separators in ((",", ":"), (", ", ": ")):
        text = json.dumps(row, separators=separators, ensure_ascii=False).encode()
        batch = accept(text + b"\n", 1)
        if batch is not None and text.isascii() and b"\\" not in text:
            assert batch.plain


@given(usual_rows)
def test_usual_rows_are_usual(row: Any) -> None:
    for separators in ((",", ":"), (", ", ": ")):
        text = json.dumps(row, separators=separators).encode() + b"\n"
        if b"\\" not in text and (accept(text, 1) is not None):
            assert accept_usual(text, 1) == accept(text, 1)


@given(rows)
def test_the_schema_is_the_authority(row: Any) -> None:
    line = json.dumps(row).encode()
    errors = [f for f in look(line).findings if f.code < "SFT440"]
    assert SCHEMA.is_valid(row) == (not errors)


@given(st.lists(lines(), max_size=6), st.sampled_from([b"\n", b"\r\n"]))
def test_lines_judged_at_once_and_one_by_one_are_the_same(many: list[bytes], end: bytes) -> None:
    text = b"".join(line + end for line in many)
    apart = Tally(MOST)
    for line in many:
        apart.join(judge(Block(line + end, 0), MOST))
    together = judge(Block(text, 0), MOST)
    # The offset of a byte that is not UTF-8 counts from another place.
    for tally in (apart, together):
        for _, finding in tally.found:
            finding.words.pop("offset", None)
    assert known(together) == known(apart)


def pieces(line: bytes, size: int) -> Iterator[bytes]:
    return (line[at : at + size] for at in range(0, len(line), size))


@given(lines(), st.integers(1, 40))
def test_a_row_in_pieces_is_the_row_as_a_whole(line: bytes, size: int) -> None:
    whole = judge(Block(line + b"\n", 0), MOST)
    in_pieces = judge_large(LargeLine(pieces(line + b"\n", size), 0), MOST)
    codes = [{finding.code for _, finding in tally.found} for tally in (whole, in_pieces)]
    unnoticed = {"SFT440"}  # of a key that no rule knows, in a large row
    if codes[0] == {"SFT407"}:  # of two mistakes, a large row has the one that comes first
        assert codes[1] in ({"SFT407"}, {"SFT408"}, {"SFT410"}, {"SFT412"})
        return
    assert codes[0] - unnoticed == codes[1] - unnoticed
    if not codes[0]:
        assert known(whole) == known(in_pieces)


@pytest.mark.parametrize("depth", [10, 400])
def test_both_paths_follow_values_this_deep(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    line = f'{{"messages": [{{"role": "assistant", "content": [{deep}]}}]}}\n'.encode()
    for tally in (judge(Block(line, 0), MOST), judge_large(LargeLine(iter([line]), 0), MOST)):
        assert tally.found == []


@pytest.mark.parametrize("depth", [2_000, 100_000])
def test_values_that_are_too_deep_are_refused(depth: int) -> None:
    line = b'{"messages": ' + b"[" * depth + b"]" * depth + b"}\n"
    for tally in (judge(Block(line, 0), MOST), judge_large(LargeLine(iter([line]), 0), MOST)):
        assert [finding.code for _, finding in tally.found] == ["SFT412"]
