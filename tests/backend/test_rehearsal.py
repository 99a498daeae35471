"""What a rehearsal counts, over random files and lengths."""

from pathlib import Path
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from served import payload

from sftc.backend import rehearsal
from sftc.backend.plan import marks, planned


@given(st.lists(st.sampled_from([b"word", b" ", b"\n", b"\r\n", b"\t"])), st.integers(1, 7))
def test_rows_and_words_are_those_of_the_text(pieces: list[bytes], block: int) -> None:
    text = b"".join(pieces)
    file = mock.mock_open(read_data=text)
    with mock.patch.object(Path, "open", file), mock.patch.object(rehearsal, "_BLOCK", block):
        rows, words = rehearsal.survey(Path("train.jsonl"), lambda: None)
    assert rows == sum(1 for line in text.split(b"\n") if line.strip())
    assert words == len(text.split())


@given(st.integers(1, 10**15), st.integers(1, 100))
def test_marks_are_spread_up_to_the_last_step(total: int, most: int) -> None:
    found = marks(total, most)
    assert len(found) == min(total, most)
    assert list(found) == sorted(set(found))
    assert (found[0] >= 1, found[-1]) == (True, total)


@given(st.integers(1, 10**6), st.integers(1, 64), st.integers(1, 64), st.integers(1, 9))
def test_each_row_is_seen_once_in_an_epoch(
    rows: int, device: int, accumulation: int, epochs: int
) -> None:
    knobs = {"per_device_batch": device, "gradient_accumulation_steps": accumulation}
    plan = planned(payload("a", n_epochs=epochs, **knobs), rows)
    assert (plan.per_epoch - 1) * plan.batch < rows <= plan.per_epoch * plan.batch
    assert (plan.batch, plan.total) == (device * accumulation, epochs * plan.per_epoch)


def test_written_steps_win_over_epochs() -> None:
    assert planned(payload("a", n_epochs=9, train_steps=7), 40).total == 7
