"""The lines of a journal: they come back, fit their schema, and are read when whole."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftc import schemas
from sftc.jobfolder import Entry, JournalError, Kind, curve, read_entries, whole_lines
from sftc.schemas.explaining import validator

FINITE = st.floats(allow_nan=False, allow_infinity=False)
ENTRIES = st.builds(
    Entry,
    kind=st.sampled_from(Kind),
    at=st.floats(0, 1e10),
    step=st.none() | st.integers(0, 10**9),
    values=st.dictionaries(st.text(), FINITE),
    message=st.none() | st.text(st.characters(codec="utf-8")),
    code=st.sampled_from([None, "SFT704", "disk-full"]),
    pointer=st.none() | st.just("/model"),
    facts=st.dictionaries(st.sampled_from(["rows", "learned"]), st.integers(0, 10**9)),
)


def test_the_kinds_are_those_of_the_schema() -> None:
    assert schemas.load("journal")["properties"]["kind"]["enum"] == [kind.value for kind in Kind]


@given(ENTRIES)
def test_a_line_comes_back(entry: Entry) -> None:
    line = entry.to_line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert Entry.from_line(line) == entry
    assert list(validator("journal").iter_errors(json.loads(line))) == []


@given(st.lists(ENTRIES, max_size=4), st.data())
def test_a_torn_last_line_is_not_read(entries: list[Entry], data: st.DataObject) -> None:
    written = b"".join(entry.to_line() for entry in entries)
    cut = data.draw(st.integers(0, len(written)))
    seen = read_entries(written[:cut])
    assert seen == entries[: len(seen)]
    assert whole_lines(written[:cut]) == b"".join(entry.to_line() for entry in seen)
    assert read_entries(written) == entries


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_never_written(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        Entry(Kind.STEP, 0, step=1, values={"train.loss": value}).to_line()


def test_half_a_character_of_a_file_name_does_not_stop_a_journal() -> None:
    line = Entry(Kind.FAILED, 0, message="a\udcffb").to_line()
    assert Entry.from_line(line).message == "a?b"


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'{"kind":"note","at":1}',
        b'{"format":2,"kind":"note","at":1}',
        b'{"format":1,"kind":"other","at":1}',
        b'{"format":1,"kind":"step","at":1,"step":1.0}',
        b'{"format":1,"kind":"note","at":1,"more":1}',
        b"\xff",
    ],
)
def test_a_whole_line_of_another_kind_is_an_error(line: bytes) -> None:
    with pytest.raises(JournalError):
        read_entries(line + b"\n")


def test_a_step_done_again_replaces_the_first() -> None:
    entries = [
        Entry(Kind.STEP, 0, step=2, values={"train.loss": 2.0}),
        Entry(Kind.EVALUATION, 0, step=2, values={"val.loss": 3.0}),
        Entry(Kind.SAVED, 0, step=2),
        Entry(Kind.STEP, 1, step=1, values={"train.loss": 4.0}),
        Entry(Kind.STEP, 1, step=2, values={"train.loss": 1.0}),
    ]
    assert curve(entries) == {1: {"train.loss": 4.0}, 2: {"train.loss": 1.0, "val.loss": 3.0}}
