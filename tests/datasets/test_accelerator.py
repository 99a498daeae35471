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
from drawn_rows import lines, lines_with_a_key_twice, usual_rows
from hypothesis import given
from hypothesis import strategies as st

from sftc.datasets.counting import tallying
from sftc.datasets.counting.tally import Tally
from sftc.datasets.counting.tallying import tally_block
from sftc.datasets.reading.blocks import Block
from sftc.datasets.rows import accelerator
from sftc.datasets.rows.validating import validate_row

ROWS = Path(__file__).with_name("rows")
MOST = 100
sift = accelerator.chosen(pure="")


def judged(text: bytes, how: Callable[[bytes], accelerator.Sifted]) -> Tally:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallying, "_sift", how)
        return tally_block(Block(text, 0), MOST)


def agree(text: bytes) -> bool:
    """Whether a block gives the same with the accelerator and without."""
    one, other = judged(text, sift), judged(text, accelerator.sift_none)
    one.lengths, other.lengths = (array("Q", sorted(tally.lengths)) for tally in (one, other))
    return one == other


ends = st.sampled_from([b"\n", b"\r\n", b" \n", b"\n\n", b"\n \t"])


@given(st.lists(lines() | lines_with_a_key_twice(), max_size=6), ends, ends | st.just(b""))
def test_the_accelerator_changes_nothing(many: list[bytes], end: bytes, last: bytes) -> None:
    text = end.join(many) + last
    assert agree(text)


@pytest.mark.parametrize("topic", sorted(ROWS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_nor_does_it_for_the_rows_of_the_corpus(topic: Path) -> None:
    text = topic.read_bytes()
    assert agree(text)
    for line in text.splitlines(keepends=True):
        for at in range(0, len(line), 3):
            for piece in (b"", b'"', b"\\", b"\xe2\x80\x83", b"}", b"\n"):
                cut = line[:at] + piece + line[at + 1 :]
                assert agree(cut), cut


@given(usual_rows)
def test_it_knows_usual_rows(row: Any) -> None:
    """Else it would be right, and useless."""
    for separators in ((",", ":"), (", ", ": ")):
        for ascii_only in (True, False):
            text = json.dumps(row, separators=separators, ensure_ascii=ascii_only).encode()
            warned = {finding.code for finding in validate_row(text).findings}
            if not warned:
                sifted = sift(text)
                assert (len(sifted.places), sifted.rest) == (4, b"")


@pytest.mark.parametrize("size", range(1, 100))
def test_it_hashes_as_python_does(size: int) -> None:
    row = b'{"messages":[{"role":"%b"}]}' % (b"x" * size)
    hashes = array("Q", sift(row).hashes)
    assert hashes.tolist() == [xxhash.xxh64_intdigest(row)]


def test_more_roles_than_it_can_count_are_counted() -> None:
    text = b"".join(
        b'{"messages": [{"role": "%d"}, {"role": "assistant", "content": "a"}]}\n' % number
        for number in range(100)
    )
    assert agree(text)
    assert len(judged(text, sift).roles) == 101
