"""Whole files: each folder of `files/` holds one, and what is found in it.

`SFTC_REWRITE=1 pytest` writes what is found as what is expected.
"""

import json
import os
from pathlib import Path

import pytest

from sftc.datasets import Measured, measure

FILES = Path(__file__).with_name("files")
CASES = sorted(path.name for path in FILES.iterdir())


def plain(measured: Measured) -> dict[str, object]:
    found = [
        {
            "code": diagnostic.code,
            "at": f"{diagnostic.span.line}:{diagnostic.span.column}",
            "path": list(diagnostic.path),
            "message": diagnostic.message,
            "hint": diagnostic.hint,
        }
        for diagnostic in measured.diagnostics
    ]
    return {**measured.facts(), "diagnostics": found}


@pytest.mark.parametrize("case", CASES)
def test_a_file_is_what_it_is_expected_to_be(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES / case)
    (name,) = (path.name for path in Path().iterdir() if path.name.startswith("data."))
    text = json.dumps(plain(measure(name)), indent=2, ensure_ascii=False) + "\n"
    expected = Path("expected.json")
    if os.environ.get("SFTC_REWRITE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_a_folder_holds_a_file_and_what_is_expected(case: str) -> None:
    names = sorted(path.name for path in (FILES / case).iterdir())
    assert len(names) == 2
    assert names[0].startswith("data.")
    assert names[1] == "expected.json"
