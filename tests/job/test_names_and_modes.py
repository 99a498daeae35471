"""What is said of models, datasets, modes and kinds that are other things, word for word.

``names_and_modes.json`` has the values and what is said; ``SFTC_REWRITE=1`` rewrites it.
"""

import json
import os
from pathlib import Path

import pytest

import sftc

FILE = Path(__file__).with_name("names_and_modes.json")
WRITTEN: dict[str, dict[str, list[list[str]]]] = json.loads(FILE.read_bytes())
CONFIG = """\
[job]
model = {model}
data = {data}
[compute]
gpu_type = "H100"
[training]
mode = {mode}
[hyperparameters]
train_kind = {train_kind}
"""
PLAIN = {"model": "m/x", "data": "a.jsonl", "mode": "lora", "train_kind": "peft"}


def said(field: str, value: str) -> list[list[str]]:
    """Return each finding of a config in which a field has another value."""
    values = {name: json.dumps(each) for name, each in (PLAIN | {field: value}).items()}
    found = sftc.compile_config(CONFIG.format(**values)).diagnostics
    return [[each.code, each.message, each.hint or ""] for each in found]


def test_the_golden_is_written() -> None:
    if os.environ.get("SFTC_REWRITE"):
        for field, values in WRITTEN.items():
            WRITTEN[field] = {value: said(field, value) for value in values}
        FILE.write_text(json.dumps(WRITTEN, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert set(WRITTEN) == set(PLAIN)


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WRITTEN.items() for value in values]
)
def test_what_is_said(field: str, value: str) -> None:
    assert said(field, value) == WRITTEN[field][value]
