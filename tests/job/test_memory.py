"""The estimate of memory: what holds for any payload and any shape."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_points import payload, published

from sftc.job import Job
from sftc.job.adapters import ALL_LINEAR, DEFAULT_RANK
from sftc.job.architectures.table import shape_named
from sftc.job.memory import (
    OURS,
    Attention,
    Kernels,
    Loss,
    Measure,
    Memory,
    Part,
    Phase,
    Reason,
    Setting,
    States,
    Unknown,
    estimate,
)
from sftc.job.shapes import Linear, Shape
from sftc.job.unsaid import CHOSEN
from sftc.payloads import fields

GIB = 2.0**30
NAMES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "c_proj")

SETTINGS = st.builds(
    Setting,
    attention=st.sampled_from(Attention),
    kernels=st.sampled_from(Kernels),
    loss=st.sampled_from(Loss),
    states=st.sampled_from(States),
    adapter_bytes=st.sampled_from([2, 4]),
    autocast=st.booleans(),
    double_quantized=st.booleans(),
    quantized_head=st.booleans(),
    expert_linears=st.booleans(),
    buffered_inputs=st.booleans(),
    upcast=st.booleans(),
    optimizer_bytes=st.none() | st.floats(0, 16),
    logit_bytes=st.none() | st.floats(0, 20),
    measure=st.sampled_from(Measure),
)


SIZE = st.integers(1, 2**16)
SHAPES = st.builds(
    Shape,
    architecture=st.sampled_from(["llama", "qwen3", "gemma2", "gpt2", "falcon", "?"]),
    layers=st.integers(1, 200),
    hidden=SIZE,
    heads=st.integers(1, 256),
    kv_heads=st.integers(1, 256),
    head_size=st.integers(1, 512),
    intermediate=SIZE,
    vocabulary=st.integers(1, 2**19),
    tied=st.booleans(),
    experts=st.integers(0, 512),
    experts_per_token=st.integers(0, 512),
    gated=st.booleans(),
    linears=st.lists(
        st.builds(Linear, st.sampled_from(NAMES), SIZE, SIZE, st.integers(1, 2000), st.booleans()),
        max_size=4,
    ).map(tuple),
    others=st.integers(0, 10**9),
    source=st.just("drawn"),
)
"""Shapes, sensible or not."""

SOME, BIG = st.integers(1, 64), st.integers(1, 2**40)
PAYLOADS = st.fixed_dictionaries(
    {
        "model": st.just("m"),
        "training_type": st.just("sft_offline"),
        "hyperparameters": st.fixed_dictionaries(
            {
                "n_epochs": st.just(1),
                "parallelism": st.fixed_dictionaries(
                    {},
                    optional={
                        "use_deepspeed": st.booleans(),
                        "deepspeed_stage": st.integers(0, 3),
                        "fsdp": st.booleans(),
                        "bf16": st.booleans(),
                        "fp16": st.booleans(),
                        "activation_checkpointing": st.booleans(),
                        "tensor_parallel_size": st.integers(1, 8),
                        "pipeline_parallel_size": st.integers(1, 2),
                        "cpu_offload": st.booleans(),
                    },
                ),
            },
            optional={
                "per_device_batch": BIG,
                "batch_size": SOME,
                "gradient_accumulation_steps": SOME,
                "global_batch": BIG,
                "sequence_length": BIG,
                "lora_rank": BIG,
                "lora_dropout": st.floats(0, 1),
                "lora_target_modules": st.lists(
                    st.sampled_from([*NAMES, "all-linear"]), max_size=3
                ),
                "train_kind": st.sampled_from(["fft", "peft"]),
                "optim": st.sampled_from(["adamw_torch", "sgd", "adafactor"]),
            },
        ),
        "metadata": st.fixed_dictionaries(
            {
                "effective_config": st.fixed_dictionaries(
                    {
                        "compute": st.fixed_dictionaries(
                            {"gpu_type": st.just("H100"), "gpu_count": SOME, "nodes": SOME}
                        ),
                        "data": st.just({"topology": {}}),
                        "training": st.fixed_dictionaries(
                            {}, optional={"use_qlora": st.booleans()}
                        ),
                    }
                )
            }
        ),
        "training_file_id": st.none(),
    }
)
"""Payloads that fit their schema."""


def _plannable(drawn: dict[str, Any]) -> dict[str, Any]:
    """Return a payload without what has no figure, or makes two of its fields depend."""
    table = {"sequence_length": 512, **drawn["hyperparameters"]}
    table["lora_target_modules"] = ["all-linear"]
    table = {name: table[name] for name in table if name not in {"global_batch", "train_kind"}}
    left_out = {"cpu_offload", "pipeline_parallel_size", "tensor_parallel_size"}
    parallelism = table["parallelism"]
    table["parallelism"] = {name: parallelism[name] for name in parallelism if name not in left_out}
    return {**drawn, "hyperparameters": table}


PLANNABLE = PAYLOADS.map(_plannable)


@given(PAYLOADS, SHAPES, SETTINGS, st.none() | st.integers(1, 2**30))
def test_any_payload_and_shape_has_an_answer_in_order(
    drawn: dict[str, Any], shape: Shape, setting: Setting, longest: int | None
) -> None:
    job = Job(drawn)
    said = estimate(job, shape, setting, longest=longest)
    if isinstance(said, Unknown):
        return
    for low, expected, high in (*said.parts.values(), (said.low, said.expected, said.high)):
        assert 0 <= low <= expected <= high
        assert math.isfinite(high)
    assert set(said.parts) == set(Part)
    for name in ("low", "expected", "high"):
        total = sum(getattr(part, name) for part in said.parts.values())
        assert math.isclose(total, getattr(said, name), rel_tol=1e-9, abs_tol=2)


@given(PLANNABLE, SHAPES, SETTINGS, st.sampled_from(["rows", "length", "rank"]))
def test_more_needs_no_less(
    drawn: dict[str, Any], shape: Shape, setting: Setting, what: str
) -> None:
    field = {"rows": "per_device_batch", "length": "sequence_length", "rank": "lora_rank"}[what]
    table = drawn["hyperparameters"]
    table[field] = table.get(field) or 1
    less = estimate(Job(drawn), shape, setting)
    more = {**drawn, "hyperparameters": {**table, field: 2 * table[field]}}
    _no_less(less, estimate(Job(more), shape, setting))


@given(PLANNABLE, SHAPES, SETTINGS, st.integers(1, 10**10))
def test_a_larger_model_needs_no_less(
    drawn: dict[str, Any], shape: Shape, setting: Setting, more: int
) -> None:
    less = estimate(Job(drawn), shape, setting)
    _no_less(less, estimate(Job(drawn), replace(shape, others=shape.others + more), setting))


@given(PLANNABLE, SHAPES, SETTINGS, st.sampled_from([1, 2, 3, "fsdp"]))
def test_more_gpus_need_no_more_of_each(
    drawn: dict[str, Any], shape: Shape, setting: Setting, how: int | str
) -> None:
    parallelism = drawn["hyperparameters"]["parallelism"]
    parallelism |= {"use_deepspeed": how != "fsdp", "fsdp": how == "fsdp"}
    parallelism["deepspeed_stage"] = how if how != "fsdp" else 0
    compute = drawn["metadata"]["effective_config"]["compute"]
    compute |= {"gpu_count": 2, "nodes": 1}
    few = estimate(Job(drawn), shape, setting)
    compute["gpu_count"] = 8
    _no_less(estimate(Job(drawn), shape, setting), few)


def _no_less(less: Memory | Unknown, more: Memory | Unknown) -> None:
    assert isinstance(less, Memory)
    assert isinstance(more, Memory)
    # Of numbers beyond 2⁵³, but for their last digits.
    assert more.expected >= less.expected * (1 - 1e-9) - 2
    assert more.high >= less.high * (1 - 1e-9) - 2


ENTRY = {"model": "llama-3-8b", "method": "lora", "rows": 2, "length": 2048, "rank": 16,
         "targets": "all-linear"}  # fmt: skip
LLAMA = shape_named("llama-3-8b")


def _said(setting: Setting = OURS, **changes: Any) -> Memory:
    said = estimate(Job(payload({**ENTRY, **changes})), LLAMA, setting)
    assert isinstance(said, Memory)
    return said


def test_weights_are_counted_by_method_and_precision() -> None:
    lora, qlora, full = (_said(method=method) for method in ("lora", "qlora", "full"))
    assert lora.parts[Part.WEIGHTS].expected == 2 * LLAMA.parameters
    matrices = sum(linear.parameters for linear in LLAMA.linears)
    four_bit = matrices * (0.5 + (1 + 4 / 256) / 64)
    assert qlora.parts[Part.WEIGHTS].expected == four_bit + 2 * (LLAMA.parameters - matrices)
    checkpointed = _said(method="full", checkpointing=True)
    assert checkpointed.parts[Part.WEIGHTS].expected >= 4 * LLAMA.parameters
    assert full.parts[Part.OPTIMIZER].expected == 8 * LLAMA.parameters
    adapter = 16 * sum((each.inputs + each.outputs) * each.count for each in LLAMA.linears)
    assert lora.parts[Part.ADAPTER].expected == 4 * adapter


def test_upcasting_what_is_not_quantized_costs_its_size() -> None:
    plain, upcast = _said(method="qlora"), _said(Setting(upcast=True), method="qlora")
    rest = LLAMA.parameters - sum(linear.parameters for linear in LLAMA.linears)
    more = upcast.parts[Part.WEIGHTS].expected - plain.parts[Part.WEIGHTS].expected
    assert more == 2 * rest


def test_the_phase_that_peaks_follows_from_what_is_large() -> None:
    assert _said(length=8192).phase is Phase.BACKWARD
    assert _said(Setting(loss=Loss.FUSED), method="full", length=16, rows=1).phase in {
        Phase.STEP,
        Phase.BACKWARD,
    }


def test_checkpointing_and_kernels_change_the_activations() -> None:
    whole, less = _said(), _said(checkpointing=True)
    assert less.parts[Part.ACTIVATIONS].expected < whole.parts[Part.ACTIVATIONS].expected / 10
    eager = _said(Setting(attention=Attention.EAGER))
    scores = 4096 * 32 * 2048 * (32 * 6 - 2)  # tokens × blocks × length × bytes, and no mask kept
    difference = eager.parts[Part.ACTIVATIONS].expected - whole.parts[Part.ACTIVATIONS].expected
    assert difference == scores


def test_logits_depend_on_the_loss() -> None:
    whole, chunked, fused = (
        _said(Setting(loss=loss), checkpointing=True).parts[Part.LOGITS].expected for loss in Loss
    )
    assert whole == 12 * 4096 * LLAMA.vocabulary
    assert max(chunked, fused) <= whole / 4


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cpu_offload": True}, Reason.OFFLOAD),
        ({"offload_param": "cpu"}, Reason.OFFLOAD),
        ({"pipeline_parallel_size": 2}, Reason.PIPELINE),
        ({"tensor_parallel_size": 3}, Reason.DIVISION),
        ({"bf16": "yes"}, Reason.UNREADABLE),
    ],
)
def test_what_cannot_be_said_has_a_reason(changes: dict[str, Any], reason: Reason) -> None:
    asked = payload(ENTRY)
    asked["hyperparameters"]["parallelism"] |= changes
    assert estimate(Job(asked), LLAMA) == Unknown(reason)


def test_no_figure_for_unknown_targets_or_lengths() -> None:
    asked = payload({**ENTRY, "targets": ["nope"]})
    assert estimate(Job(asked), LLAMA) == Unknown(Reason.TARGETS)
    asked = payload(ENTRY)
    del asked["hyperparameters"]["sequence_length"]
    assert estimate(Job(asked), LLAMA) == Unknown(Reason.LENGTH)
    assert isinstance(estimate(Job(asked), LLAMA, longest=900), Memory)


def test_a_pinned_dataset_bounds_the_rows() -> None:
    asked = payload(ENTRY)
    plain = estimate(Job(asked), LLAMA)
    files = {"training": {"path": "t", "examples": 100, "tokens": 20_000, "tokens_cut": 0}}
    asked["metadata"]["sftc"] = {"format": 1, "files": files}
    pinned = estimate(Job(asked), LLAMA)
    assert isinstance(plain, Memory)
    assert isinstance(pinned, Memory)
    assert pinned.expected == plain.expected
    assert pinned.low < plain.low
    files["training"] |= {"examples": 1, "tokens": 300}
    short = estimate(Job(asked), LLAMA)
    assert isinstance(short, Memory)
    assert short.expected < plain.expected


def test_experts_of_a_mixture_stay_as_they_are_in_transformers_5() -> None:
    mixtral = shape_named("mixtral-8x7b")
    job = Job(payload({**ENTRY, "method": "qlora", "targets": "all-linear"}))
    ours = estimate(job, mixtral)
    older = estimate(job, mixtral, Setting(expert_linears=True))
    assert isinstance(ours, Memory)
    assert isinstance(older, Memory)
    assert ours.parts[Part.WEIGHTS].expected > 80e9
    assert older.parts[Part.WEIGHTS].expected < 30e9


def test_what_is_not_set_is_what_the_trainer_sets() -> None:
    assert CHOSEN[fields.LORA_RANK] == DEFAULT_RANK
    assert CHOSEN[fields.LORA_TARGET_MODULES] == [ALL_LINEAR]
    assert not CHOSEN[fields.LORA_DROPOUT]


def test_offloading_points_have_no_figure() -> None:
    offloading = [point for point in published() if point.entry.get("offload")]
    assert len(offloading) == 3
    assert {point.estimated for point in offloading} == {Unknown(Reason.OFFLOAD)}


@given(length=st.sampled_from([256, 1024, 4096, 8192]), stage=st.sampled_from(["zero1", "zero2"]))
def test_what_is_surely_needed_grows_with_the_length(length: int, stage: str) -> None:
    job: dict[str, Any] = {"method": "full", "sharding": stage, "gpus": 2, "checkpointing": True}
    assert _said(**job, length=length).low <= _said(**job, length=length * 2).low
