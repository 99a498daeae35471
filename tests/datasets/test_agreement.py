"""The paths agree: a careful look, a large row in pieces; and the schema."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drawn_rows import anything, lines, lines_with_a_key_twice, rows
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sftc import schemas
from sftc.datasets.counting.tally import Tally
from sftc.datasets.counting.tallying import Judge
from sftc.datasets.reading.blocks import Block, LargeLine
from sftc.datasets.rows import validating
from sftc.datasets.rows.locating import located
from sftc.datasets.rows.shape import is_row
from sftc.datasets.rows.validating import validate_row
from sftc.diagnostics import Aim

SCHEMA = Draft202012Validator(schemas.load("row"))
MOST = 100
TOOL_NAMES = (Path(__file__).parent / "rows" / "tool_names.jsonl").read_bytes().splitlines()


def found(tally: Tally) -> list[str]:
    """Return the codes of what a tally found."""
    return [kind[0] for kind in tally.findings.groups]


def known(tally: Tally) -> tuple[object, ...]:
    """Return what a tally says, apart from where in the line it says it."""
    groups = tally.findings.groups.items()
    kinds = {kind: (group.count, group.lines) for kind, group in groups}
    held = (tally.roles, tally.tools, tally.images, tally.reasoning, tally.arguments)
    rows = (list(tally.hashes), list(tally.places))
    return (tally.lines, tally.rows, sorted(tally.lengths), *held, *rows, kinds)


@given(anything | rows)
def test_a_yes_is_the_schemas(row: Any) -> None:
    assert is_row(row) == SCHEMA.is_valid(row)


@given(rows)
def test_the_schema_is_the_authority(row: Any) -> None:
    line = json.dumps(row).encode()
    errors = [f for f in validate_row(line).findings if f.code < "SFT418"]
    assert SCHEMA.is_valid(row) == (not errors)


@given(lines() | lines_with_a_key_twice())
def test_a_row_that_is_quickly_good_is_good(line: bytes) -> None:
    quickly = validate_row(line)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validating, "_surely_shaped", lambda *_: None)
        assert validate_row(line) == quickly


def pieces(line: bytes, size: int) -> Iterator[bytes]:
    return (line[at : at + size] for at in range(0, len(line), size))


def as_large(pieces: Iterator[bytes]) -> Tally:
    return Judge(MOST).tally(LargeLine(pieces, 0))


def as_whole(text: bytes) -> Tally:
    return Judge(MOST).tally(Block(text, 0))


@given(lines(), st.integers(1, 40))
def test_a_row_in_pieces_is_the_row_as_a_whole(line: bytes, size: int) -> None:
    whole = as_whole(line + b"\n")
    in_pieces = as_large(pieces(line + b"\n", size))
    codes = [set(found(tally)) for tally in (whole, in_pieces)]
    # In a large row: a key that no rule knows, and wrongly decoded text in a large message.
    unnoticed = {"SFT440", "SFT428"}
    if codes[0] == {"SFT407"}:  # of two mistakes, a large row has the one that comes first
        assert codes[1] in ({"SFT407"}, {"SFT408"}, {"SFT410"}, {"SFT412"})
        return
    assert codes[0] - unnoticed == codes[1] - unnoticed
    if not codes[0]:
        assert known(whole) == known(in_pieces)


CALL = {"id": "1", "function": {"name": "f", "arguments": "{}"}}
TURNS: list[dict[str, Any]] = [
    *({"role": role, "content": ""} for role in ("user", "assistant", "Asistant", "observation")),
    *({"role": role, "content": "a"} for role in ("system", "user", "assistant", "x", "tool")),
    {"role": "assistant", "tool_calls": [CALL]},
    {"role": "tool", "content": "a", "tool_call_id": "1"},
    {"role": "assistant", "content": "a", "weight": 0},
    {"role": "assistant", "content": "a", "weight": True},
    {"role": "assistant", "content": "a", "weight": "1"},
]


@given(st.randoms(use_true_random=False), st.integers(1, len(TURNS)))
def test_turns_that_come_again_are_judged_again(draw: Any, kinds: int) -> None:
    turns = draw.choices(draw.sample(TURNS, k=kinds), k=60)
    line = json.dumps({"messages": turns}).encode() + b"\n"
    whole, in_pieces = as_whole(line), as_large(pieces(line, 50))
    assert known(whole) == known(in_pieces)


@pytest.mark.slow_but_first
@pytest.mark.parametrize("size", [40, 1_000_000])
@pytest.mark.parametrize("padding", [0, 5_000], ids=["at once", "key by key"])
@pytest.mark.parametrize("first", ["messages", "tools"])
@pytest.mark.parametrize("line", TOOL_NAMES)
def test_tools_of_a_row_in_pieces(line: bytes, first: str, padding: int, size: int) -> None:
    row = json.loads(line)
    for message in row["messages"]:
        message["padding"] = "x" * padding  # an object of more than 4 KiB is read key by key
    row = {first: row.pop(first, None), **row}
    text = json.dumps(row).encode() + b"\n"
    assert known(as_whole(text)) == known(as_large(pieces(text, size)))


def test_in_a_row_in_pieces_a_call_is_placed_at_its_message() -> None:
    messages = [*TURNS[5:7], {"role": "assistant", "tool_calls": [CALL]}]
    text = json.dumps({"messages": messages, "tools": [{"name": "g"}]})
    groups = as_large(pieces(text.encode() + b"\n", 50)).findings.groups.values()
    shown = [example.finding for group in groups for example in group.examples]
    span = next(finding.span for finding in shown if finding.code == "SFT431")
    assert span
    assert text[span.column - 1 :].startswith(json.dumps(messages[2]))


@pytest.mark.parametrize("depth", [10, 400, 890])
def test_both_paths_follow_values_this_deep(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    line = f'{{"messages": [{{"role": "assistant", "content": [{deep}]}}]}}\n'.encode()
    for tally in (as_whole(line), as_large(iter([line]))):
        assert found(tally) == []


@pytest.mark.parametrize("depth", [910, 2_000, 100_000])
def test_values_that_are_too_deep_are_refused(depth: int) -> None:
    line = b'{"messages": ' + b"[" * depth + b"]" * depth + b"}\n"
    for tally in (as_whole(line), as_large(iter([line]))):
        assert found(tally) == ["SFT412"]


@given(rows)
def test_every_finding_has_a_place_where_its_path_leads(row: Any) -> None:
    text = json.dumps(row, ensure_ascii=False)
    for finding in validate_row(text.encode()).findings:
        span = located(finding, text).span
        assert span
        start = span.column - 1
        value = row
        for step in finding.path:
            value = value[step]
        if finding.aim is Aim.KEY:
            assert json.JSONDecoder().raw_decode(text, start)[0] == finding.path[-1]
        else:
            assert json.JSONDecoder().raw_decode(text, start)[0] == value
