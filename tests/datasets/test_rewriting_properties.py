"""Conversions and fixes of drawn rows: nothing crashes, nothing is lost, nothing gets worse."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from drawn_rows import anything, lines, texts, usual_rows
from hypothesis import assume, given
from hypothesis import strategies as st

from sftc.datasets.converting import FORMATS, Converted, convert
from sftc.datasets.reading.exact import Inexact, as_line, exact_value
from sftc.datasets.repairing import Fixed, fix
from sftc.datasets.rows.validating import validate_row

each_format = pytest.mark.parametrize("source", sorted(FORMATS))
ROLE_KEYS = {"from", "role"}
HIDING = {"SFT407", "SFT408", "SFT409", "SFT410", "SFT411", "SFT413", "SFT414", "SFT415", "SFT416"}
"""Findings of rows to which no rule was applied."""
OF_FILES = {"SFT403", "SFT445", "SFT447"}


def in_a_file(data: bytes, source: str | None = None) -> tuple[bytes, Converted | Fixed]:
    """Convert or fix bytes, and return what is written and the result."""
    pieces: list[bytes] = []
    with TemporaryDirectory() as folder:
        path = Path(folder, "data.json")
        path.write_bytes(data)
        result: Converted | Fixed
        if source is None:
            result = fix(str(path), pieces.append)
        else:
            result = convert(str(path), source, pieces.append)
    return b"".join(pieces), result


turns = st.lists(
    st.fixed_dictionaries(
        {
            "from": st.sampled_from(["human", "gpt", "system", "observation", "tool", "x"]),
            "value": st.none() | texts,
        },
        optional={"weight": st.sampled_from([0, 1]), "loss": st.booleans(), "é": anything},
    )
    | st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": texts}),
    max_size=4,
)
extras = {"id": anything, "images": anything, "metadata": st.dictionaries(texts, anything)}
source_rows = {
    "sharegpt": st.fixed_dictionaries(
        {"conversations": turns}, optional={"system": st.none() | texts, **extras}
    ),
    "alpaca": st.fixed_dictionaries(
        {"instruction": texts, "output": texts},
        optional={
            "input": st.none() | texts,
            "system": st.none() | texts,
            "history": st.lists(st.lists(texts, min_size=2, max_size=2), max_size=2),
            **extras,
        },
    ),
    "prompt-completion": st.fixed_dictionaries(
        {"prompt": texts, "completion": texts}, optional=extras
    ),
    "openai-legacy": st.fixed_dictionaries(
        {
            "messages": st.lists(
                st.fixed_dictionaries(
                    {
                        "role": st.sampled_from(["user", "assistant", "function"]),
                        "content": st.none() | texts,
                    },
                    optional={
                        "name": texts,
                        "function_call": st.none()
                        | st.fixed_dictionaries({"name": texts, "arguments": texts | anything}),
                    },
                ),
                max_size=4,
            )
        },
        optional={
            "functions": st.lists(st.fixed_dictionaries({"name": texts}), max_size=2),
            **extras,
        },
    ),
}


def leaves(value: Any, key: str = "") -> Iterator[Any]:
    """Yield what a row holds, but for roles, and what says nothing."""
    if isinstance(value, dict):
        for inner, below in value.items():
            yield from leaves(below, inner)
    elif isinstance(value, list):
        for below in value:
            yield from leaves(below, key)
    elif says_something(value, key):
        yield value


def says_something(value: Any, key: str) -> bool:
    if isinstance(value, str):
        return bool(value.strip()) and key not in ROLE_KEYS
    return isinstance(value, (int, float)) and key not in ("weight", "loss")


@each_format
@given(data=st.data())
def test_nothing_of_a_converted_row_is_lost(source: str, data: st.DataObject) -> None:
    row = data.draw(source_rows[source])
    rows, result = in_a_file(json.dumps(row).encode() + b"\n", source)
    assert isinstance(result, Converted)
    assert result.rows == 1
    if not result.written:
        assert not result.valid
        return
    assert not {f.code for f in validate_row(rows.rstrip()).findings} & HIDING
    ours = list(leaves(json.loads(rows)))
    said = [text for text in ours if isinstance(text, str)]
    for leaf in leaves(row):
        assert leaf in ours or any(leaf in text for text in said if isinstance(leaf, str)), leaf
    for key in row.keys() - {"conversations", "system", "instruction", "input", "output"}:
        told = {diagnostic.path[-1] for diagnostic in result.diagnostics if diagnostic.path}
        known = {"history", "prompt", "completion", "messages", "functions", "metadata"}
        assert key in told | known


@each_format
@given(row=anything | st.dictionaries(st.sampled_from(list("fghij")), anything), data=st.data())
def test_no_row_is_too_wild_to_convert(source: str, row: Any, data: st.DataObject) -> None:
    if data.draw(st.booleans()):  # nearly right
        right = data.draw(source_rows[source])
        row = {**right, data.draw(st.sampled_from([*right, "tools", "system"])): row}
    elif data.draw(st.booleans()):
        row = {"conversations": [{"from": "function_call", "value": row}], "tools": row}
    line = json.dumps(row).encode() + b"\n"
    pieces, result = in_a_file(line, source)
    assert isinstance(result, Converted)
    assert result.valid == (result.written == result.rows == 1)
    assert pieces.count(b"\n") == result.written


@each_format
@given(line=lines() | st.binary(max_size=60))
def test_no_bytes_are_too_wild(source: str, line: bytes) -> None:
    in_a_file(line, source)
    in_a_file(b"[" + line, source)
    in_a_file(b"[" + line + b"]")
    in_a_file(line)


numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,25})?([eE][-+]?[0-9]{1,4})?", fullmatch=True
)


@given(st.lists(numbers, min_size=1, max_size=5))
def test_numbers_keep_their_digits(written: list[str]) -> None:
    line = as_line(exact_value(f'{{"é": [{", ".join(written)}]}}'))
    kept = re.findall(r"[-+0-9.eE]+", line.decode().split("[")[1])
    for one, other in zip(written, kept, strict=True):
        assert one == other or (len(one) < 20 and repr(float(one)) == repr(float(other)))
        assert ("." in one or "e" in one.lower()) == ("." in other or "e" in other.lower())


@given(anything)
def test_values_are_written_as_they_were_read(value: Any) -> None:
    try:
        line = as_line(exact_value(json.dumps(value)))
    except Inexact:
        return
    assert json.loads(line) == value


def codes(line: bytes) -> Counter[str]:
    return Counter(finding.code for finding in validate_row(line.strip(b" \t\r\n")).findings)


@given(st.lists(lines(), min_size=1, max_size=4))
def test_a_fix_is_whole_and_makes_nothing_worse(rows: list[bytes]) -> None:
    data = b"\n".join(rows) + b"\n"
    after, result = in_a_file(data)
    if isinstance(result, Fixed) and result.measured is None:  # it is no JSONL
        return
    assert after.count(b"\n") == data.count(b"\n")
    for old, new in zip(rows, after.split(b"\n"), strict=False):
        if not old.strip():
            continue
        before = codes(old)
        if not before.keys() & HIDING:
            assert codes(new) <= before
        if not before and b"function" not in old:
            assert new == old.removesuffix(b"\r")
    again, second = in_a_file(after)
    assert again == after
    assert second.changes == ()  # type: ignore[union-attr]


def damaged_role(role: str) -> st.SearchStrategy[str]:
    others = {
        "user": ["usr", "User", "human"],
        "assistant": ["asistant", "gpt", "bot"],
        "system": ["System", "sys"],
        "tool": ["Tool"],
    }
    return st.sampled_from([role, *others.get(role, [])])


@given(row=usual_rows, data=st.data())
def test_damage_that_is_safe_to_fix_is_undone(row: dict[str, Any], data: st.DataObject) -> None:
    line = json.dumps(row).encode()
    texts_of = "".join(text for text in leaves(row) if isinstance(text, str))
    assume(not codes(line).keys() - {"SFT452", "SFT454"} and "}]" not in texts_of)
    turns = []
    for message in row["messages"]:
        turn = {**message, "role": data.draw(damaged_role(message["role"]))}
        says = isinstance(turn.get("content"), str) and turn["content"].strip()
        alone = not turn.get("tool_calls") and not turn.get("reasoning")
        if says and alone and message["role"] in ("user", "assistant") and data.draw(st.booleans()):
            key = data.draw(st.sampled_from(["contents", "text", "value", "message"]))
            turn = {key if k == "content" else k: v for k, v in turn.items()}
        turns.append(turn)
    text = json.dumps({**row, "messages": turns})
    text += data.draw(st.sampled_from(["", ",", " ,"]))
    if data.draw(st.booleans()):
        text = text.replace("}]", "},]")
    text += data.draw(st.sampled_from(["\n", "\r\n"]))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    after, result = in_a_file(text.encode(encoding))
    assert isinstance(result, Fixed)
    assert result.measured is not None
    assert json.loads(after) == row
    assert codes(after) == codes(line)


@given(st.lists(usual_rows, min_size=1, max_size=4), st.sampled_from([None, 1]))
def test_an_array_becomes_its_rows(rows: list[dict[str, Any]], indent: int | None) -> None:
    after, _ = in_a_file(json.dumps(rows, indent=indent).encode())
    assert [json.loads(line) for line in after.split(b"\n")[:-1]] == rows
