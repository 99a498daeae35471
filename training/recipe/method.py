"""Full fine-tuning, LoRA or QLoRA: the adapter, the quantization, and how the base is loaded."""

import re
from typing import Final

from ...job.flavours import ADAPTER_KNOBS, FULL, LORA, QLORA, VARIETY, decided, flavour
from ...job.unsaid import CHOSEN
from ...payloads import fields
from .computing import compute_dtype
from .draft import Draft
from .world import Library

_ALL_LINEAR: Final = "all-linear"
_OUTSIDE: Final = re.compile(r"[/~]|[A-Za-z]:|.*\\|(.*/)?\.\.(/|$)|.*[\x00-\x1f\x7f]", re.DOTALL)
"""A model that is no name below a folder: absolute, of a home or a drive, or a way up; or none."""
_SAYS: Final = (fields.MODE, fields.USE_QLORA, fields.TRAIN_KIND, *VARIETY)


def method(draft: Draft) -> None:
    """Set the method, and what it needs."""
    job = draft.job
    draft.method = decided(job)
    _said(draft)
    _model(draft)
    if draft.method in {LORA, QLORA}:
        _adapter(draft)
    else:
        for knob in ADAPTER_KNOBS:  # which `job` refuses
            draft.note_written(knob, "no adapter is trained")
    if draft.method == QLORA:
        _quantize(draft)


def _said(draft: Draft) -> None:
    """Say what each field that names a method became."""
    job = draft.job
    for path in _SAYS:
        if draft.method is None:
            draft.note_written(path, "the fields that select the training method disagree")
            continue
        draft.say(path, "method", draft.method, reason=_reason(draft.method))
    if job.get(fields.MODE) not in {None, "lora", "full_finetune"}:
        draft.note(fields.MODE, "does not select a method; other fields do")
    kind = job.get(fields.TRAIN_KIND)
    if kind not in {None, "fft", "peft"}:
        draft.refuse_value(fields.TRAIN_KIND, 'must be "fft" or "peft"')
    for path in VARIETY:
        if job.get(path) not in {None, "fft", "lora", "qlora"}:
            draft.refuse_value(path, 'must be "fft", "lora" or "qlora"')
    if draft.method and flavour(job) is None and job.get(fields.USE_QLORA) is None:
        draft.note(fields.USE_QLORA, f"not set: {draft.method}")


def _reason(name: str | None) -> str:
    if name == QLORA:
        return "an adapter on a 4-bit base model (NF4, double quantization)"
    return "an adapter on the base model" if name == LORA else "trains all weights"


def _model(draft: Draft) -> None:
    name = draft.job.get(fields.MODEL)
    if _OUTSIDE.match(name):
        draft.refuse_value(
            fields.MODEL, "a model must be in --models, in the Hugging Face cache, or on the Hub"
        )
    dtype = compute_dtype(draft)
    # Trained weights stay float32: a float16 gradient cannot be unscaled, and bfloat16 rounds away
    # small steps. A frozen base may be smaller.
    frozen = draft.method in {LORA, QLORA} and dtype == "bfloat16"
    adapter = None if draft.method in {FULL, None} else "float32"
    draft.set(fields.MODEL, "model.name", name)
    draft.put("model", dtype=dtype if frozen else "float32", adapter_dtype=adapter, tp_plan=None)


def _adapter(draft: Draft) -> None:
    for path, name in (
        (fields.LORA_RANK, "r"),
        (fields.LORA_ALPHA, "lora_alpha"),
        (fields.LORA_DROPOUT, "lora_dropout"),
        (fields.LORA_TARGET_MODULES, "target_modules"),
    ):
        value = draft.job.get(path)
        if value is None:
            value = CHOSEN[path]
            shown = ", ".join(value) if isinstance(value, list) else value
            draft.note(path, f"not set: {shown}")
        if path == fields.LORA_TARGET_MODULES:
            value = _targets(draft, value)
        draft.set(path, f"lora.{name}", value)
    draft.put("lora", task_type="CAUSAL_LM", bias="none")


def _targets(draft: Draft, names: list[str]) -> str | list[str]:
    """Return the modules as PEFT takes them: as a list, ``all-linear`` would match nothing."""
    path = fields.LORA_TARGET_MODULES
    if not names or any(not name.strip() for name in names):
        draft.refuse_value(path, "it names no module")
    if _ALL_LINEAR not in names:
        return names
    if len(names) > 1:
        draft.refuse_value(path, "all-linear already includes all modules: list nothing else")
    return _ALL_LINEAR


def _quantize(draft: Draft) -> None:
    dtype = compute_dtype(draft)
    if Library.BITSANDBYTES in draft.world.missing:
        draft.refuse_value(fields.USE_QLORA, "bitsandbytes is not installed")
    draft.put(
        "quantization",
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
