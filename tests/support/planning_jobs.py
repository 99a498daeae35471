"""Configs to plan, and `sftc plan` as tests call it."""

import json
from typing import Any

from typer.testing import CliRunner, Result

from sftc import cli

CONFIG = """[job]
model = "{model}"
data = "train.jsonl"

[compute]
gpu_type = "{gpu}"
gpu_count = {count}

[training]
mode = "{mode}"
use_qlora = {qlora}

[hyperparameters]
n_epochs = 2
per_device_batch = {batch}
gradient_accumulation_steps = {accumulation}
sequence_length = {length}
train_kind = "{kind}"

[hyperparameters.parallelism]
bf16 = true
"""
PLAIN: dict[str, Any] = {
    "model": "Qwen/Qwen3-4B",
    "gpu": "H100",
    "count": 1,
    "mode": "lora",
    "qlora": "true",
    "batch": 1,
    "accumulation": 8,
    "length": 1024,
    "kind": "peft",
}
FULL = {"mode": "full_finetune", "qlora": "false", "kind": "fft"}
TOO_LARGE = {"model": "Qwen/Qwen3-14B", "gpu": "RTX 4090", "qlora": "false"}
ROW = '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n'


def config(**values: Any) -> str:
    return CONFIG.format(**{**PLAIN, **values})


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, ["plan", *arguments], input=text)


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]
