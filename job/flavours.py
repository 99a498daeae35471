"""Full fine-tuning, LoRA, QLoRA: which of them a payload asks for, by every field that says so.

The table of flavours: full fine-tuning has ``use_qlora = false`` and ``train_kind = "fft"``; LoRA
``mode = "lora"``, ``use_qlora = false`` and ``train_kind = "peft"``; QLoRA ``use_qlora = true``
and ``train_kind = "peft"``.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from ..diagnostics import KeyPath, value_text
from ..payloads import fields
from .values import Job

FULL: Final = "full fine-tuning"
LORA: Final = "LoRA"
QLORA: Final = "QLoRA"

_ALL: Final = frozenset({FULL, LORA, QLORA})
_FULL: Final = frozenset({FULL})
_ADAPTERS: Final = frozenset({LORA, QLORA})

VARIETIES: Final[Mapping[str, frozenset[str]]] = {
    "fft": _FULL,
    "lora": frozenset({LORA}),
    "qlora": frozenset({QLORA}),
}
"""The flavours that a ``variety`` admits: the config's ``[algorithm]`` has the same words."""

VARIETY: Final = ((*fields.HYPERPARAMETERS, "variety"), (*fields.TRAINING, "variety"))
"""Fields of real configs that say a variety where the payload's schema knows none."""

ADAPTER_KNOBS: Final = (
    fields.LORA_RANK,
    fields.LORA_ALPHA,
    fields.LORA_DROPOUT,
    fields.LORA_TARGET_MODULES,
)
"""The fields that shape an adapter."""

_EVIDENCE: Final[tuple[tuple[KeyPath, type, Mapping[Any, frozenset[str]]], ...]] = (
    (fields.USE_QLORA, bool, {True: frozenset({QLORA}), False: _ALL - {QLORA}}),
    (fields.MODE, str, {"full_finetune": _FULL, "lora": _ADAPTERS}),
    (fields.TRAIN_KIND, str, {"fft": _FULL, "peft": _ADAPTERS}),
    *((path, str, VARIETIES) for path in VARIETY),
)
"""The fields that say a flavour, the one that counts most first."""


class Witness(NamedTuple):
    """A field that says something about the flavour.

    Attributes:
        path: the field.
        value: what it says.
        admits: the flavours that this admits.

    """

    path: KeyPath
    value: Any
    admits: frozenset[str]

    def __str__(self) -> str:
        """Return the field as TOML has it, without its table."""
        return f"{self.path[-1]} = {value_text(self.value)}"


def witnesses(job: Job) -> list[Witness]:
    """Return the fields that say something about the flavour, the one that counts most first."""
    return list(_witnesses(job))


def _witnesses(job: Job) -> Iterator[Witness]:
    for path, kind, admits in _EVIDENCE:
        value = job.loose(path, kind)
        if value in admits:
            yield Witness(path, value, admits[value])


def flavour(job: Job) -> str | None:
    """Return the one flavour that every field admits; None if there are several, or none."""
    admitted = _ALL.intersection(*(witness.admits for witness in _witnesses(job)))
    return next(iter(admitted)) if len(admitted) == 1 else None


def decided(job: Job) -> str | None:
    """Return the flavour that is trained; None if the fields that say one disagree.

    What they leave open is decided by the least: no quantization, and no adapter, unless it is
    asked for.
    """
    admitted = _ALL.intersection(*(witness.admits for witness in _witnesses(job)))
    return next((kind for kind in (FULL, LORA, QLORA) if kind in admitted), None)


def quantizes(job: Job) -> bool:
    """Whether the base model is quantized: QLoRA."""
    return job.get(fields.USE_QLORA) is True
