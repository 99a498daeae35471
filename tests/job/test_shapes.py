"""Shapes have as many parameters as transformers makes of them, and adapters as PEFT makes.

``parameters.json`` is what ``tools/model_parameters.py`` counted, and what others publish.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from sftc.job import models, shapes
from sftc.job.adapters import adapter_parameters
from sftc.job.architectures import UnfamiliarError, shape_of_config
from sftc.job.architectures.table import shape_named, shape_of_model

COUNTED = json.loads((Path(__file__).parent / "parameters.json").read_bytes())
TABLE = json.loads(Path(shapes.__file__).with_name("shapes.json").read_bytes())
SMALL = COUNTED["small"]


def linears(shape: shapes.Shape) -> list[list[Any]]:
    """Return what is a module: all but the experts."""
    found = (linear for linear in shape.linears if not linear.expert)
    return sorted([one.name, one.inputs, one.outputs, one.count] for one in found)


def test_each_shape_is_counted() -> None:
    assert TABLE.keys() == COUNTED["shapes"].keys()
    assert len(TABLE) >= 60
    assert len({entry["config"]["model_type"] for entry in TABLE.values()}) >= 12
    assert all(entry["source"] for entry in TABLE.values())


@pytest.mark.parametrize("key", TABLE)
def test_a_shape_has_as_many_parameters_as_its_model(key: str) -> None:
    shape, counted = shape_named(key), COUNTED["shapes"][key]
    assert shape.parameters == counted["parameters"]
    assert linears(shape) == sorted(counted["linears"])
    if counted["published"]:
        assert shape.parameters == counted["published"]["parameters"]
    assert shape.source == TABLE[key]["source"]


@pytest.mark.parametrize("counted", SMALL, ids=lambda one: one["config"]["model_type"])
def test_each_switch_of_a_family(counted: dict[str, Any]) -> None:
    shape = shape_of_config(counted["config"], "here")
    assert shape.parameters == counted["parameters"]
    assert linears(shape) == sorted(counted["linears"])
    assert 0 < shape.active_parameters <= shape.parameters
    assert (shape.active_parameters < shape.parameters) == bool(shape.experts)


@pytest.mark.parametrize("counted", SMALL, ids=lambda one: one["config"]["model_type"])
def test_an_adapter_is_as_large_as_peft_makes_it(counted: dict[str, Any]) -> None:
    shape = shape_of_config(counted["config"], "here")
    names = {linear.name for linear in shape.linears} | {"all-linear"}
    for adapter in counted["adapters"]:
        found = adapter_parameters(shape, adapter["targets"], adapter["rank"])
        if found is None:  # PEFT leaves a name out that no module has, without a word
            assert adapter["parameters"] is None or not names.issuperset(adapter["targets"])
        else:
            assert found == adapter["parameters"], adapter["targets"]


def test_nobody_says_what_is_adapted() -> None:
    shape = shape_named("llama-3-8b")
    assert adapter_parameters(shape, None, 8) is None
    assert adapter_parameters(shape, [], 8) is None
    assert adapter_parameters(shape, ["self_attn.q_proj"], 8) == 8 * 8192 * 32
    # https://github.com/huggingface/peft: examples of Llama 3 8B with rank 16
    assert adapter_parameters(shape, ["all-linear"], 16) == 41_943_040


@pytest.mark.parametrize(
    ("key", "billions"),
    [("mixtral-8x7b", 12.9), ("qwen1.5-moe-a2.7b", 2.7), ("olmoe-1b-7b", 1.3)],
)
def test_the_active_parameters_of_a_mixture(key: str, billions: float) -> None:
    """As the models' papers say them: https://arxiv.org/abs/2401.04088 and 2409.02060."""
    assert round(shape_named(key).active_parameters / 1e9, 1) == billions


@pytest.mark.parametrize(
    "name",
    [
        "meta-llama/Llama-3.1-8B-Instruct",
        "unsloth/Meta-Llama-3.1-8B-Instruct-unsloth-bnb-4bit",
        "llama-3.1-8b",
        "./models/LLAMA-3-8B/",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
    ],
)
def test_one_shape_by_many_names(name: str) -> None:
    assert shape_of_model(name) is shape_named("llama-3-8b")


@pytest.mark.parametrize("name", ["", "my-model", "a/LLaMA-2-7B-32K", "google/gemma"])
def test_another_name_has_no_shape(name: str) -> None:
    assert shape_of_model(name) is None


def test_models_without_a_shape_are_known_all_the_same() -> None:
    model = models.lookup("Qwen/Qwen3-VL-8B-Instruct")
    assert model is not None
    assert shape_of_model("Qwen/Qwen3-VL-8B-Instruct") is None


