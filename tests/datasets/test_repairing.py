"""Files to fix: each folder of `repairing/` has one, what becomes of it, and what is said.

`SFTC_REWRITE=1 pytest` writes what comes out as what is expected; read the difference before you
commit it.
"""

import codecs
import json
import os
from pathlib import Path

import pytest
from written_findings import said

from sftc.datasets.repairing import KINDS, Fixed, fix

FILES = Path(__file__).with_name("repairing")
CASES = sorted(path.name for path in FILES.iterdir())


def fixed(name: str) -> tuple[bytes, Fixed]:
    pieces: list[bytes] = []
    result = fix(name, pieces.append)
    return b"".join(pieces), result


@pytest.mark.parametrize("case", CASES)
def test_a_file_becomes_what_it_is_expected_to(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES / case)
    (name,) = (path.name for path in Path().iterdir() if path.name.startswith("data."))
    rows, result = fixed(name)
    facts = {**result.facts(), "findings": [said(one) for one in result.diagnostics]}
    found = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    expected, findings = Path("expected.jsonl"), Path("findings.json")
    if os.environ.get("SFTC_REWRITE"):
        expected.write_bytes(rows)
        findings.write_text(found, encoding="utf-8")
    assert rows == expected.read_bytes()
    assert found == findings.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_what_was_fixed_stays_as_it_is(case: str) -> None:
    expected = FILES / case / "expected.jsonl"
    rows, result = fixed(str(expected))
    assert result.changes == ()
    assert rows == (expected.read_bytes() if result.measured else b"")


def test_each_kind_of_change_has_a_case() -> None:
    text = "".join(path.read_text("utf-8") for path in FILES.glob("*/findings.json"))
    assert [kind for kind in KINDS if f'"kind": "{kind}"' not in text] == []


def test_utf_32_is_not_read_as_utf_16(tmp_path: Path) -> None:
    """Its byte-order mark begins with that of UTF-16."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(codecs.BOM_UTF32_LE + '{"messages": []}'.encode("utf-32-le"))
    fixed = fix(str(path), lambda _: None)
    assert fixed.problem is not None
    assert "UTF-32 text" in fixed.problem.message
