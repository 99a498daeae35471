"""Commented files to start from: a config by flavour, and settings; comments from the schemas.

Pure, as the compiler is; the command line writes the file.
"""

from enum import StrEnum
from textwrap import wrap
from typing import Any, Final

from . import schemas
from .writer import config_text

ATTRIBUTES: Final = ("*.job.* text eol=lf", "*.jsonl -text")
"""Lines of ``.gitattributes``: artifacts and datasets stay as they are in a checkout on Windows."""

_WIDTH: Final = 88


class Kind(StrEnum):
    """The flavours of fine-tuning."""

    QLORA = "qlora"
    LORA = "lora"
    FULL = "full"


_ADAPTER: Final = {
    "lora_rank": 16,
    "lora_alpha": 32,
    "lora_dropout": 0.05,
    "lora_target_modules": ["all-linear"],
}
_TITLES: Final = {
    Kind.QLORA: "QLoRA: LoRA adapters on a 4-bit quantized base model, for one GPU.",
    Kind.LORA: "LoRA: small adapters on a frozen base model, for one GPU.",
    Kind.FULL: "Full fine-tuning: every weight of the model, on four GPUs with DeepSpeed ZeRO-3.",
}
_TRAINING: Final = {
    Kind.QLORA: {"mode": "lora", "use_qlora": True},
    Kind.LORA: {"mode": "lora", "use_qlora": False},
    Kind.FULL: {"mode": "full_finetune", "use_qlora": False},
}
_RATES: Final = {Kind.QLORA: 2e-4, Kind.LORA: 2e-4, Kind.FULL: 1e-5}
_GPUS: Final = {Kind.QLORA: 1, Kind.LORA: 1, Kind.FULL: 4}
_SHARDING: Final = {Kind.FULL: {"use_deepspeed": True, "deepspeed_stage": 3}}


def starter(kind: Kind) -> str:
    """Return a sound config of a flavour as TOML, each key with its description."""
    usage = "`sftc lint` checks this file, `sftc compile` makes its payload."
    return config_text(_values(kind), heading=(_TITLES[kind], usage), described=True)


def settings() -> str:
    """Return settings as TOML: each with its description, and none of them made."""
    lines = [f"#:schema ./{schemas.file_name('settings')}"]
    for key, schema in schemas.load("settings")["properties"].items():
        value = schema["examples"][0] if "examples" in schema else schema["default"]
        lines += ["", *(f"# {line}" for line in wrap(schema["description"], _WIDTH))]
        lines.append(f"# {key} = {_on_one_line(value)}")
    return "".join(f"{line}\n" for line in lines)


def _on_one_line(value: Any) -> str:
    import tomlkit  # as for a config

    if not isinstance(value, dict):
        text: str = tomlkit.item(value).as_string()
        return text
    pairs = (
        f"{tomlkit.key(key).as_string()} = {_on_one_line(inner)}" for key, inner in value.items()
    )
    return f"{{ {', '.join(pairs)} }}"


def _values(kind: Kind) -> dict[str, dict[str, Any]]:
    gpus = _GPUS[kind]
    adapter = {} if kind is Kind.FULL else _ADAPTER
    return {
        "job": {"model": "Qwen/Qwen3-4B", "data": "data/train.jsonl"},
        "compute": {"gpu_type": "H100", "gpu_count": gpus, "nodes": 1},
        "data": {
            "validation_path": "data/validation.jsonl",
            "topology": {"container_count": gpus},
        },
        "training": {
            **_TRAINING[kind],
            "validation": {"enabled": True, "evaluation_strategy": "steps", "eval_steps": 20},
        },
        "hyperparameters": {
            "n_epochs": 1,
            "per_device_batch": 1,
            "gradient_accumulation_steps": 64 // gpus,
            "sequence_length": 4096,
            "learning_rate": _RATES[kind],
            "warmup_ratio": 0.03,
            "train_kind": "fft" if kind is Kind.FULL else "peft",
            **adapter,
            "parallelism": {
                **_SHARDING.get(kind, {}),
                "bf16": True,
                "activation_checkpointing": True,
            },
        },
    }
