"""How long a training takes: its arithmetic."""

from typing import Any

from memory_points import payload

from sftc.job import Job
from sftc.job.architectures.table import shape_named
from sftc.job.duration import SHORT, UTILISATION, Duration, duration
from sftc.job.memory import Range, Unknown

LLAMA = shape_named("llama-3-8b")
ENTRY = {"model": "llama-3-8b", "method": "lora", "rows": 2, "length": 2048, "rank": 16,
         "targets": "all-linear"}  # fmt: skip
HALF = Range(0.5, 0.5, 0.5)


def _took(utilisation: Range | None = HALF, **changes: Any) -> Duration:
    job = Job(payload({**ENTRY, **changes}))
    said = duration(job, LLAMA, tokens=10**9, tflops=1000, utilisation=utilisation)
    assert isinstance(said, Duration)
    return said


def test_full_fine_tuning_is_six_operations_a_weight_and_an_adapter_four() -> None:
    matrices = LLAMA.parameters - LLAMA.embedding - LLAMA.others
    full = _took(method="full", length=1, rows=4096).work.total
    assert 6 * matrices <= full <= 6.01 * matrices
    adapter = _took(rank=1, length=1, rows=4096).work.total
    assert 4 * matrices <= adapter <= 4.02 * matrices


def test_checkpointing_computes_the_blocks_again() -> None:
    plain, again = _took().work, _took(checkpointing=True).work
    assert (plain.forward, plain.backward) == (again.forward, again.backward)
    assert 0.85 * plain.forward < again.again < plain.forward


def test_attention_grows_with_the_length() -> None:
    short, long = _took(length=1024).work, _took(length=8192).work
    width = LLAMA.heads * LLAMA.head_size * LLAMA.layers
    assert long.forward - short.forward == 2 * (8192 - 1024) * width


def test_seconds_follow_from_the_peak_and_its_share() -> None:
    said = _took()
    assert said.seconds.expected == said.work.total * 1e9 / 1e15 / 0.5
    assert said.gpu_hours.expected == said.seconds.expected / 3600
    eight = _took(gpus=8)
    assert eight.seconds.expected == said.seconds.expected / 8
    assert eight.gpu_hours == said.gpu_hours


def test_small_micro_batches_and_4_bit_bases_are_slower() -> None:
    assert _took(None).utilisation == UTILISATION
    assert _took(None, length=128).utilisation == SHORT
    assert _took(None, method="qlora").utilisation.expected < UTILISATION.expected
    said = _took(None)
    assert said.seconds.low < said.seconds.expected < said.seconds.high


def test_what_has_no_memory_figure_has_no_time() -> None:
    job = Job(payload({**ENTRY, "targets": ["nope"]}))
    assert isinstance(duration(job, LLAMA, tokens=1, tflops=1), Unknown)


def test_rows_are_filled_up_to_the_longest() -> None:
    asked = payload({**ENTRY, "rows": 4, "length": 1000})
    files = {"training": {"path": "t", "examples": 100, "tokens": 20_000, "tokens_cut": 0}}
    asked["metadata"]["sftc"] = {"format": 1, "files": files}
    said = duration(Job(asked), LLAMA, tokens=20_000, tflops=1000, utilisation=HALF)
    assert isinstance(said, Duration)
    assert said.padding == (1.0, 1.6, 5.0)  # 200 tokens are usual, 1,000 the most
    assert said.seconds.high == 5 * said.seconds.low
    assert _took().padding == (1.0, 1.0, 1.0)  # nobody counted: each row is as long as may be
