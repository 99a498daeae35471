"""What a job was planned to take, with its first event and with its last."""

from typing import Any

import pytest

import sftc
from sftc.backend import planned
from sftc.backend.records import Event
from sftc.job.architectures import shape_of_config
from sftc.job.architectures.table import shape_of_model

CONFIG = """[job]
model = "Qwen/Qwen3-4B"

[compute]
gpu_type = "H100"
gpu_count = 1

[training]
mode = "lora"
use_qlora = false

[hyperparameters]
n_epochs = 2
per_device_batch = 2
gradient_accumulation_steps = 4
sequence_length = 1024
train_kind = "peft"

[hyperparameters.parallelism]
bf16 = true
"""
MEASURED = {"steps": 26, "seconds": 60.5, "memory": 17 * 2**30, "memory_of": "gpu"}


@pytest.fixture(scope="module")
def payload() -> dict[str, Any]:
    found = sftc.compile_config(CONFIG).payload
    assert found is not None
    return found


def test_the_first_event_tells_what_sftc_plan_tells(payload: dict[str, Any]) -> None:
    event = planned.created(Event("sft.job.created", "Made."), payload, 100, shape_of_model)
    plan = sftc.plan(CONFIG, rows=100).planned
    assert plan is not None
    assert plan.memory is not None
    assert event.message.startswith("Made. Planned: about ")
    facts = (event.data or {})["planned"]
    assert facts["memory"] == {
        name: getattr(plan.memory, name) for name in ("low", "expected", "high")
    }
    assert (facts["steps"], facts["tokens"]) == (26, 204_800)
    assert facts["tokens_at_most"] is True
    assert facts["fits"] == "fits"
    assert facts["seconds"].keys() == {"low", "expected", "high"}


def test_the_last_event_compares_what_is_allocated(payload: dict[str, Any]) -> None:
    over = Event("sft.job.completed", "It is over", data={"values": {}})
    event = planned.ended(over, payload, 100, shape_of_model, MEASURED)
    assert event.data is not None
    told = event.data["planned"]
    assert told["allocated"] < told["memory"]["expected"]  # no gaps, no CUDA context
    assert event.data["measured"] == MEASURED
    gib = f"{told['allocated'] / 2**30:.1f}"
    assert event.message == (f"It is over; peak GPU memory allocated: 17.0 GiB, planned: {gib} GiB")


def test_a_small_model_is_told_in_mebibytes(payload: dict[str, Any]) -> None:
    tiny = {"model_type": "llama", "hidden_size": 32, "intermediate_size": 64}
    tiny |= {"num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 512}
    tiny |= {"num_key_value_heads": 2, "max_position_embeddings": 512}
    shape, measured = shape_of_config(tiny, "tiny"), {**MEASURED, "memory": 80 * 2**20}
    event = planned.ended(Event("x", "It is over"), payload, 9, lambda _: shape, measured)
    assert "; peak GPU memory allocated: 80.0 MiB, planned: " in event.message
    assert event.message.endswith(" MiB")


def test_the_memory_of_a_process_compares_to_no_gpu(payload: dict[str, Any]) -> None:
    over = Event("sft.job.completed", "It is over")
    measured = {**MEASURED, "memory_of": "process"}
    event = planned.ended(over, payload, 100, shape_of_model, measured)
    assert event.message == "It is over"
    assert (event.data or {})["measured"]["memory_of"] == "process"


def test_counts_beyond_all_readers_are_none(payload: dict[str, Any]) -> None:
    event = planned.created(Event("x", "Made."), payload, 2**52, shape_of_model)
    assert (event.data or {})["planned"]["tokens"] is None
    unknown = planned.created(Event("x", "Made."), payload, 0, lambda _: None)
    assert unknown.message == "Made."
    facts = (unknown.data or {})["planned"]
    assert (facts["memory"], facts["steps"], facts["seconds"]) == (None, None, None)
