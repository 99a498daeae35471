"""Fields beyond the payload's schema that change how much memory a training needs.

Each is counted, makes the lower bound lower with a note, is named in a note as unknown, or is a
reason to give no figure: none is ignored. What a name does is in ``names``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ...diagnostics import printable
from ...payloads import fields
from ..values import Job
from .beyond import Said, beyond
from .names import Effect
from .values import Attention, Reason, Setting, Unknown

_ATTENTION: Final[Mapping[str, Attention]] = {
    "eager": Attention.EAGER,
    "sdpa": Attention.SDPA,
    "flash_attention_2": Attention.FLASH,
    "flash_attention_3": Attention.FLASH,
    "flash_attention_4": Attention.FLASH,
}
_ATTENTION_NAMES: Final = ("attn_implementation", "_attn_implementation")
EVALUATION_ROWS: Final = (*fields.HYPERPARAMETERS, "per_device_eval_batch_size")
"""The field of an evaluation's batch on a GPU."""

_OPTIM: Final = (*fields.HYPERPARAMETERS, "optim")
_SMOOTHING: Final = (*fields.HYPERPARAMETERS, "label_smoothing_factor")
_SAVED: Final = (*fields.HYPERPARAMETERS, "modules_to_save")
_PACKING: Final = (*fields.HYPERPARAMETERS, "packing")

_NAMED: Final = 3
"""Names in a note."""

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


def shown(name: str) -> str:
    """Return a name that anybody may have written, short and printable."""
    return printable(name[:60])


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
    rows: int | None = job.loose(EVALUATION_ROWS, int)
    return rows if rows and rows > 0 else None


def saved_modules(job: Job) -> list[str] | None:
    """Return the modules that are trained whole beside an adapter; None if they are no names."""
    names = job.get(_SAVED)
    if names is None or names == "":
        return []
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return list(names)
    return None


def told(job: Job, setting: Setting) -> Setting | Unknown:
    """Return a trainer's setting with what a payload says of it, or why it is not counted."""
    found = beyond(job)
    for effect, reason in _REFUSED.items():
        if name := next((said.name for said in found if said.effect is effect), None):
            return Unknown(reason, "" if reason is Reason.OFFLOAD else shown(name))
    for said in found:
        if said.effect is Effect.COUNTED and not _is_counted(said):
            return Unknown(Reason.NOT_COUNTED, said.name)
        if said.name in _ATTENTION_NAMES:
            setting = replace(setting, attention=_ATTENTION[said.value])
    return setting


_REFUSED: Final = {
    Effect.OFFLOAD: Reason.OFFLOAD,
    Effect.NOT_COUNTED: Reason.NOT_COUNTED,
}


def _is_counted(said: Said) -> bool:
    """Whether a value is one that is counted, where it is read."""
    name, value = said.name, said.value
    if name in _ATTENTION_NAMES:
        return isinstance(value, str) and value in _ATTENTION
    if said.path[:-1] != fields.HYPERPARAMETERS:
        return False
    match name:
        case "optim":
            return isinstance(value, str) and value in OPTIMIZERS
        case "packing":
            return value is True
        case "label_smoothing_factor":
            return type(value) in {int, float} and 0 <= value <= 1
        case "per_device_eval_batch_size":
            return type(value) is int and value > 0
        case _:
            return True  # names of modules: who looks for them says if there are none


def saves(job: Job) -> bool:
    """Whether something makes activations or logits smaller by what is not known."""
    return any(said.effect is Effect.LESS for said in beyond(job))


def notes(job: Job) -> tuple[str, ...]:
    """Return what an estimate says beside its figures, as sentences without their stops."""
    said = beyond(job)
    found = [
        f"{shown(each.name)} may need less memory than estimated"
        for each in said
        if each.effect is Effect.LESS
    ]
    if unknown := [shown(each.name) for each in said if each.effect is Effect.OPEN]:
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        what = f"{', '.join(unknown[:_NAMED])}{more}"
        found.append(f"the effect of {what} on memory is unknown and not included")
    if packs(job):
        found.append("packing combines rows, so there are fewer steps and tokens than counted")
    return tuple(found)
