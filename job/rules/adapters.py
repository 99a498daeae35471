"""Full fine-tuning, LoRA, QLoRA: fields that say different things about them."""

from collections.abc import Iterator, Mapping
from typing import Final

from ...diagnostics import Finding, codes, quoted
from ...payloads import fields
from ..flavours import ADAPTER_KNOBS, FULL, witnesses
from ..values import Job

_MODES: Final = ("sft_offline", "lora", "full_finetune")
_KINDS: Final = ("fft", "peft")

_MEANT_MODE: Final[Mapping[str, str]] = {
    "fft": 'write "full_finetune"',
    "full": 'write "full_finetune"',
    "peft": 'write "lora"',
    "adapter": 'write "lora"',
    "qlora": 'write "lora", with use_qlora = true',
    "sft": 'write "sft_offline"',
    **dict.fromkeys(
        ("dpo", "grpo", "kto", "orpo", "ppo", "rl", "rlhf", "pretrain", "pretraining"),
        "this payload is a supervised fine-tuning job; no mode makes it another method",
    ),
}
_MEANT_KIND: Final[Mapping[str, str]] = {
    "full": 'write "fft"',
    "full_finetune": 'write "fft"',
    "full_finetuning": 'write "fft"',
    "lora": 'write "peft"',
    "qlora": 'write "peft", with use_qlora = true',
    "adapter": 'write "peft"',
}


def flavours_agree(job: Job) -> Iterator[Finding]:
    """Fields that name different flavours; LLaMA-Factory: quantization requires LoRA."""
    found = witnesses(job)
    for index, later in enumerate(found):
        for earlier in found[:index]:
            if not earlier.admits & later.admits:
                words = {
                    "later": str(later),
                    "earlier": str(earlier),
                    "one": " or ".join(sorted(later.admits)),
                    "other": " or ".join(sorted(earlier.admits)),
                }
                yield Finding(codes.FLAVOURS_DISAGREE, later.path, words, covers=(earlier.path,))
                return


def knobs_have_an_adapter(job: Job) -> Iterator[Finding]:
    """LoRA knobs where nothing says LoRA: there is no adapter to shape."""
    knobs = [knob for knob in ADAPTER_KNOBS if job.get(knob) is not None]
    if knobs and all(FULL in witness.admits for witness in witnesses(job)):
        names = ", ".join(f"`{knob[-1]}`" for knob in knobs)
        yield Finding(
            codes.ADAPTER_KNOBS_WITHOUT_ADAPTER,
            knobs[0],
            {"names": names, "verb": "have" if len(knobs) > 1 else "has"},
            covers=tuple(knobs[1:]),
        )


def mode_is_known(job: Job) -> Iterator[Finding]:
    """A mode that is nearly a known one, or another field's word: the table of flavours."""
    mode = job.get(fields.MODE)
    hint = mode and _meant(mode, _MODES, _MEANT_MODE)
    if hint:
        yield Finding(codes.UNKNOWN_MODE, fields.MODE, {"mode": quoted(mode)}, hint=hint)


def train_kind_is_known(job: Job) -> Iterator[Finding]:
    """A kind that is nearly a known one, or another field's word: the table of flavours."""
    kind = job.get(fields.TRAIN_KIND)
    hint = kind and _meant(kind, _KINDS, _MEANT_KIND)
    if hint:
        yield Finding(
            codes.UNKNOWN_TRAIN_KIND, fields.TRAIN_KIND, {"kind": quoted(kind)}, hint=hint
        )


def _meant(word: str, known: tuple[str, ...], other: Mapping[str, str]) -> str | None:
    """Return what to write instead; None for a known word, and for one that is like no other.

    A backend may have modes of its own, so a word that is merely unknown is none of our business.
    """
    if word in known:
        return None
    hint = other.get(word.strip().lower().replace("-", "_").replace(" ", "_"))
    if hint:
        return hint
    from ...diagnostics.suggest import nearest  # only a wrong word needs it

    near = nearest(word, known)
    return near and f"did you mean {quoted(near)}?"


ALL: Final = (flavours_agree, knobs_have_an_adapter, mode_is_known, train_kind_is_known)
