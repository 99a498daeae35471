"""Commented files to start from: a config by flavour, and settings; comments from the schemas.

Pure, as the compiler is; the command line writes the file.
"""

from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap
from typing import Any, Final

from . import schemas
from .writer import SCHEMA_FILE, config_text

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
_EVALUATION: Final = {"enabled": True, "evaluation_strategy": "steps", "eval_steps": 20}
_TITLES: Final = {
    Kind.QLORA: "QLoRA: LoRA adapters on a 4-bit quantized base model",
    Kind.LORA: "LoRA: small adapters on a frozen base model",
    Kind.FULL: "Full fine-tuning: every weight of the model",
}
_TRAINING: Final = {
    Kind.QLORA: {"mode": "lora", "use_qlora": True},
    Kind.LORA: {"mode": "lora", "use_qlora": False},
    Kind.FULL: {"mode": "full_finetune", "use_qlora": False},
}
_RATES: Final = {Kind.QLORA: 2e-4, Kind.LORA: 2e-4, Kind.FULL: 1e-5}
_GPUS: Final = {Kind.QLORA: 1, Kind.LORA: 1, Kind.FULL: 4}
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")

MODEL: Final = "Qwen/Qwen3-4B"
DATA: Final = "data/train.jsonl"
VALIDATION: Final = "data/validation.jsonl"
GPU: Final = "H100"
ROWS_OF_A_STEP: Final = 64
"""The batch of an optimizer step that a new config has, or the next smaller one that divides."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a new config says; the rest follows from it.

    Attributes:
        kind: the flavour of fine-tuning.
        model: the name of the base model, or a folder.
        data: the path of the training dataset.
        validation: that of the validation dataset; None: there is none.
        gpu: the GPU to ask for.
        gpus: how many of them; 0: as many as the flavour usually takes.
        rows: rows of a GPU at a time.
        length: tokens of a row.
        checkpointing: whether activations are computed again, to save memory.
        bf16: whether to compute in bfloat16, else in float16.

    """

    kind: Kind = Kind.QLORA
    model: str = MODEL
    data: str = DATA
    validation: str | None = VALIDATION
    gpu: str = GPU
    gpus: int = 0
    rows: int = 1
    length: int = 4096
    checkpointing: bool = True
    bf16: bool = True

    @property
    def count(self) -> int:
        """How many GPUs it asks for."""
        return self.gpus or _GPUS[self.kind]

    @property
    def accumulation(self) -> int:
        """Batches whose gradients are added up for a step."""
        return max(1, ROWS_OF_A_STEP // (self.rows * self.count))


def starter(start: Start, *, schema: str = f"./{SCHEMA_FILE}", described: bool = True) -> str:
    """Return a config as TOML.

    Args:
        start: what it says.
        schema: where its schema is, seen from the config.
        described: whether each key has its description above it.

    """
    usage = "`sftc lint` checks this file, `sftc compile` makes its payload."
    return config_text(
        _values(start), heading=(_title(start), usage), described=described, schema=schema
    )


def _title(start: Start) -> str:
    count = start.count
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    where = f"for one {start.gpu}" if count == 1 else f"on {number} {start.gpu} GPUs"
    sharding = " with DeepSpeed ZeRO-3" if _shards(start) else ""
    return f"{_TITLES[start.kind]}, {where}{sharding}."


def _shards(start: Start) -> bool:
    return start.kind is Kind.FULL and start.count > 1


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


def _values(start: Start) -> dict[str, dict[str, Any]]:
    kind, gpus = start.kind, start.count
    validates = start.validation is not None
    return {
        "job": {"model": start.model, "data": start.data},
        "compute": {"gpu_type": start.gpu, "gpu_count": gpus, "nodes": 1},
        "data": {
            **({"validation_path": start.validation} if validates else {}),
            "topology": {"container_count": gpus},
        },
        "training": {**_TRAINING[kind], **({"validation": _EVALUATION} if validates else {})},
        "hyperparameters": {
            "n_epochs": 1,
            "per_device_batch": start.rows,
            "gradient_accumulation_steps": start.accumulation,
            "sequence_length": start.length,
            "learning_rate": _RATES[kind],
            "warmup_ratio": 0.03,
            "train_kind": "fft" if kind is Kind.FULL else "peft",
            **({} if kind is Kind.FULL else _ADAPTER),
            "parallelism": {
                **({"use_deepspeed": True, "deepspeed_stage": 3} if _shards(start) else {}),
                "bf16" if start.bf16 else "fp16": True,
                "activation_checkpointing": start.checkpointing,
            },
        },
    }