LLAMA = TABLE["llama-3-8b"]["config"]
MIXTRAL = TABLE["mixtral-8x7b"]["config"]
GEMMA = TABLE["gemma-3-4b"]["config"]


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "its `model_type` is missing"),
        ({"model_type": 7}, "its `model_type` is missing"),
        ({"model_type": "mamba2"}, "the architecture `mamba2` is not supported"),
        ({"model_type": "x" * 1000}, f"the architecture `{'x' * 60}` is not supported"),
        (
            {"model_type": "llama4", "text_config": {}},
            "the non-text parts of `llama4` are not supported",
        ),
        ({"model_type": "llama"}, "its `num_hidden_layers` is missing"),
        ({**LLAMA, "num_hidden_layers": None}, "its `num_hidden_layers` is missing"),
        ({**LLAMA, "num_hidden_layers": 0}, "`num_hidden_layers` is 0"),
        ({**LLAMA, "num_hidden_layers": 10**6}, "`num_hidden_layers` is 1000000"),
        ({**LLAMA, "num_hidden_layers": 10**5000}, "`num_hidden_layers` is too large"),
        ({**LLAMA, "hidden_size": -4096}, "`hidden_size` is -4096"),
        ({**LLAMA, "hidden_size": 4096.0}, "`hidden_size` is 4096.0"),
        ({**LLAMA, "hidden_size": float("nan")}, "`hidden_size` is nan"),
        ({**LLAMA, "hidden_size": True}, "`hidden_size` is true"),
        ({**LLAMA, "hidden_size": "4096"}, '`hidden_size` is "4096"'),
        ({**LLAMA, "hidden_size": [4096]}, "`hidden_size` is a list"),
        ({**LLAMA, "hidden_size": {}}, "`hidden_size` is a table"),
        (
            {**LLAMA, "num_attention_heads": 33},
            "hidden size 4096 is not divisible by 33 attention heads",
        ),
        (
            {**LLAMA, "num_key_value_heads": 5},
            "32 attention heads are not divisible by 5 key-value heads",
        ),
        (
            {**LLAMA, "layer_types": ["full_attention", "linear_attention"]},
            "layers of type `linear_attention` are not supported",
        ),
        ({**LLAMA, "layer_types": "full"}, '`layer_types` is "full"'),
        ({**LLAMA, "is_encoder_decoder": True}, "it is an encoder-decoder model"),
        ({**LLAMA, "num_codebooks": 8}, "it has the key `num_codebooks`"),
        (
            {**LLAMA, "architectures": ["LlamaForSequenceClassification"]},
            "`LlamaForSequenceClassification` is not a causal language model",
        ),
        ({**LLAMA, "attention_bias": 1}, "`attention_bias` is 1"),
        ({**LLAMA, "tie_word_embeddings": "no"}, '`tie_word_embeddings` is "no"'),
        (
            {**LLAMA, "num_local_experts": 8},
            "it has the key `num_local_experts`, which is unknown for `llama`",
        ),
        (
            {**LLAMA, "vision_config": {"a": 1}},
            "it has the key `vision_config`, which is unknown for `llama`",
        ),
        ({**MIXTRAL, "num_experts_per_tok": 9}, "it routes a token to 9 of 8 experts"),
        ({**MIXTRAL, "num_experts_per_tok": None}, "its `num_experts_per_tok` is missing"),
        ({**GEMMA, "text_config": 7}, "`text_config` is not an object"),
        (
            {**GEMMA, "text_config": GEMMA["vision_config"]},
            "the architecture `siglip",
        ),
        ({**GEMMA, "vision_config": {"model_type": "clip"}}, "its vision tower"),
        (
            {**TABLE["qwen3-30b-a3b"]["config"], "mlp_only_layers": [True]},
            "`mlp_only_layers` is a list",
        ),
        (
            {**TABLE["deepseek-v3"]["config"], "moe_layer_freq": 2},
            "not every layer is a mixture of experts: `moe_layer_freq`",
        ),
    ],
)
def test_what_is_not_understood_is_a_reason(config: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnfamiliarError) as found:
        shape_of_config(config, "here")
    assert reason in str(found.value)


@pytest.mark.parametrize("key", ["hidden_size", "vocab_size", "num_attention_heads"])
def test_no_size_is_made_up(key: str) -> None:
    with pytest.raises(UnfamiliarError, match=f"its `{key}` is missing"):
        shape_of_config({name: value for name, value in LLAMA.items() if name != key}, "here")


def test_keys_that_change_no_size_are_let_be() -> None:
    more: dict[Any, Any] = {
        "sliding_window": 4096,
        "max_position_embeddings": 8192,
        "rope_scaling": {"factor": 8.0},
        "quantization_config": {"quant_method": "bitsandbytes", "expert": True},
        "torch_dtype": "bfloat16",
        "layer_types": ["full_attention"] * 32,
        "mlp_only_layers": [],
        7: "no key of JSON",
    }
    assert shape_of_config({**LLAMA, **more}, "x").parameters == 8_030_261_248
