"""Files of other formats: each folder of `converting/FORMAT/` has one, its rows, and what is told.

`SFTC_REWRITE=1 pytest` writes what comes out as what is expected; read the difference before you
commit it.
"""

import json
import os
from pathlib import Path

import pytest
from written_findings import said

from sftc.datasets import measure
from sftc.datasets.converting import FORMATS, Converted, convert
from sftc.diagnostics.catalogue import CODES, converting

FILES = Path(__file__).with_name("converting")
CASES = sorted(f"{path.parent.name}/{path.name}" for path in FILES.glob("*/*"))


def converted(name: str, source: str) -> tuple[bytes, Converted]:
    pieces: list[bytes] = []
    result = convert(name, source, pieces.append)
    return b"".join(pieces), result


@pytest.mark.parametrize("case", CASES)
def test_a_file_becomes_what_it_is_expected_to(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES / case)
    (name,) = (path.name for path in Path().iterdir() if path.name.startswith("data."))
    rows, result = converted(name, case.split("/", maxsplit=1)[0])
    facts = {**result.facts(), "findings": [said(one) for one in result.diagnostics]}
    found = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    expected, findings = Path("expected.jsonl"), Path("findings.json")
    if os.environ.get("SFTC_REWRITE"):
        expected.write_bytes(rows)
        findings.write_text(found, encoding="utf-8")
    assert rows == expected.read_bytes()
    assert found == findings.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_what_is_written_has_no_errors(case: str) -> None:
    expected = FILES / case / "expected.jsonl"
    codes = [one.code for one in measure(str(expected)).diagnostics if one.severity == "error"]
    assert codes == ([] if expected.stat().st_size else ["SFT403"])


@pytest.mark.parametrize("case", CASES)
def test_a_folder_has_a_file_and_what_is_expected(case: str) -> None:
    names = sorted(path.name for path in (FILES / case).iterdir())
    assert names[1:] == ["expected.jsonl", "findings.json"]
    assert names[0] in ("data.json", "data.jsonl")


def test_each_format_and_each_code_has_a_case() -> None:
    assert sorted({case.split("/")[0] for case in CASES}) == sorted(FORMATS)
    text = "".join(path.read_text("utf-8") for path in FILES.glob("*/*/findings.json"))
    assert [code.code for code in converting.CODES if code.code not in text] == []
    assert {code.code for code in converting.CODES} == {c for c in CODES if c.startswith("SFT47")}
