"""A model is known by its published name, and by no other."""

import json
from pathlib import Path

import pytest

from sftc.job import models

SHAPES = json.loads(Path(models.__file__).with_name("shapes.json").read_bytes())
TABLE = json.loads(Path(models.__file__).with_name("models.json").read_bytes())

CONTEXTS = {
    "Qwen/Qwen2-7B-Instruct": 32_768,
    "Qwen/Qwen2.5-7B": 131_072,
    "Qwen/Qwen2.5-7B-Instruct": 32_768,
    "Qwen/Qwen2.5-Coder-32B-Instruct": 32_768,
    "Qwen/Qwen3-4B": 40_960,
    "Qwen/Qwen3-4B-Base": 32_768,
    "Qwen/Qwen3-30B-A3B": 40_960,
    "Qwen/Qwen3-4B-Instruct-2507": 262_144,
    "Qwen/Qwen3-30B-A3B-Instruct-2507-FP8": 262_144,
    "Qwen/Qwen3-Coder-30B-A3B-Instruct": 262_144,
    "Qwen/Qwen3-VL-8B-Instruct": 262_144,
    "meta-llama/Llama-2-7b-hf": 4_096,
    "meta-llama/Llama-2-70b-chat-hf": 4_096,
    "meta-llama/Meta-Llama-3-8B": 8_192,
    "unsloth/llama-3-8b-Instruct-bnb-4bit": 8_192,
    "meta-llama/Llama-3.1-8B-Instruct": 131_072,
    "unsloth/Meta-Llama-3.1-8B-Instruct-unsloth-bnb-4bit": 131_072,
    "meta-llama/Llama-3.2-1B": 131_072,
    "meta-llama/Llama-3.3-70B-Instruct": 131_072,
    "meta-llama/Llama-4-Maverick-17B-128E-Instruct": 1_048_576,
    "mistralai/Mistral-7B-v0.1": 32_768,
    "mistralai/Mistral-7B-Instruct-v0.3": 32_768,
    "mistralai/Mixtral-8x7B-Instruct-v0.1": 32_768,
    "mistralai/Mistral-Nemo-Instruct-2407": 131_072,
    "mistralai/Mistral-Small-24B-Instruct-2501": 32_768,
    "google/gemma-2b": 8_192,
    "google/gemma-2-9b-it": 8_192,
    "google/gemma-3-12b-it": 131_072,
    "microsoft/Phi-3-mini-128k-instruct": 131_072,
    "microsoft/Phi-3.5-mini-instruct": 131_072,
    "microsoft/phi-4": 16_384,
    "HuggingFaceTB/SmolLM2-360M": 8_192,
    "HuggingFaceTB/SmolLM3-3B": 65_536,
    "allenai/OLMo-2-1124-7B": 4_096,
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B": 131_072,
    "deepseek-ai/DeepSeek-V3": 163_840,
    "openai/gpt-oss-20b": 131_072,
    "TinyLlama/TinyLlama-1.1B-Chat-v1.0": 2_048,
    "tiiuae/falcon-7b": 2_048,
    "01-ai/Yi-1.5-9B-Chat-16K": 16_384,
    "THUDM/glm-4-9b-chat": 131_072,
    "ibm-granite/granite-3.1-2b-instruct": 131_072,
    "CohereForAI/c4ai-command-r-08-2024": 131_072,
    "stabilityai/stablelm-2-1_6b": 4_096,
    "./models/Qwen3-8B/": 40_960,
    "Qwen3-8B": 40_960,
}


@pytest.mark.parametrize(("name", "context"), CONTEXTS.items())
def test_context(name: str, context: int) -> None:
    model = models.lookup(name)
    assert model is not None
    assert model.context == context


@pytest.mark.parametrize(
    "name",
    [
        *("", "m", "m/x", "Qwen", "Qwen/Qwen3", "meta-llama/Llama", "meta-llama/Llama-3.9-8B"),
        *("NousResearch/Yarn-Llama-2-7b-128k", "togethercomputer/LLaMA-2-7B-32K"),
        *("gradientai/Llama-3-8B-Instruct-262k", "Qwen/Qwen2.5-VL-7B-Instruct", "a/b-fp8"),
        *("Qwen/Qwen3-Embedding-8B", "google/gemma-3n-E4B-it", "nvidia/Llama-3.1-Minitron-4B"),
    ],
)
def test_another_name_has_no_default(name: str) -> None:
    assert models.lookup(name) is None


def test_each_model_has_one_entry() -> None:
    names = [name for entry in TABLE["models"] for name in entry["names"]]
    assert len(names) == len(set(names))
    assert {entry["shape"] for entry in TABLE["models"]} - {None} == SHAPES.keys()
    for name in names:
        assert models.lookup(f"someone/{name.upper()}") is not None, name
