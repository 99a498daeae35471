"""What the accelerator says is what Python says; it is only quicker.

These tests are passed over where there is no compiler, and so no accelerator.
"""

import json
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xxhash
from drawn_rows import (
    lines,
    lines_with_a_key_twice,
    rows,
    usual_rows,
    usual_rows_of_turns,
    wild_lines,
)
from hypothesis import given
from hypothesis import strategies as st

from sftc.datasets.counting.tally import Tally
from sftc.datasets.counting.tallying import Judge
from sftc.datasets.reading.blocks import Block
from sftc.datasets.rows import accelerator, conversation
from sftc.datasets.rows.calls import is_json
from sftc.datasets.rows.validating import validate_row

ROWS = Path(__file__).with_name("rows")
MOST = 100
sift = accelerator.chosen(pure="")


def judged(text: bytes, how: Callable[[bytes], accelerator.Sifted]) -> Tally:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conversation, "_sift", how)
        return Judge(MOST).tally(Block(text, 0))


def said(tally: Tally) -> tuple[object, ...]:
    """Return all that is in a tally."""
    fields = {name: getattr(tally, name) for name in Tally.__slots__}
    findings = fields.pop("findings")
    fields["lengths"] = sorted(fields["lengths"])
    return (fields, list(findings.groups.items()), findings.unseen)


def agree(text: bytes) -> bool:
    """Whether a block gives the same with the accelerator and without."""
    return said(judged(text, sift)) == said(judged(text, accelerator.sift_none))


ends = st.sampled_from([b"\n", b"\r\n", b" \n", b"\n\n", b"\n \t"])


@given(st.lists(lines() | lines_with_a_key_twice(), max_size=6), ends, ends | st.just(b""))
def test_the_accelerator_changes_nothing(many: list[bytes], end: bytes, last: bytes) -> None:
    text = end.join(many) + last
    assert agree(text)


@given(st.lists(wild_lines(), min_size=1, max_size=4), st.sampled_from([1, 1, 9]), ends)
def test_whatever_the_bytes_are(many: list[bytes], times: int, end: bytes) -> None:
    assert agree(end.join(many * times))


def like(value: Any, number: int, key: str = "") -> Any:
    """Return a value that differs only in what no rule looks at."""
    match value:
        case dict():
            return {name: like(inner, number, name) for name, inner in value.items()}
        case list():
            return [like(inner, number) for inner in value]
        case str() if key in ("id", "tool_call_id"):
            return f"{value}{number}"  # ids are only compared
        case str() if value.strip() and key not in ("role", "type", "arguments"):
            return f"{value}{number}"
        case _:
            return value


@given(
    st.lists(rows | usual_rows, min_size=1, max_size=5),
)
def test_rows_that_are_alike_are_judged_alike(many: list[Any]) -> None:
    """The first few are judged one by one, the others by their signature."""
    alike = [like(row, number) for number in range(9) for row in many]
    text = b"".join(json.dumps(row).encode() + b"\n" for row in alike)
    assert agree(text)


@given(st.lists(lines() | lines_with_a_key_twice(), min_size=1, max_size=4))
def test_so_are_rows_that_are_the_same(many: list[bytes]) -> None:
    assert agree(b"\n".join(many * 9))


@given(
    st.text(st.sampled_from("{}[]\"',: 1-NITtnux"), min_size=1, max_size=5),
    st.lists(st.text(st.sampled_from(" \"'x{}:,é\x00N"), max_size=20), min_size=1, max_size=9),
    st.sampled_from([b"", b"\xff", b"\xed\xa0\x80", b"\xf0\x9f\x99\x82"]),
)
def test_so_are_lines_that_go_wrong_at_once(begin: str, ends: list[str], odd: bytes) -> None:
    lines = [f"{begin}{end}".encode() + odd * (at % 3 == 0) for at, end in enumerate(ends * 6)]
    assert agree(b"\n".join(lines))


@given(st.text(st.sampled_from('{}[]",:\\\n 1aeu0"') | st.characters(codec="utf-8"), max_size=30))
def test_arguments_are_json_or_not(arguments: str) -> None:
    call = {"id": "a", "function": {"name": "f", "arguments": arguments}}
    row = {
        "messages": [
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "a"},
            {"role": "assistant", "content": "b"},
        ]
    }
    for ascii_only in (True, False):
        text = json.dumps(row, ensure_ascii=ascii_only).encode()
        assert agree(text)
        if "\\ud" not in arguments.casefold():  # it leaves half a character to Python
            assert bool(sift(text).places) == is_json(arguments)


