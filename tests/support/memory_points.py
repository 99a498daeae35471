"""What others measured, as payloads and settings: ``job/memory_points/published.json``."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from sftc.job import Job
from sftc.job.architectures import shape_of_config
from sftc.job.architectures.table import shape_named
from sftc.job.memory import Attention, Kernels, Loss, Measure, Memory, Setting, States, estimate
from sftc.job.shapes import Linear, Shape

FILE: Final = Path(__file__).parents[1] / "job" / "memory_points" / "published.json"
_UNITS: Final = {"GB": 1e9, "GiB": 2.0**30}
_WORDS: Final[Mapping[str, Any]] = {
    "attention": Attention,
    "kernels": Kernels,
    "loss": Loss,
    "states": States,
}
_JOINED: Final = {"q_proj", "k_proj", "v_proj"}


@dataclass(frozen=True, slots=True)
class Point:
    """One figure that somebody published.

    Attributes:
        name: of the point.
        entry: as the file has it.
        value: bytes on one GPU: measured, or of a GPU that was too small.
        job: the payload.
        shape: of the model.
        setting: of the trainer that was measured.

    """

    name: str
    entry: Mapping[str, Any]
    value: float
    job: Job
    shape: Shape
    setting: Setting

    @property
    def estimated(self) -> Memory | Any:
        """What the estimator says."""
        return estimate(self.job, self.shape, self.setting)


def published() -> tuple[Point, ...]:
    """Return the figures that were measured, those of runs that offload among them."""
    return tuple(_points("points"))


def out_of_memory() -> tuple[Point, ...]:
    """Return the runs that did not fit, with the memory of their GPU."""
    return tuple(_points("out_of_memory"))


@cache
def _file() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(FILE.read_bytes())
    return found


def _points(kind: str) -> Iterator[Point]:
    file = _file()
    for entry in file[kind]:
        trainer = file["trainers"][entry["trainer"]]
        joined = trainer.get("joined", False)
        value = entry["value"] if kind == "points" else entry["capacity"]
        yield Point(
            name=entry["id"],
            entry=entry,
            value=value * _UNITS[entry["unit"]],
            job=Job(payload(entry, joined=joined)),
            shape=_shape(entry["model"], joined=joined),
            setting=_setting({**trainer, **entry.get("setting", {})}, entry.get("measure")),
        )


def _setting(said: Mapping[str, Any], measure: str | None) -> Setting:
    fields = {
        name: _WORDS[name](value) if name in _WORDS else value
        for name, value in said.items()
        if name not in {"joined", "why"}
    }
    # What was published of 4-bit bases that are divided was loaded piece by piece.
    return replace(Setting(loads_whole=False), **fields, measure=Measure(measure or "monitor"))


def _shape(name: str, *, joined: bool) -> Shape:
    config = _file()["models"].get(name)
    shape = shape_of_config(config, "published.json") if config else shape_named(name)
    if not joined:
        return shape
    # Who joins them has blocks of its own, and the activation in one operation.
    architecture = "gpt_neox" if shape.architecture == "phi" else shape.architecture
    return replace(shape, architecture=architecture, linears=tuple(_joined(shape)))


def _joined(shape: Shape) -> Iterator[Linear]:
    """Yield the Linears, with queries, keys and values in one matrix."""
    outputs = sum(linear.outputs for linear in shape.linears if linear.name in _JOINED)
    for linear in shape.linears:
        if linear.name == "q_proj":
            yield replace(linear, name="qkv_proj", outputs=outputs)
        elif linear.name not in _JOINED:
            yield linear


def payload(entry: Mapping[str, Any], *, joined: bool = False) -> dict[str, Any]:
    """Return the payload of a point."""
    method, sharding = entry["method"], entry.get("sharding")
    parallelism: dict[str, Any] = {
        "bf16": True,
        "activation_checkpointing": entry.get("checkpointing", False),
    }
    if sharding == "fsdp":
        parallelism["fsdp"] = True
    elif sharding:
        parallelism |= {"use_deepspeed": True, "deepspeed_stage": int(sharding[-1])}
    if entry.get("offload"):
        parallelism["cpu_offload"] = True
    hyperparameters: dict[str, Any] = {
        "n_epochs": 1,
        "per_device_batch": entry["rows"],
        "gradient_accumulation_steps": 8 if entry.get("accumulates") else 1,
        "sequence_length": entry["length"],
        "train_kind": "fft" if method == "full" else "peft",
        "parallelism": parallelism,
    }
    if method != "full":
        targets = entry["targets"]
        names = [targets] if isinstance(targets, str) else targets
        if joined:
            names = sorted({"qkv_proj" if name in _JOINED else name for name in names})
        if "query_key_value" in names or entry["model"] in {
            "falcon-7b",
            "falcon-40b",
            "stablelm-alpha-3b",
        }:
            names = ["query_key_value"]
        hyperparameters |= {
            "lora_rank": entry["rank"],
            "lora_dropout": 0.05 if entry.get("dropout") else 0.0,
            "lora_target_modules": names,
        }
    return {
        "model": entry["model"],
        "training_type": "sft_offline",
        "hyperparameters": hyperparameters,
        "metadata": {
            "effective_config": {
                "compute": {"gpu_type": "A100", "gpu_count": entry.get("gpus", 1), "nodes": 1},
                "data": {"topology": {}},
                "training": {
                    "mode": "full_finetune" if method == "full" else "lora",
                    "use_qlora": method == "qlora",
                },
            }
        },
        "training_file_id": None,
    }
