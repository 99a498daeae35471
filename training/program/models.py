"""The model that is loaded from the folder of a base model: safetensors, no code."""

import json
import os
from pathlib import Path
from typing import Any, Final

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, BitsAndBytesConfig
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from ...diagnostics import Finding, codes
from ...diagnostics.catalogue import diagnose
from ...diagnostics.pointers import pointer
from ...jobfolder import Exit
from ...payloads import fields
from .. import model_files
from ..model_files import CONFIG, ModelError
from ..recipe import Recipe
from .failures import JobError

_WANTED: Final = ("*.safetensors", "*.json", "*.jinja", "additional_chat_templates/*")
"""What is fetched of a model: no pickle, and no code."""
_MODEL: Final = pointer(fields.MODEL)


def find(name: str, models: Path | None) -> Path:
    """Return the folder of a base model.

    Args:
        name: as the payload has it.
        models: a folder of models by name; it wins over the Hugging Face cache, and that over the
            hub, which is asked unless the environment forbids it (``HF_HUB_OFFLINE``).

    Raises:
        JobError: it is nowhere, outside of the folder, or not safe to load.

    """
    try:
        folder = model_files.find(name, models, os.environ)
    except ModelError as error:
        raise _refused(str(error), error.code) from None
    if folder is None:
        folder = _fetched(name, models)
    _check(folder, name)
    return folder


def load(folder: Path, recipe: Recipe) -> Any:
    """Return the model to train, with its adapter if it has one.

    Raises:
        JobError: it cannot be loaded, or a module that an adapter is for is none of its.

    """
    quantization = dict(recipe.quantization) if recipe.quantization else None
    if quantization is not None:
        for key, value in quantization.items():
            if key.endswith(("_dtype", "_storage")):
                quantization[key] = getattr(torch, value)
    more = {} if recipe.model["tp_plan"] is None else {"tp_plan": recipe.model["tp_plan"]}
    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=getattr(torch, recipe.model["dtype"]),
            quantization_config=BitsAndBytesConfig(**quantization) if quantization else None,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            **more,
        )
    except (OSError, ValueError, KeyError) as error:
        text = next(iter(str(error).splitlines()), type(error).__name__)
        message = f"{recipe.model['name']} cannot be loaded: {text}"
        raise JobError(message, "model-unusable", Exit.REFUSED, _MODEL) from error
    _keep_rounding(model)
    return _with_adapter(model, recipe) if recipe.lora else model


def _with_adapter(model: Any, recipe: Recipe) -> Any:
    lora = dict(recipe.lora or {})
    targets = lora["target_modules"]
    if isinstance(targets, list):
        _check_targets(model, targets)
    if recipe.trainer.get("activation_checkpointing"):
        model.enable_input_require_grads()  # else nothing below the first block needs a gradient
    model = get_peft_model(model, LoraConfig(**lora))
    for parameter in model.parameters():
        if parameter.requires_grad:  # an adapter in another precision is resumed as float32
            parameter.data = parameter.data.to(getattr(torch, recipe.model["adapter_dtype"]))
    return model


def _check_targets(model: Any, targets: list[str]) -> None:
    """Refuse a name that matches nothing: PEFT trains the others without a word."""
    names = [name for name, _ in model.named_modules()]
    for target in targets:
        if not any(name == target or name.endswith(f".{target}") for name in names):
            path = fields.LORA_TARGET_MODULES
            why = f"the model has no module named {target}"
            words = {"name": str(path[-1]), "value": json.dumps(targets), "why": why}
            message = diagnose(Finding(codes.NOT_TRAINABLE, path, words), "").message
            raise JobError(message, codes.NOT_TRAINABLE, Exit.REFUSED, pointer(path))


def _keep_rounding(model: Any) -> None:
    """Keep bitsandbytes from repacking 4-bit weights at the first evaluation on some CPUs.

    They would be rounded in another way from then on, so that a resumed training would differ; and
    it fails at widths that 64 does not divide.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def _fetched(name: str, models: Path | None) -> Path:
    """Return the folder of a model that the hub puts into its cache, if it may be asked."""
    from huggingface_hub import snapshot_download  # an HTTP client, which a folder does not need

    try:
        folder = Path(snapshot_download(name, allow_patterns=list(_WANTED)))
        reason = "it is not in the safetensors format"
    except Exception as error:  # noqa: BLE001 - of the hub, its HTTP client, or the disk
        reason = next(filter(None, str(error).strip().splitlines()), type(error).__name__)
    else:
        if model_files.is_whole(folder):
            return folder
    where = (
        f"{models} does not contain {name}" if models is not None else (f"{name} is not available")
    )
    message = (
        f"{where}, it is not in the Hugging Face cache, and it cannot be downloaded from the "
        f"Hub: {reason}"
    )
    raise _refused(message, "model-missing")


def _check(folder: Path, name: str) -> None:
    try:
        config = json.loads((folder / CONFIG).read_bytes())
        kind = config.get("model_type")
    except (ValueError, AttributeError):
        raise _refused(f"{name}: {CONFIG} is damaged", "model-unusable") from None
    if kind not in CONFIG_MAPPING:
        brings = "which needs code of its own" if "auto_map" in config else "which is unknown"
        message = f"{name} is a {kind}, {brings}; code that comes with a model is never run"
        raise _refused(message, "model-unsafe" if "auto_map" in config else "model-unusable")


def _refused(message: str, code: str) -> JobError:
    return JobError(message, code, Exit.REFUSED, _MODEL)


def padding(folder: Path) -> int:
    """Return a token to fill short rows with; nothing attends to it, and it is not learned."""
    config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    for name in ("pad_token_id", "eos_token_id"):
        value = getattr(config, name, None)
        if isinstance(value, int) and value >= 0:
            return value
    return 0
