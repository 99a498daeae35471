"""Bad rows by topic: line N of `rows/TOPIC.jsonl` has the findings in line N of its expectation.

`SFTC_REWRITE=1 pytest` writes what is found as what is expected; read the difference before
you commit it.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sftc.datasets import measure
from sftc.diagnostics import Diagnostic
from sftc.diagnostics.catalogue import CODES, comparing, converting, tokens

ROWS = Path(__file__).with_name("rows")
TOPICS = sorted(path.stem for path in ROWS.glob("*.jsonl"))


def found(diagnostic: Diagnostic) -> dict[str, Any]:
    place = f"{diagnostic.span.line}:{diagnostic.span.column}"
    said: dict[str, Any] = {"code": diagnostic.code, "severity": diagnostic.severity, "at": place}
    said |= {"path": list(diagnostic.path), "message": diagnostic.message}
    return said | ({"hint": diagnostic.hint} if diagnostic.hint else {})


def findings(path: Path) -> list[dict[str, Any]]:
    return [found(diagnostic) for diagnostic in measure(str(path), most=None).diagnostics]


@pytest.mark.slow_but_first
@pytest.mark.parametrize("topic", TOPICS)
def test_each_row_has_exactly_its_findings(topic: str, tmp_path: Path) -> None:
    expected = ROWS / f"{topic}.expected"
    lines = []
    for row in (ROWS / f"{topic}.jsonl").read_bytes().split(b"\n")[:-1]:
        file = tmp_path / "row.jsonl"
        file.write_bytes(row + b"\n")
        lines.append(json.dumps(findings(file), ensure_ascii=False) + "\n")
    if os.environ.get("SFTC_REWRITE"):
        expected.write_text("".join(lines), encoding="utf-8")
    assert lines == expected.read_text(encoding="utf-8").splitlines(keepends=True)


@pytest.mark.parametrize("topic", sorted(set(TOPICS) - {"not_json"}))
def test_a_row_among_others_has_the_same_findings(topic: str) -> None:
    told: dict[int, list[dict[str, Any]]] = {}
    for finding in findings(ROWS / f"{topic}.jsonl"):
        line, column = finding["at"].split(":")
        finding["at"] = f"1:{column}"
        if finding["code"] not in ("SFT407", "SFT445", "SFT447"):  # of the file
            told.setdefault(int(line), []).append(finding)
    expected = (ROWS / f"{topic}.expected").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(expected, start=1):
        alone = [finding for finding in json.loads(line) if finding["code"] != "SFT407"]
        if not any(finding["code"] == "SFT402" for finding in alone):  # told by a file's start
            assert told.get(number, []) == alone, number


def test_expectations_and_topics_belong_together() -> None:
    assert sorted(path.stem for path in ROWS.glob("*.expected")) == TOPICS


ELSEWHERE = {code.code for part in (tokens, comparing, converting) for code in part.CODES}
"""Findings that need a tokenizer, which `tests/tokens` has, another file, or another format."""


def test_there_are_more_than_a_hundred_and_fifty_bad_rows() -> None:
    bad = [t for t in TOPICS if t != "good"]
    assert sum((ROWS / f"{t}.jsonl").read_bytes().count(b"\n") for t in bad) > 150


def test_every_code_of_datasets_is_seen_somewhere() -> None:
    cases = [*ROWS.glob("*.expected"), *ROWS.parent.glob("files/*/expected.json")]
    text = "".join(path.read_text(encoding="utf-8") for path in cases)
    elsewhere = {"SFT401", "SFT404", "SFT412", "SFT425", "SFT444"}  # in test_limits and test_pins
    codes = {code for code in CODES if code.startswith("SFT4")} - ELSEWHERE
    assert {code for code in codes if code not in text} == elsewhere


@pytest.mark.parametrize("code", [c for c in CODES if c.startswith("SFT4") and c not in ELSEWHERE])
def test_the_catalogue_shows_each_code_truly(code: str, tmp_path: Path) -> None:
    entry = CODES[code]
    for text, shown in ((entry.bad, [code]), (entry.good, [])):
        if text:
            file = tmp_path / "data.jsonl"
            file.write_bytes(text.encode())
            assert [finding["code"] for finding in findings(file)] == shown
