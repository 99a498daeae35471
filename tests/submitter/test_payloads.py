"""Payloads that are none: what is said of each, and where it points."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sftc
from sftc import report
from sftc.report import Format

CASES = sorted(path for path in (Path(__file__).parent / "payloads").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_of_a_bad_payload(case: Path) -> None:
    data = (case / "job.json").read_bytes()
    with pytest.raises(sftc.PayloadError) as error:
        sftc.submit(data, backend="http://127.0.0.1:1", key="k")
    sources = {"job.json": data.decode("utf-8", "replace")}
    said = report.render(Format.TEXT, error.value.diagnostics, sources)
    golden = case / "submit.txt"
    if os.environ.get("SFTC_REWRITE"):
        golden.write_text(said, "utf-8")
    assert said == golden.read_text("utf-8")


def test_no_case_is_left_over() -> None:
    assert len(CASES) >= 15
    for case in CASES:
        assert {path.name for path in case.iterdir()} == {"job.json", "submit.txt"}


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_crash_it(data: bytes) -> None:
    with pytest.raises(sftc.PayloadError) as error:
        sftc.submit(data, backend="http://127.0.0.1:1", key="k")
    assert error.value.diagnostics
