"""What a payload comes to: quantities, length and flavour."""

from typing import Any

import pytest
from edited_payloads import edited

from sftc.job import Job, Length, flavour, length, quantities
from sftc.job.batch import Batch, complete, effective_or_least
from sftc.job.flavours import decided

C = "metadata.effective_config.compute"
H = "hyperparameters"
T = "metadata.effective_config.training"
FILES = "metadata.sftc.files.training"

FULL = {
    f"{C}.gpu_count": 4,
    f"{C}.nodes": 2,
    f"{H}.parallelism.tensor_parallel_size": 2,
    f"{H}.per_device_batch": 3,
    f"{H}.gradient_accumulation_steps": 5,
    f"{H}.sequence_length": 100,
    "metadata.sftc.format": 1,
    f"{FILES}.path": "train.jsonl",
    f"{FILES}.examples": 61,
    f"{FILES}.sha256": "0" * 64,
    f"{FILES}.bytes": 7000,
    f"{FILES}.tokenizer": "m/x",
    f"{FILES}.tokens": 7000,
    f"{FILES}.tokens_cut": 1000,
    f"{FILES}.trained_tokens": 2001,
}


def test_quantities_come_with_their_arithmetic() -> None:
    assert [tuple(found) for found in quantities(Job(edited(FULL)))] == [
        ("world size", 8, "4 GPUs × 2 nodes"),
        ("data-parallel size", 4, "8 GPUs ÷ 2 model-parallel"),
        ("effective batch", 60, "3 × 5 accumulation × 4 data-parallel"),
        ("steps per epoch", 2, "61 rows ÷ 60, rounded up"),
        ("tokens per step", 6000, "60 × 100, at most"),
        ("tokens per epoch", 6000, "7,000 − 1,000 truncated"),
        ("trained tokens per epoch", 2001, "33.4% of them"),
    ]


def test_what_a_payload_leaves_open_is_left_out() -> None:
    assert quantities(Job(edited())) == ()


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({}, Length(1, 10, 10)),
        ({f"{H}.n_epochs": 3}, Length(1, 10, 30)),
        ({f"{H}.n_epochs": 3, f"{H}.steps": 7}, Length(1, 10, 7)),
        ({f"{H}.steps": 7, f"{H}.total_steps": 9}, Length(1, 10, 9)),
        ({f"{H}.global_batch": 4}, Length(4, 3, 3)),
        (FULL, Length(60, 1, 1)),
    ],
)
def test_length(edit: dict[str, Any], expected: Length) -> None:
    assert length(Job(edited(edit)), 10) == expected


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({}, None),
        ({f"{T}.use_qlora": True}, "QLoRA"),
        ({f"{T}.mode": "lora"}, None),
        ({f"{T}.mode": "lora", f"{T}.use_qlora": False}, "LoRA"),
        ({f"{H}.train_kind": "fft"}, "full fine-tuning"),
        ({f"{H}.train_kind": "fft", f"{T}.use_qlora": True}, None),
    ],
)
def test_flavour(edit: dict[str, Any], expected: str | None) -> None:
    assert flavour(Job(edited(edit))) == expected


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({}, (1, 1, 1)),
        ({f"{C}.gpu_count": 4}, (1, 1, 4)),
        ({f"{H}.global_batch": 64}, (1, 64, 1)),
        ({f"{H}.global_batch": 64, f"{C}.gpu_count": 4, f"{H}.batch_size": 2}, (2, 8, 4)),
        ({f"{H}.global_batch": 64, f"{H}.gradient_accumulation_steps": 8}, (8, 8, 1)),
        ({f"{H}.global_batch": 64, f"{H}.per_device_batch": 3}, None),
        ({f"{H}.global_batch": 2, f"{H}.per_device_batch": 4}, None),
        ({f"{H}.global_batch": 7, f"{H}.gradient_accumulation_steps": 8}, None),
    ],
)
def test_a_factor_left_open_follows(edit: dict[str, Any], expected: Any) -> None:
    batch = complete(Job(edited(edit)))
    assert batch == (None if expected is None else Batch(*expected))
    if batch is not None:
        assert batch.effective == effective_or_least(Job(edited(edit)))


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({}, "full fine-tuning"),
        ({f"{T}.use_qlora": False}, "full fine-tuning"),
        ({f"{T}.use_qlora": True}, "QLoRA"),
        ({f"{H}.train_kind": "peft"}, "LoRA"),
        ({f"{T}.mode": "lora"}, "LoRA"),
        ({f"{T}.mode": "sft_offline", f"{H}.variety": "qlora"}, "QLoRA"),
        ({f"{T}.use_qlora": True, f"{H}.train_kind": "fft"}, None),
    ],
)
def test_the_least_is_trained_of_what_is_left_open(edit: dict[str, Any], expected: Any) -> None:
    assert decided(Job(edited(edit))) == expected
