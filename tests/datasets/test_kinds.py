"""A kind of row that is not ours: one class is all that it takes, wherever rows are handled."""

import json
from pathlib import Path
from typing import Any

import pytest
import tiny_tokenizer
from prompt_completion import PromptCompletion

from sftc.datasets import measure
from sftc.datasets.comparing import compare, near_duplicates, overlap
from sftc.datasets.reading import blocks
from sftc.datasets.repairing import fix
from sftc.datasets.tokens import count_tokens, load, shown_rows
from sftc.diagnostics import codes

KIND = PromptCompletion()
CAPITAL = {"prompt": "The capital of France is", "completion": " Paris."}
SUM = {"prompt": "2 + 2 =", "completion": " 4"}


def written(path: Path, *rows: Any) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.fixture
def good(tmp_path: Path) -> str:
    return written(tmp_path / "good.jsonl", CAPITAL, SUM)


def test_rows_are_judged_and_counted(good: str, tmp_path: Path) -> None:
    measured = measure(good, kind=KIND)
    assert measured.valid
    assert not measured.diagnostics
    assert measured.statistics.roles == {"completion": 2, "prompt": 2}
    assert measured.pin is not None
    assert not measure(good).valid  # they are no conversations

    bad = written(tmp_path / "bad.jsonl", CAPITAL, {"prompt": "a"}, {**SUM, "completion": " "})
    found = measure(bad, kind=KIND).diagnostics
    assert [(one.code, one.span.line) for one in found] == [
        (codes.MISSING_ROW_KEY, 2),
        (codes.EMPTY_TURN, 3),
    ]
    assert not measure(bad, kind=KIND).valid


def test_what_is_wrong_whatever_the_kind(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"prompt": "a", "completion": "b", "prompt": "c"}\n{"prompt": \n' * 4)
    found = measure(str(path), kind=KIND).diagnostics
    assert [(one.code, one.count) for one in found] == [
        (codes.ROW_NOT_JSON, 4),
        (codes.KEY_TWICE, 4),
        (codes.ROW_TWICE, 3),
    ]


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_row_too_large_for_a_block(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: str
) -> None:
    monkeypatch.setattr(blocks, "LARGEST", 1000)
    monkeypatch.setattr(blocks, "READ", 100)
    large = {"prompt": "x" * 5000, "completion": "y"}
    path = tmp_path / "large.jsonl"
    path.write_text(json.dumps(large) + "\n" + json.dumps({**large, "completion": " "}) + end)
    measured = measure(str(path), kind=KIND)
    assert [(one.code, one.span.line) for one in measured.diagnostics] == [(codes.EMPTY_TURN, 2)]
    assert (measured.rows, measured.statistics.roles["prompt"]) == (2, 1)


@pytest.mark.slow
def test_tokens_and_labels_without_a_template(good: str, tmp_path: Path) -> None:
    files = load(str(tiny_tokenizer.save(tmp_path / "tokenizer")))
    counted = count_tokens(good, files, length=25, kind=KIND)
    assert counted.tokens.rows == 2
    assert counted.tokens.total == sum(
        len(row["prompt"] + row["completion"]) for row in (CAPITAL, SUM)
    )
    assert counted.tokens.trained == 1 + 2  # a token for each letter; the first row is cut
    shown = list(shown_rows(good, files, 1, 2, KIND))
    assert [row.parts() for row in shown] == [
        [(CAPITAL["prompt"], False), (CAPITAL["completion"], True)],
        [(SUM["prompt"], False), (SUM["completion"], True)],
    ]
    labels = shown[1].labels
    assert labels is not None
    assert labels[: len(SUM["prompt"])] == [-100] * len(SUM["prompt"])
    assert -100 not in labels[len(SUM["prompt"]) :]


def test_two_files_are_compared(good: str, tmp_path: Path) -> None:
    spaced = {**SUM, "prompt": "2 +  2 ="}
    other = written(tmp_path / "other.jsonl", {**CAPITAL, "completion": " Lyon."}, SUM, spaced)
    assert [one.code for one in overlap(good, other)] == [
        codes.VALIDATION_ROW_IN_TRAINING,
        codes.VALIDATION_ROW_NEARLY_IN_TRAINING,
    ]
    assert [one.code for one in near_duplicates(other)] == [codes.ROW_NEARLY_TWICE]

    difference = compare(good, other, KIND)
    facts = difference.facts()
    assert (facts["same"], facts["changed"]) == (1, [{"old": 1, "new": 1}])
    shown = difference.shown(3)
    assert shown["added"] == [(3, "2 +  2 = →  4")]
    assert shown["changed"] == [
        [{"path": ("completion",), "role": None, "before": " Paris.", "after": " Lyon."}]
    ]


def test_only_what_its_kind_allows_is_repaired(tmp_path: Path) -> None:
    row = {**SUM, "messages": [{"role": "asistant", "content": "a"}]}
    path = tmp_path / "rows.jsonl"
    path.write_bytes(json.dumps(row).encode() + b"\r\n" + json.dumps(SUM).encode()[:-1] + b",}\r\n")
    made = bytearray()
    fixed = fix(str(path), made.extend, kind=KIND)
    assert [(change.kind, change.count) for change in fixed.changes] == [
        ("line-ends", 2),
        ("trailing-commas", 1),
    ]
    assert list(map(json.loads, made.splitlines())) == [row, SUM]
    assert fixed.valid
    assert fixed.source is None