@pytest.mark.slow
@pytest.mark.parametrize("topic", sorted(ROWS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_nor_does_it_for_the_rows_of_the_corpus(topic: Path) -> None:
    text = topic.read_bytes()
    assert agree(text)
    for line in text.splitlines(keepends=True):
        for at in range(0, len(line), 3):
            for piece in (b"", b'"', b"\\", b"\xe2\x80\x83", b"}", b"\n"):
                cut = line[:at] + piece + line[at + 1 :]
                assert agree(cut), cut


@given(usual_rows_of_turns())
def test_it_knows_usual_rows(row: Any) -> None:
    """Else it would be right, and useless."""
    for separators in ((",", ":"), (", ", ": ")):
        for ascii_only in (True, False):
            text = json.dumps(row, separators=separators, ensure_ascii=ascii_only).encode()
            assert validate_row(text).findings == []
            sifted = sift(text)
            assert (len(sifted.places), sifted.rest) == (4, b"")


def row_of_tools(names: list[str], called: list[str]) -> bytes:
    calls = [{"id": str(at), "name": name} for at, name in enumerate(called)]
    answers = [{"role": "tool", "tool_call_id": str(at)} for at in range(len(called))]
    end = {"role": "assistant", "content": "a"}
    messages = [{"role": "assistant", "tool_calls": calls}, *answers, end]
    row = {"messages": messages, "tools": [{"name": name} for name in names]}
    return json.dumps(row).encode() + b"\n"


MANY = [str(number) for number in range(130)]


@pytest.mark.parametrize(
    ("names", "called", "surely"),
    [
        (["f", "g"], ["f", "g", "f"], True),
        (["f"], ["g"], False),
        (["f"], ["f", "fg", "f"], False),
        (["f", "g", "f"], ["f"], False),
        ([], ["f"], True),
        (MANY[:128], MANY[64:128], True),  # as many as it remembers
        (MANY[:129], MANY[:64], False),
        (["f" * 256], ["f" * 256], True),
        (["f" * 257], ["f"], False),
        (["f"], ["f" * 257], False),
        (["é"], ["é"], False),  # written as an escape
    ],
)
def test_calls_are_of_tools(names: list[str], called: list[str], surely: bool) -> None:  # noqa: FBT001
    text = row_of_tools(names, called)
    assert bool(sift(text).places) == surely
    if surely:
        assert validate_row(text[:-1]).findings == []
    assert agree(text * 9)


@pytest.mark.parametrize(
    "called", ['"tool_calls": [{"name": "%s"}]', '"function_call": {"name": "%s"}']
)
@pytest.mark.parametrize("tool", ['{"name": "%s"}', '{"function": {"name": "%s"}}'])
def test_bad_rows_that_call_other_tools_are_judged_apart(called: str, tool: str) -> None:
    row = '{"messages": [{"role": "human"}, {"role": "assistant", %s}], "tools": [%s]}\n'
    text = "".join(9 * (row % (called % name, tool % "f")) for name in "fgf")
    assert agree(text.encode())


@pytest.mark.parametrize("size", range(1, 100))
def test_it_hashes_as_python_does(size: int) -> None:
    row = b'{"messages":[{"role":"assistant","content":"%b"}]}' % (b"x" * size)
    assert array("Q", sift(row).hashes).tolist() == [xxhash.xxh64_intdigest(row)]


def test_more_roles_than_it_can_count_are_counted() -> None:
    text = b"".join(
        b'{"messages": [{"role": "%d"}, {"role": "assistant", "content": "a"}]}\n' % number
        for number in range(100)
    )
    assert agree(text)
    assert len(judged(text, sift).roles) == 101


CHARACTERS = [
    char.encode()
    for char in ("a", "é", "Ā", "ࠀ", "你", "\ud7ff", "\ue000", "𐀀", "🙂", "\U0010ffff")
]
ODD_BYTES = [
    bytes([byte])
    for byte in (0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xE0, 0xED, 0xF0, 0xF4, 0xF5)
]


@given(
    st.integers(0, 20),
    st.lists(st.sampled_from(CHARACTERS), max_size=30),
    st.none() | st.tuples(st.integers(0, 60), st.sampled_from([b"", *ODD_BYTES])),
)
def test_only_rows_in_utf_8_are_good(
    before: int, characters: list[bytes], odd: tuple[int, bytes] | None
) -> None:
    """Sixteen bytes are looked at together, so mistakes are tried at each place of them."""
    said = b"a" * (before + 1) + b"".join(characters)
    if odd:
        at, byte = odd
        said = said[:at] + byte + said[at + 1 :]
    row = b'{"messages":[{"role":"user","content":"%s"},{"role":"assistant","content":"a"}]}'
    text = row % said
    assert agree(text)
    try:
        text.decode()
    except UnicodeDecodeError:
        assert not sift(text).places
