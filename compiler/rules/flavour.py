"""Full fine-tuning, LoRA, QLoRA: what the config says it is, and what goes with it."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ...diagnostics import Finding, KeyPath, dotted, value_text
from .job import Job

_ALL: Final = frozenset({"full fine-tuning", "LoRA", "QLoRA"})
_FULL: Final = frozenset({"full fine-tuning"})
_ADAPTERS: Final = frozenset({"LoRA", "QLoRA"})

_EVIDENCE: Final[dict[tuple[str, ...], dict[Any, frozenset[str]]]] = {
    ("training", "use_qlora"): {True: frozenset({"QLoRA"}), False: _ALL - {"QLoRA"}},
    ("training", "mode"): {"full_finetune": _FULL, "lora": _ADAPTERS},
    ("hyperparameters", "train_kind"): {"fft": _FULL, "peft": _ADAPTERS},
    ("algorithm", "variety"): {
        "fft": _FULL,
        "lora": frozenset({"LoRA"}),
        "qlora": frozenset({"QLoRA"}),
    },
}
"""Which flavours a key admits by its value, the key that counts most first."""

_ADAPTER_KNOBS: Final = ("lora_rank", "lora_alpha", "lora_dropout", "lora_target_modules")
_NATIVE_BF16: Final = re.compile(r"\b(H100|H200|B200)\b", re.IGNORECASE)
_ZERO_3: Final = 3


class _Witness(NamedTuple):
    path: KeyPath
    value: Any
    admits: frozenset[str]

    def __str__(self) -> str:
        return f"{dotted(self.path)} = {value_text(self.value)}"


def _witnesses(job: Job) -> list[_Witness]:
    return [
        _Witness(path, value, admits[value])
        for path, admits in _EVIDENCE.items()
        if (value := job.get(*path)) in admits
    ]


def flavour(job: Job) -> str | None:
    """Return the one flavour that every key admits; None if there are several, or none."""
    admitted = _ALL.intersection(*(witness.admits for witness in job.once(_witnesses)))
    return next(iter(admitted)) if len(admitted) == 1 else None


def flavours_agree(job: Job) -> Iterator[Finding]:
    """Point out keys that name different flavours; LLaMA-Factory: quantization requires LoRA."""
    witnesses = job.once(_witnesses)
    for index, later in enumerate(witnesses):
        for earlier in witnesses[:index]:
            if not earlier.admits & later.admits:
                words = {
                    "later": str(later),
                    "earlier": str(earlier),
                    "one": " or ".join(sorted(later.admits)),
                    "other": " or ".join(sorted(earlier.admits)),
                }
                yield Finding("SFT221", later.path, words)
                return


def adapter_knobs_have_an_adapter(job: Job) -> Iterator[Finding]:
    """Point out LoRA knobs where nothing says LoRA: there is no adapter to shape."""
    knobs = [name for name in _ADAPTER_KNOBS if job.knob(name) is not None]
    if knobs and all("full fine-tuning" in witness.admits for witness in job.once(_witnesses)):
        names = ", ".join(f"`{name}`" for name in knobs)
        yield Finding("SFT222", ("hyperparameters", knobs[0]), {"names": names})


def qlora_with_zero3(job: Job) -> Iterator[Finding]:
    """Warn of QLoRA under ZeRO-3: PEFT deepspeed.md names what it needs."""
    sharded = job.parallelism("deepspeed_stage") == _ZERO_3 and job.parallelism("use_deepspeed")
    if job.is_qlora and sharded:
        yield Finding("SFT223", ("hyperparameters", "parallelism", "deepspeed_stage"))


def qlora_with_fsdp(job: Job) -> Iterator[Finding]:
    """Warn of QLoRA under FSDP: PEFT fsdp.md, the 4-bit storage must have the model's dtype."""
    if job.is_qlora and job.parallelism("fsdp"):
        yield Finding("SFT224", ("hyperparameters", "parallelism", "fsdp"))


def qlora_in_fp16(job: Job) -> Iterator[Finding]:
    """Note QLoRA in float16 on a GPU with native bfloat16: the QLoRA paper computes in bf16."""
    gpu = job.get("compute", "gpu_type")
    if job.is_qlora and job.parallelism("fp16") and gpu and _NATIVE_BF16.search(gpu):
        yield Finding("SFT225", ("hyperparameters", "parallelism", "fp16"), {"gpu": gpu})


RULES = (
    flavours_agree,
    adapter_knobs_have_an_adapter,
    qlora_with_zero3,
    qlora_with_fsdp,
    qlora_in_fp16,
)
