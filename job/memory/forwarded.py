"""Fields beyond the payload's schema that change how much memory a training needs.

Each is counted, makes the lower bound lower with a note, or is a reason to give no figure: none is
ignored. The names are those of transformers, PEFT and accelerate.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ...payloads import fields
from ..values import Job
from .values import Attention, Reason, Setting, Unknown

_TABLES: Final = (fields.HYPERPARAMETERS, fields.PARALLELISM)
_OFF: Final = (None, False, "none", "no", "", 0)

_OFFLOADS: Final = (
    "offload",
    "cpu_offload",
    "offload_param",
    "offload_params",
    "offload_optimizer",
    "offload_param_device",
    "offload_optimizer_device",
    "activation_offloading",
    "fsdp_offload_params",
    "optimizer_offload",
    "param_offload",
)
"""Names under which payloads ask for offload; no trainer here reads them."""

_NOT_COUNTED: Final = (
    "context_parallel_size",
    "cp_size",
    "exclude_modules",
    "expert_parallel_size",
    "fp8",
    "layers_pattern",
    "layers_to_transform",
    "load_in_8bit",
    "lora_bias",
    "megatron_lora",
    "optim_target_modules",
    "rank_pattern",
    "sequence_parallel_size",
    "sp_size",
    "target_parameters",
    "trainable_token_indices",
    "use_dora",
)
"""Names that change what is trained or divided in a way that is not counted."""

_SAVING: Final = ("fused_cross_entropy", "liger_kernel", "torch_compile", "use_liger_kernel")
"""Names that make activations or logits smaller, by how much depends on the version."""

_ATTENTION: Final[Mapping[str, Attention]] = {
    "eager": Attention.EAGER,
    "sdpa": Attention.SDPA,
    "flash_attention_2": Attention.FLASH,
    "flash_attention_3": Attention.FLASH,
    "flash_attention_4": Attention.FLASH,
}
_ATTENTION_NAMES: Final = ("attn_implementation", "_attn_implementation")
_NAMES: Final = frozenset((*_OFFLOADS, *_NOT_COUNTED, *_SAVING, *_ATTENTION_NAMES))
_OPTIM: Final = (*fields.HYPERPARAMETERS, "optim")
_SMOOTHING: Final = (*fields.HYPERPARAMETERS, "label_smoothing_factor")
_EVALUATION_ROWS: Final = (*fields.HYPERPARAMETERS, "per_device_eval_batch_size")
_SAVED: Final = (*fields.HYPERPARAMETERS, "modules_to_save")
_PACKING: Final = (*fields.HYPERPARAMETERS, "packing")

_ADAMW: Final = 8.0
OPTIMIZERS: Final[Mapping[str, float]] = {
    "adafactor": 0.1,
    "sgd": 0.0,
    "adagrad": 4.0,
    "rmsprop": 4.0,
    "lion_32bit": 4.0,
    "paged_lion_32bit": 4.0,
    "lion_8bit": 1.1,
    "paged_lion_8bit": 1.1,
    "rmsprop_bnb": 4.0,
    "rmsprop_bnb_32bit": 4.0,
    "rmsprop_bnb_8bit": 1.1,
    "adamw_8bit": 2.1,
    "adamw_bnb_8bit": 2.1,
    "paged_adamw_8bit": 2.1,
    "ademamix": 12.0,
    "ademamix_8bit": 3.1,
    "paged_ademamix_32bit": 12.0,
    "paged_ademamix_8bit": 3.1,
    **dict.fromkeys(
        ("adamw_torch", "adamw_torch_fused", "adamw_hf", "adamw", "paged_adamw_32bit"), _ADAMW
    ),
    "paged_adamw": _ADAMW,
}
"""Bytes of state for a trained weight: 4 for each moment, or 1 and its block's scale (4 B for 256,
bitsandbytes). Adafactor keeps a row and a column of each matrix (transformers)."""


def optimizer(job: Job) -> float:
    """Return the bytes of an optimizer's state for a trained weight, of a known optimizer."""
    name = job.loose(_OPTIM, str)
    return OPTIMIZERS.get(name or "", _ADAMW)


def smooths(job: Job) -> bool:
    """Whether labels are smoothed."""
    return bool(job.loose(_SMOOTHING, int, float))


def packs(job: Job) -> bool:
    """Whether rows are joined up to the longest that there may be."""
    return job.loose(_PACKING, bool) is True


def evaluation_rows(job: Job) -> int | None:
    """Return the rows of a GPU's evaluation batch, where they are said."""
    rows: int | None = job.loose(_EVALUATION_ROWS, int)
    return rows if rows and rows > 0 else None


def saved_modules(job: Job) -> list[str] | None:
    """Return the modules that are trained whole beside an adapter; None if they are no names."""
    names = job.get(_SAVED)
    if names in {None, ""} if not isinstance(names, list) else not names:
        return []
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return list(names)
    return None


def told(job: Job, setting: Setting) -> Setting | Unknown:
    """Return a trainer's setting with what a payload says of it, or why it is not counted."""
    if _set(job, _OFFLOADS):
        return Unknown(Reason.OFFLOAD)
    if found := _set(job, _NOT_COUNTED):
        return Unknown(Reason.NOT_COUNTED, found[0])
    name = job.loose(_OPTIM, str)
    if name is not None and name not in OPTIMIZERS:
        return Unknown(Reason.NOT_COUNTED, "optim")
    for said in _set(job, _ATTENTION_NAMES):
        value = _said(job)[said]
        kernel = _ATTENTION.get(value) if isinstance(value, str) else None
        if kernel is None:
            return Unknown(Reason.NOT_COUNTED, said)
        setting = replace(setting, attention=kernel)
    return setting


def saves(job: Job) -> bool:
    """Whether something makes activations or logits smaller by what is not known."""
    return bool(_set(job, _SAVING))


def notes(job: Job) -> tuple[str, ...]:
    """Return what an estimate says beside its figures, as sentences without their stops."""
    found = [f"{name} may need less than is expected here" for name in _set(job, _SAVING)]
    if packs(job):
        found.append("packing joins rows, so there are fewer steps and tokens than are counted")
    return tuple(found)


def _set(job: Job, names: tuple[str, ...]) -> list[str]:
    """Return which of some names are set, and not to nothing."""
    said = _said(job)
    return [name for name in names if said.get(name) not in _OFF] if said else []


def _said(job: Job) -> Mapping[str, Any]:
    """Return what a payload says beyond its schema that changes memory."""
    found: dict[str, Any] = {}
    for path in reversed(_TABLES):
        table = job.get(path) or {}
        for name in _NAMES & table.keys():
            found[name] = job.get((*path, name))
    return found
