"""Write tests/job/parameters.json: what transformers makes of each shape, on the meta device.

It needs the extra `train`, and takes no weights: `python tools/model_parameters.py`. Besides the
shapes of the table it takes small models, in which the switches of each family are set the other
way round, and counts what PEFT adapts in them.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D

ROOT = Path(__file__).parent.parent
SHAPES = ROOT / "job" / "shapes.json"
PARAMETERS = ROOT / "tests" / "job" / "parameters.json"

RANK = 4
TARGETS: tuple[str | list[str], ...] = (
    "all-linear",
    ["q_proj", "v_proj"],
    ["down_proj"],
    ["gate_proj", "up_proj", "down_proj"],
    ["gate_proj", "down_proj"],
    ["w1", "w2", "w3"],
    ["query_key_value", "dense"],
    ["q_proj", "gate"],
)

SMALL = {
    "vocab_size": 96,
    "hidden_size": 64,
    "intermediate_size": 80,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
SWITCHES: dict[str, list[dict[str, Any]]] = {
    "llama": [{}, {"attention_bias": True}, {"mlp_bias": True}, {"head_dim": 24}],
    "mistral": [{}, {"head_dim": 24}, {"tie_word_embeddings": True}],
    "qwen2": [{}, {"tie_word_embeddings": True}],
    "qwen3": [{}, {"attention_bias": True}, {"head_dim": 24}],
    "gemma": [{}, {"attention_bias": True, "head_dim": 24}],
    "gemma2": [{}, {"attention_bias": True, "head_dim": 24}],
    "gemma3_text": [{}, {"attention_bias": True, "head_dim": 24}],
    "phi": [{}, {"qk_layernorm": True}],
    "phi3": [{"pad_token_id": 0}, {"pad_token_id": 0, "tie_word_embeddings": True}],
    "olmo": [{"pad_token_id": 0}, {"pad_token_id": 0, "attention_bias": True}],
    "olmo2": [{}, {"attention_bias": True}],
    "olmo3": [{}, {"attention_bias": True}],
    "smollm3": [{"pad_token_id": 0}, {"pad_token_id": 0, "attention_bias": True, "mlp_bias": True}],
    "granite": [{}, {"attention_bias": True, "mlp_bias": True}, {"tie_word_embeddings": True}],
    "stablelm": [
        {},
        {"use_qkv_bias": True},
        {"qk_layernorm": True},
        {"use_parallel_residual": True},
    ],
    "cohere": [{}, {"attention_bias": True}, {"use_qk_norm": True}],
    "cohere2": [{}, {"attention_bias": True}],
    "glm": [{"pad_token_id": 0}, {"pad_token_id": 0, "attention_bias": False, "head_dim": 24}],
    "glm4": [{"pad_token_id": 0}, {"pad_token_id": 0, "attention_bias": False, "head_dim": 24}],
    "starcoder2": [{}, {"use_bias": False}, {"tie_word_embeddings": False}],
    "seed_oss": [{}, {"attention_bias": False}, {"attention_out_bias": True, "mlp_bias": True}],
    "exaone4": [{}, {"tie_word_embeddings": True}],
    "ministral": [{"head_dim": 24}],
    "gpt_neox": [{}, {"attention_bias": False}, {"use_parallel_residual": False}],
    "falcon": [
        {},
        {"multi_query": False},
        {"new_decoder_architecture": True, "num_kv_heads": 2},
        {"new_decoder_architecture": True, "num_kv_heads": 2, "num_ln_in_parallel_attn": 1},
        {"parallel_attn": False, "bias": True},
        {"ffn_hidden_size": 96},
    ],
    "gpt2": [
        {"n_embd": 64, "n_layer": 3, "n_head": 4, "n_positions": 48},
        {"n_embd": 64, "n_layer": 3, "n_head": 4, "n_positions": 48, "n_inner": 80},
    ],
    "mixtral": [{"num_local_experts": 4, "num_experts_per_tok": 2}],
    "olmoe": [{"num_experts": 4, "num_experts_per_tok": 2, "attention_bias": True}],
    "qwen2_moe": [
        {
            "num_experts": 4,
            "num_experts_per_tok": 2,
            "moe_intermediate_size": 24,
            "shared_expert_intermediate_size": 40,
            **more,
        }
        for more in ({}, {"decoder_sparse_step": 2}, {"mlp_only_layers": [0]}, {"qkv_bias": False})
    ],
    "qwen3_moe": [
        {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24, **more}
        for more in ({}, {"decoder_sparse_step": 2}, {"mlp_only_layers": [1, 2]}, {"head_dim": 24})
    ],
    "gpt_oss": [
        {"num_local_experts": 4, "num_experts_per_tok": 2, **more}
        for more in ({}, {"attention_bias": False, "head_dim": 24})
    ],
    "granitemoe": [{"num_local_experts": 4, "num_experts_per_tok": 2}],
    "deepseek_v2": [
        {
            "q_lora_rank": rank,
            "kv_lora_rank": 16,
            "qk_nope_head_dim": 8,
            "qk_rope_head_dim": 4,
            "v_head_dim": 12,
            "first_k_dense_replace": 1,
            "n_routed_experts": 4,
            "n_shared_experts": 2,
            "num_experts_per_tok": 2,
            "moe_intermediate_size": 24,
            **more,
        }
        for rank, more in ((None, {}), (20, {}), (20, {"attention_bias": True}))
    ],
}
SWITCHES["deepseek_v3"] = SWITCHES["deepseek_v2"]


def main() -> None:
    """Count, and write what was counted."""
    found = json.loads(PARAMETERS.read_bytes()) if PARAMETERS.exists() else {"shapes": {}}
    table = json.loads(SHAPES.read_bytes())
    shapes = {
        key: {**counted(entry["config"]), "published": published(found, key)}
        for key, entry in table.items()
    }
    small = [
        {"config": config, **counted(config), "adapters": adapters(config)}
        for family, variants in SWITCHES.items()
        for variant in variants
        for config in [{"model_type": family, **SMALL, **variant}]
    ]
    lines = [f"  {json.dumps(key)}: {json.dumps(shape)}" for key, shape in shapes.items()]
    PARAMETERS.write_text(
        f'{{\n "transformers": {json.dumps(transformers.__version__)},\n "shapes": {{\n'
        + ",\n".join(lines)
        + '\n },\n "small": [\n'
        + ",\n".join(f"  {json.dumps(one)}" for one in small)
        + "\n ]\n}\n"
    )


def published(found: dict[str, Any], key: str) -> dict[str, Any] | None:
    """Return the number that others publish, which a person wrote there."""
    known: dict[str, Any] | None = found["shapes"].get(key, {}).get("published")
    return known


def counted(config: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a model, and its Linears by the last part of their names."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config))
    linears: Counter[tuple[str, int, int]] = Counter()
    for name, module in model.named_modules():
        last = name.rpartition(".")[2]
        if isinstance(module, torch.nn.Linear) and last != "lm_head":
            linears[last, module.in_features, module.out_features] += 1
        elif isinstance(module, Conv1D):
            linears[last, module.weight.shape[0], module.weight.shape[1]] += 1
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "linears": [[*kind, count] for kind, count in sorted(linears.items())],
    }


def adapters(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of LoRA adapters on some targets; null where PEFT refuses them."""
    found = []
    for targets in TARGETS:
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config))
        lora = LoraConfig(r=RANK, target_modules=targets, task_type="CAUSAL_LM")
        try:
            adapted = get_peft_model(model, lora)
        except ValueError:  # a name that no module has
            count = None
        else:
            trained = (each for each in adapted.parameters() if each.requires_grad)
            count = sum(each.numel() for each in trained)
        wanted = [targets] if isinstance(targets, str) else targets
        found.append({"targets": wanted, "rank": RANK, "parameters": count})
    return found


if __name__ == "__main__":
    main()
