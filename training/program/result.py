"""The result: an adapter or a model, with what it was made of; there as a whole, or not at all."""

import importlib.metadata
import json
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ...disk import writing
from ...jobfolder import JobFolder
from ..recipe import Recipe
from . import checkpoints
from .card import card

_TOKENIZER: Final = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
)
_TEMPLATES: Final = "additional_chat_templates"
_PICKLE: Final = "training_args.bin"
"""What the Trainer adds: nobody needs it, and it is a pickle."""
METRICS: Final = "metrics.json"
_LIBRARIES: Final = (
    "sftc", "torch", "transformers", "peft", "accelerate", "bitsandbytes", "safetensors",
    "tokenizers", "deepspeed",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that are installed."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def write(
    trainer: Any, folder: JobFolder, base: Path, recipe: Recipe, metrics: Mapping[str, Any]
) -> None:
    """Write the result. All processes call it, and the first one writes.

    Args:
        trainer: it has the weights.
        folder: the job's.
        base: the base model's.
        recipe: what it was trained by.
        metrics: what ``metrics.json`` holds.

    Raises:
        OSError: it cannot be written; no part of it is there.

    """
    unfinished = folder.unfinished_result
    if trainer.args.should_save:
        shutil.rmtree(unfinished, ignore_errors=True)
    trainer.save_model(str(unfinished))
    if not trainer.args.should_save:
        return
    (unfinished / _PICKLE).unlink(missing_ok=True)
    _name_base(unfinished / "adapter_config.json", recipe.model["name"])
    for name in _TOKENIZER:
        if (base / name).is_file():
            shutil.copyfile(base / name, unfinished / name)
    if (base / _TEMPLATES).is_dir():
        shutil.copytree(base / _TEMPLATES, unfinished / _TEMPLATES)
    payload = folder.payload.read_bytes()
    writing.write(unfinished / "job.json", payload)
    writing.write(unfinished / "recipe.json", recipe.to_json())
    _write_json(unfinished / "versions.json", versions())
    _write_json(unfinished / METRICS, metrics)
    text = card(json.loads(payload), recipe, metrics, versions())
    writing.write(unfinished / "README.md", text.encode())
    checkpoints.sync(unfinished)
    unfinished.rename(folder.result)


def told(folder: Path) -> dict[str, Any]:
    """Return what a journal has of a result: ``steps``, ``best``, ``best_metric``, ``values``."""
    metrics = json.loads((folder / METRICS).read_bytes())
    return {name: metrics[name] for name in ("steps", "best", "best_metric", "values")}


def _name_base(config: Path, name: str) -> None:
    """Put the name of the base model for the folder of this machine that it was loaded from."""
    if config.is_file():
        value = json.loads(config.read_bytes())
        _write_json(config, {**value, "base_model_name_or_path": name})


def _write_json(path: Path, value: Any) -> None:
    writing.write(path, (json.dumps(value, indent=2, sort_keys=True) + "\n").encode())
