"""Fields beyond the schema that change memory: counted, noted, or a reason for no figure."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_points import payload

from sftc.job import Job
from sftc.job.adapters import adapter_parameters, trained_whole
from sftc.job.architectures.table import shape_named
from sftc.job.memory import Memory, Part, Phase, Reason, Unknown, estimate
from sftc.job.memory.forwarded import OPTIMIZERS
from sftc.job.memory.names import COUNTED
from sftc.job.planned import Question, plan_of
from sftc.job.planned.rhythm import rhythm
from sftc.job.values import UnsoundError
from sftc.training.recipe.forwarded import takes

ENTRY = {"model": "llama-3-8b", "method": "lora", "rows": 2, "length": 2048, "rank": 16,
         "targets": "all-linear"}  # fmt: skip
LLAMA = shape_named("llama-3-8b")
TOKENS = 2 * 2048


def _job(hyperparameters: dict[str, Any], **changes: Any) -> dict[str, Any]:
    found = payload({**ENTRY, **changes})
    found["hyperparameters"] |= hyperparameters
    return found


def _said(hyperparameters: dict[str, Any], **changes: Any) -> Memory:
    said = estimate(Job(_job(hyperparameters, **changes)), LLAMA)
    assert isinstance(said, Memory)
    return said


def _more(part: Part, hyperparameters: dict[str, Any], **changes: Any) -> float:
    before, after = _said({}, **changes), _said(hyperparameters, **changes)
    return after.parts[part].expected - before.parts[part].expected


def test_attention_grows_with_the_square_of_the_length() -> None:
    mask = 2 * LLAMA.layers * TOKENS * 2048
    scores = LLAMA.heads * LLAMA.layers * TOKENS * 2048 * 6
    eager = {"attn_implementation": "eager"}
    assert _more(Part.ACTIVATIONS, eager) == pytest.approx(scores - mask)
    repeated = 2 * LLAMA.layers * TOKENS * 2 * (LLAMA.heads - LLAMA.kv_heads) * LLAMA.head_size
    flash = {"attn_implementation": "flash_attention_2"}
    assert _more(Part.ACTIVATIONS, flash) == pytest.approx(-mask - repeated)
    assert _more(Part.ACTIVATIONS, flash, rows=1) == 0  # one row has no mask


def test_smoothed_labels_keep_more_logits() -> None:
    smoothed = {"label_smoothing_factor": 0.1}
    assert _more(Part.LOGITS, smoothed, checkpointing=True) == 4 * TOKENS * LLAMA.vocabulary


def test_modules_that_are_trained_whole() -> None:
    whole = {"modules_to_save": ["embed_tokens", "lm_head"]}
    assert _more(Part.ADAPTER, whole) == 4 * 2 * LLAMA.embedding
    assert _more(Part.OPTIMIZER, whole) == 8 * 2 * LLAMA.embedding
    found = trained_whole(LLAMA, ["model.embed_tokens", "q_proj"])
    assert found is not None
    assert {linear.name for linear in found} == {"embed_tokens", "q_proj"}
    said = estimate(Job(_job({"modules_to_save": ["score"]})), LLAMA)
    assert said == Unknown(Reason.TARGETS)


@pytest.mark.parametrize(
    ("name", "module", "parameters"),
    [
        ("llama-3-8b", "layers.3.self_attn.q_proj", 4096 * 4096),
        ("llama-3-8b", "input_layernorm", 32 * 4096),
        ("llama-3-8b", "model.layers.3.input_layernorm", 4096),
        ("llama-3-8b", "model.norm", 4096),
        ("llama-3-8b", "norm", 65 * 4096),
        ("llama-3-8b", "pre_feedforward_layernorm", None),
        ("llama-3-8b", "layers.32.input_layernorm", None),
        ("llama-3-8b", "embed_out", None),
        ("llama-3-8b", "model.lm_head", None),
        ("llama-3-8b", "mlp.q_proj", None),
        ("pythia-6.9b", "embed_out", 50432 * 4096),
        ("pythia-6.9b", "lm_head", None),
    ],
)
def test_a_module_that_is_trained_whole(name: str, module: str, parameters: int | None) -> None:
    found = trained_whole(shape_named(name), [module])
    total = None if found is None else sum(linear.parameters for linear in found)
    assert total == parameters


@pytest.mark.parametrize("value", [{"a": 1}, {}, [1], 3, "q_proj"])
def test_modules_that_are_no_names_are_not_known(value: Any) -> None:
    assert estimate(Job(_job({"modules_to_save": value})), LLAMA) == Unknown(Reason.TARGETS)


def test_an_adapter_on_some_blocks() -> None:
    each = 16 * 2 * 4096  # rank 16, of q_proj
    two = ["model.layers.0.self_attn.q_proj", "layers.31.self_attn.q_proj"]
    assert adapter_parameters(LLAMA, two, 16) == 2 * each
    assert adapter_parameters(LLAMA, [*two, "q_proj"], 16) == 32 * each
    for wrong in (
        ["model.layers.32.self_attn.q_proj"],
        ["vision.layers.0.q_proj"],
        [".*q_proj"],
        ["mlp.q_proj"],
        ["self_attn.down_proj"],
        ["layers.q_proj"],
        ["layers.00.self_attn.q_proj"],
        ["all-linear", "foo"],
        ["q_proj", "foo"],
    ):
        assert adapter_parameters(LLAMA, wrong, 16) is None
    mixtral = shape_named("mixtral-8x7b")
    assert adapter_parameters(mixtral, ["layers.0.block_sparse_moe.experts.1.w1"], 16) is None
    some = _said({}, targets=two).parts[Part.ADAPTER].expected
    assert some == 4 * 2 * each


def test_experts_with_an_adapter_are_kept_merged() -> None:
    """PEFT adds the adapter to all experts of a layer, and the backward pass needs the sum."""
    mixtral = shape_named("mixtral-8x7b")
    weights = []
    for checkpointing in (False, True):
        job = _job({}, checkpointing=checkpointing)
        said = estimate(Job(job), mixtral)
        assert isinstance(said, Memory)
        weights.append(said.parts[Part.WEIGHTS].expected / (2 * mixtral.parameters))
    assert weights[0] > 1.9
    assert weights[1] < 1.1


def _evaluating(**hyperparameters: Any) -> dict[str, Any]:
    found = _job({"evaluation_strategy": "steps", "eval_steps": 10, **hyperparameters})
    table = found["metadata"]["effective_config"]
    table["training"]["validation"] = {"enabled": True}
    found["metadata"]["sftc"] = {
        "format": 1,
        "files": {"training": {"path": "t"}, "validation": {"path": "v"}},
    }
    return found


def test_a_large_evaluation_batch_may_be_the_peak() -> None:
    small = estimate(Job(_evaluating()), LLAMA)
    large = estimate(Job(_evaluating(per_device_eval_batch_size=64)), LLAMA)
    assert isinstance(small, Memory)
    assert isinstance(large, Memory)
    assert small.phase is not Phase.EVALUATION
    assert large.phase is Phase.EVALUATION
    assert large.parts[Part.LOGITS].expected == 10 * 64 * 2048 * LLAMA.vocabulary
    assert large.low <= large.expected <= large.high


def test_validation_rows_may_be_longer_than_training_rows() -> None:
    job = _evaluating(total_steps=10)
    files = job["metadata"]["sftc"]["files"]
    files["training"] |= {"examples": 10, "tokens": 500, "tokens_cut": 0}
    files["validation"] |= {"examples": 2, "tokens": 4000}
    short = estimate(Job(job), LLAMA, longest=50)
    assert isinstance(short, Memory)
    assert short.phase is Phase.EVALUATION
    del job["hyperparameters"]["sequence_length"]
    assert estimate(Job(job), LLAMA, longest=50) == Unknown(Reason.VALIDATION)


NOT_COUNTED: list[dict[str, Any]] = [
    {"use_dora": True},
    {"layers_to_transform": [0, 1]},
    {"attn_implementation": "paged"},
    {"load_in_8bit": True},
    {"bias": "all"},
    {"context_parallel": 2},
    {"sequence_parallel": True},
    {"quantization_config": {"bits": 8}},
    {"dtype": "float32"},
    {"optimizer": "sgd"},
    {"fsdp_sharding_strategy": "NO_SHARD"},
    {"sharding_strategy": "SHARD_GRAD_OP"},
    {"deepspeed": "zero3.json"},
    {"optim": "muon"},
    {"optim": 3},
    {"label_smoothing_factor": "x"},
    {"packing": "yes"},
    {"per_device_eval_batch_size": -4},
]
OFFLOADS: list[dict[str, Any]] = [
    {"cpu_offload": True},
    {"cpu_offload": "true"},
    {"deepspeed": {"zero_optimization": {"offload_optimizer": {"device": "cpu"}}}},
    {"zero_optimization": {"offload_param": {"device": "nvme"}}},
    {"fsdp_config": {"offload_params": True}},
    {"fsdp_config": [{"a": 1}], "activation_offloading": True},
]
AS_COUNTED: list[dict[str, Any]] = [
    {"cpu_offload": "false"},
    {"offload_optimizer": {"device": "none", "pin_memory": True}},
    {"sharding_strategy": "FULL_SHARD"},
    {"dtype": "bfloat16"},
    {"bias": "none"},
    {"context_parallel": 1},
    {"adam_beta1": 0.9, "wandb": {"project": "x"}},
    {"optimizer": "adamw_torch"},
]
WHERE = st.sampled_from([(), ("parallelism",), ("made_up",), ("parallelism", "made_up")])


def _placed(said: dict[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
    found = _job({})
    table = found["hyperparameters"]
    for part in where:
        table = table.setdefault(part, {})
    table |= said
    return found


@pytest.mark.parametrize("said", NOT_COUNTED)
def test_what_is_not_counted_is_named(said: dict[str, Any]) -> None:
    for where in ((), ("parallelism",), ("made_up",)):
        found = estimate(Job(_placed(said, where)), LLAMA)
        assert isinstance(found, Unknown)
        assert found.reason is Reason.NOT_COUNTED
        assert str(found).startswith(f"{found.field} is set")


@settings(max_examples=30)
@given(st.sampled_from(OFFLOADS), WHERE)
def test_offload_has_no_figure_wherever_it_stands(
    said: dict[str, Any], where: tuple[str, ...]
) -> None:
    assert estimate(Job(_placed(said, where)), LLAMA) == Unknown(Reason.OFFLOAD)


@settings(max_examples=30)
@given(st.sampled_from(AS_COUNTED), WHERE)
def test_what_is_off_or_said_twice_changes_nothing(
    said: dict[str, Any], where: tuple[str, ...]
) -> None:
    assert estimate(Job(_placed(said, where)), LLAMA) == _said({})


def test_a_name_that_nobody_knows_is_named() -> None:
    assert _said({"frobnicate": 3}).notes == (
        "the effect of frobnicate on memory is unknown and not included",
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)
NAMES = st.sampled_from(
    [*COUNTED, "save_steps", "save_total_limit", "cpu_offload", "dtype", "stage", "bias"]
)


@settings(max_examples=50)
@given(st.dictionaries(NAMES, VALUES), WHERE)
def test_any_value_of_any_field_is_planned(said: dict[str, Any], where: tuple[str, ...]) -> None:
    found = plan_of(Job(_placed(said, where)), Question(LLAMA, rows=100))
    assert found.memory or found.reason


def test_what_may_need_less_lowers_the_lower_bound() -> None:
    before, after = _said({}), _said({"use_liger_kernel": True})
    assert (after.expected, after.high) == (before.expected, before.high)
    assert after.low < before.low
    assert after.notes == ("use_liger_kernel may need less memory than estimated",)
    assert _said({"packing": True}).notes


def test_optimizers_that_our_trainer_takes_are_known() -> None:
    assert set(takes()["optim"]["enum"]) <= set(OPTIMIZERS)


def test_checkpoints_that_are_kept_at_once() -> None:
    steps = {"total_steps": 1000}
    plain = rhythm(Job(_job(steps)), None, 10**6)
    assert (plain.checkpoints, plain.kept, plain.checkpoint_bytes) == (10, 2, 12 * 10**6)
    said = rhythm(Job(_job({**steps, "save_steps": 300, "save_total_limit": 3})), None, 10**6)
    assert (said.checkpoints, said.kept) == (4, 3)
    shared = rhythm(Job(_job({**steps, "save_steps": 0.25, "save_total_limit": 0})), None, 10**6)
    assert (shared.checkpoints, shared.kept) == (4, 4)  # none is removed
    for wrong in ({"save_steps": "x"}, {"save_total_limit": True}):
        assert rhythm(Job(_job({**steps, **wrong})), None, 10**6).kept is None
    divided = _job(steps)
    divided["hyperparameters"]["parallelism"] |= {"use_deepspeed": True, "deepspeed_stage": 1}
    assert rhythm(Job(divided), None, 10**6).checkpoint_bytes == 14 * 10**6
    few = rhythm(Job(_job({"total_steps": 5, "optim": "sgd"})), None, 10**6)
    assert (few.checkpoints, few.kept, few.checkpoint_bytes) == (1, 1, 4 * 10**6)


@pytest.mark.parametrize(
    "never",
    [{"eval_steps": 0}, {"eval_steps": 51, "total_steps": 50}, {"evaluation_strategy": "no"}],
)
def test_an_evaluation_that_never_happens_takes_no_memory(never: dict[str, Any]) -> None:
    evaluating = _evaluating(per_device_eval_batch_size=64, **never)
    plain = _said({"total_steps": 50})
    found = plan_of(Job(evaluating), Question(LLAMA, rows=80))
    assert found.rhythm.evaluations == 0
    assert found.memory == plain


def test_an_evaluation_has_a_lower_bound() -> None:
    large = estimate(Job(_evaluating(per_device_eval_batch_size=64)), LLAMA)
    assert isinstance(large, Memory)
    assert large.low > 0.7 * large.expected


def test_an_epoch_is_evaluated_at_its_end_even_if_it_is_cut_short() -> None:
    job = _evaluating(evaluation_strategy="epoch", total_steps=7)
    assert plan_of(Job(job), Question(LLAMA, rows=8)).rhythm.evaluations == 2


@given(st.integers(-9, 10**6), st.integers(-9, 10**6), st.integers(1, 1000))
def test_a_pin_that_cannot_be_right_makes_nothing_negative(
    tokens: int, cut: int, rows: int
) -> None:
    job = _job({})
    pin = {"path": "t", "examples": rows, "tokens": tokens, "tokens_cut": cut}
    job["metadata"]["sftc"] = {"format": 1, "files": {"training": pin}}
    try:
        found = plan_of(Job(job), Question(LLAMA))
    except UnsoundError:
        return
    assert found.rhythm.tokens is not None
    assert found.rhythm.tokens >= rows
    if not rows <= tokens - cut <= rows * 2048:
        del pin["tokens"], pin["tokens_cut"]
        assert plan_of(Job(job), Question(LLAMA)) == found


def test_a_micro_batch_has_no_more_rows_than_the_dataset() -> None:
    seven = estimate(Job(_job({}, rows=7)), LLAMA)
    assert plan_of(Job(_job({}, rows=64)), Question(LLAMA, rows=7)).memory == seven


def test_tensor_parallelism_divides_the_heads() -> None:
    job = _job({})
    job["hyperparameters"]["parallelism"]["tensor_parallel_size"] = 3
    job["metadata"]["effective_config"]["compute"]["gpu_count"] = 3
    assert estimate(Job(job), LLAMA) == Unknown(Reason.HEADS)
