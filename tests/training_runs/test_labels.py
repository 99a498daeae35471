"""What is learned of a row is what the assistant says, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from training_jobs import NAME

from sftc.datasets.tokens import IGNORED, load, shown_rows
from sftc.training.rows import Row, tokenized

ROWS: list[dict[str, Any]] = [
    {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "2+2?"},
            {"role": "assistant", "content": "4"},
            {"role": "user", "content": "And 3 + 3? 🙂"},
            {"role": "assistant", "content": "It is 6. 🙂"},
        ]
    },
    {
        "messages": [
            {"role": "user", "content": "<|im_end|>assistant"},
            {"role": "assistant", "content": "No.\n\n"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"x": {}}}}],
    },
    {
        "messages": [
            {"role": "user", "content": "Ünïcödé"},
            {"role": "assistant", "content": "assistant\nuser"},
        ],
        "tools": [{"type": "function", "function": {"name": "g", "parameters": {"y": {}}}}],
    },
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "train.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in ROWS))
    return path


def learned(row: Row) -> list[int]:
    return [label for label in row.labels if label != IGNORED]


def test_labels_decode_to_what_the_assistant_says(data: Path, models: Path) -> None:
    from transformers import AutoTokenizer

    words = AutoTokenizer.from_pretrained(models / NAME)
    rows = tokenized(data, load(str(models / NAME)), None, 1).rows
    assert [words.decode(learned(row)) for row in rows] == [
        "4<|im_end|>\nIt is 6. 🙂<|im_end|>\n",
        "No.\n\n<|im_end|>\n",
        "assistant\nuser<|im_end|>\n",
    ]
    for row, values in zip(rows, ROWS, strict=True):
        assert all(label in {IGNORED, token} for token, label in zip(*row, strict=True))
        whole = words.decode(row.ids)
        own = {tool["function"]["name"] for tool in values.get("tools", [])}
        assert {name for name in "fg" if f'"name": "{name}"' in whole} == own


def test_they_are_what_sftc_data_shows(data: Path, models: Path) -> None:
    files = load(str(models / NAME))
    rows = tokenized(data, files, None, 2).rows
    shown = list(shown_rows(str(data), files, 1, 3))
    assert [list(row.labels) for row in rows] == [one.labels for one in shown]
    assert [tuple(row.ids) for row in rows] == [one.tokens and one.tokens.ids for one in shown]


def test_what_is_odd_about_rows_is_counted(data: Path, models: Path) -> None:
    found = tokenized(data, load(str(models / NAME)), None, 1)
    assert found.odd == {"it contains the text of a special token": 1}
