"""Payloads that are none: what is said of each, and where it points."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftc import payloads, report
from sftc.report import Format

CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_of_a_bad_payload(case: Path) -> None:
    data = (case / "job.json").read_bytes()
    found = payloads.read(data, name="job.json")
    assert isinstance(found, tuple)
    said = report.render(Format.TEXT, found, {"job.json": data.decode("utf-8", "replace")})
    golden = case / "said.txt"
    if os.environ.get("SFTC_REWRITE"):
        golden.write_text(said, "utf-8")
    assert said == golden.read_text("utf-8")


def test_no_case_is_left_over() -> None:
    assert len(CASES) >= 15
    for case in CASES:
        assert {path.name for path in case.iterdir()} == {"job.json", "said.txt"}


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_crash_it(data: bytes) -> None:
    found = payloads.read(data, name="job.json")
    assert isinstance(found, tuple)
    assert found
