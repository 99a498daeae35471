"""Drawn configs: every key of the format and some of transformers, with values of every size."""

from collections.abc import Callable
from random import Random
from typing import Any

from sftc.compiler import compile_config
from sftc.writer import config_text

_MODELS = ("Qwen/Qwen3-4B", "meta-llama/Llama-3.1-8B", "a", "org/Modèle-1", "C:/models/x y")
_FILES = ("train.jsonl", "data/train.jsonl", "data/é ü.jsonl", "/abs/a.jsonl", "../x/no.jsonl")
_YES_OR_NO = (True, False)
_MODULES = ("q_proj", "v_proj", "k_proj", "down_proj", "lm_head", "no", "1.5")


def draw(random: Random) -> dict[str, Any]:
    """Return the tables of a config; about half of all keys are there."""

    def some(**choices: Any) -> dict[str, Any]:
        given = {key: value for key, value in choices.items() if random.random() < 0.6}
        return {key: value() if callable(value) else value for key, value in given.items()}

    def one(*values: Any) -> Any:
        return lambda: random.choice(values)

    kind = random.choice(("full", "lora", "qlora", "unsaid"))
    config: dict[str, Any] = {
        "job": {"model": random.choice(_MODELS), **some(data=one(*_FILES))},
        "compute": {"gpu_type": "H100", **some(gpu_count=one(1, 2, 4, 8), nodes=one(1, 2, 4))},
        "data": some(validation_path=one("data/val.jsonl", "val.jsonl", "data/é.jsonl")),
        "training": {},
        "hyperparameters": some(
            n_epochs=one(1, 2, 3, 50),
            learning_rate=lambda: random.choice(
                (1, 2e-5, 1e-300, 0.1, 10 ** -random.randint(1, 9))
            ),
            warmup_ratio=one(0, 0.03, 1.0, 0.5),
            weight_decay=one(0.0, 0.01, 1),
            sequence_length=one(128, 4096, 1_000_000),
            per_device_batch=one(1, 2, 16),
            gradient_accumulation_steps=one(1, 4, 64),
            lr_scheduler_type=one("linear", "cosine", "constant", "inverse_sqrt"),
            max_grad_norm=one(0.5, 1.0, 1),
            seed=one(0, 42, 2**32 - 1),
            adam_beta2=one(0.95, 0.999),
            optim=one("adamw_torch", "adamw_torch_fused", "adafactor"),
            logging_steps=one(1, 10),
            save_steps=one(5, 20, 40, 500),
            save_total_limit=one(1, 3),
            unknown=one("x", 3, [1, 2], {"a": {}}),
        ),
    }
    knobs = config["hyperparameters"]
    if kind != "unsaid":
        config["training"] = {"use_qlora": kind == "qlora", **some(mode="sft_offline")}
        knobs["train_kind"] = "fft" if kind == "full" else "peft"
    if kind in {"lora", "qlora"}:
        knobs |= {"lora_rank": random.choice((1, 8, 256)), "lora_alpha": random.choice((1, 32))}
        modules = (["all-linear"], [random.choice(_MODULES)], sorted(random.sample(_MODULES, 3)))
        knobs |= some(lora_dropout=one(0.0, 0.05, 0.999), lora_target_modules=one(*modules))
    elif random.random() < 0.3:  # which nothing uses
        knobs |= some(lora_rank=16, lora_dropout=0.1)
    if random.random() < 0.3:
        knobs |= some(warmup_steps=one(0, 0.5, 10), global_batch=one(8, 16, 64))
    if random.random() < 0.3:
        knobs |= some(total_steps=one(1, 1000), steps=one(1, 1000))
    if random.random() < 0.5:
        config["training"]["validation"] = some(
            enabled=one(*_YES_OR_NO),
            evaluation_strategy=one("steps", "epoch", "no"),
            eval_steps=one(0, 5, 20),
            save_best_model_at_end=one(*_YES_OR_NO),
            metric_for_best_model=one("val.loss", "eval_loss", "val.bleu"),
            greater_is_better=False,
        )
    knobs["parallelism"] = _parallelism(random, some, one)
    return config


def _parallelism(random: Random, some: Callable[..., Any], one: Callable[..., Any]) -> Any:
    sharded = random.choice(({}, {}, {"fsdp": True}, {"use_deepspeed": True}))
    table = {**some(activation_checkpointing=one(*_YES_OR_NO)), **sharded}
    table |= random.choice(({}, {"bf16": True}, {"bf16": True, "fp16": False}))
    if "use_deepspeed" in sharded:
        table["deepspeed_stage"] = random.choice((0, 1, 2, 3))
    table |= some(pipeline_parallel_size=1)
    if random.random() < 0.2:
        table |= some(tensor_parallel_size=one(1, 2, 4), pipeline_parallel_size=one(1, 2))
    return table


_NEEDED: dict[str, dict[str, dict[str, tuple[Any, ...]]]] = {
    "prime-rl": {
        "job": {
            "model": ("Qwen/Qwen3-4B", "meta-llama/Llama-3.2-3B-Instruct", "openai/gpt-oss-20b"),
            "data": _FILES,
        },
        "hyperparameters": {"total_steps": (1, 7, 1000), "sequence_length": (128, 4096)},
    }
}
"""By target, what it has no job without and few configs have, as what is chosen from."""


def texts(number: int, seed: int = 0, target: str = "") -> list[str]:
    """Return so many drawn configs that compile, with what a target has no job without."""
    random, found = Random(seed), list[str]()
    while len(found) < number:
        config = draw(random)
        for table, keys in _NEEDED.get(target, {}).items():
            config[table] |= {key: random.choice(values) for key, values in keys.items()}
        text = config_text(config)
        if compile_config(text).ok:
            found.append(text)
    return found
