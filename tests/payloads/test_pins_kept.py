"""Which facts of an artifact's pins are kept for a payload that is compiled anew."""

from typing import Any

import pytest
from edited_payloads import edited

from sftc.payloads import kept_pins, pins
from sftc.payloads.pins import of_bytes, of_tokens, unpinned

BYTES = {"sha256": "0" * 64, "bytes": 9, "examples": 3, "head": 2}
TOKENS = {"tokenizer": "t", "tokens": 40, "tokens_cut": 4, "trained_tokens": 9}
TRAINING, LENGTH = "metadata.sftc.files.training", "hyperparameters.sequence_length"
PINNED = edited({TRAINING: {"path": "a.jsonl", **BYTES, **TOKENS}, LENGTH: 8})


@pytest.mark.parametrize(
    ("edits", "kept"),
    [
        ({TRAINING: {"path": "a.jsonl"}, LENGTH: 8}, {"training": {**BYTES, **TOKENS}}),
        ({TRAINING: {"path": "a.jsonl"}, LENGTH: 9}, {"training": BYTES}),
        ({TRAINING: {"path": "a.jsonl"}}, {"training": BYTES}),
        ({TRAINING: {"path": "a.jsonl"}, LENGTH: 8, "model": "m"}, {"training": BYTES}),
        ({TRAINING: {"path": "b.jsonl"}, LENGTH: 8}, {}),
        ({"metadata.sftc.files.validation": {"path": "a.jsonl"}, LENGTH: 8}, {}),
        ({LENGTH: 8}, {}),
    ],
)
def test_what_is_kept(edits: dict[str, Any], kept: dict[str, Any]) -> None:
    assert kept_pins(edited(edits), PINNED) == kept


def test_facts_of_bytes_and_of_tokens_are_all_facts() -> None:
    pin = pins(PINNED)["training"]
    assert (of_bytes(pin), of_tokens(pin)) == (BYTES, TOKENS)
    assert of_tokens({"path": "a.jsonl", **pin}) == TOKENS


def test_a_path_alone_pins_nothing() -> None:
    assert pins(edited({TRAINING: {"path": "a.jsonl"}})) == {}
    assert unpinned(PINNED) == edited({TRAINING: {"path": "a.jsonl"}, LENGTH: 8})
