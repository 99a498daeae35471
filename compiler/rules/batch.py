"""How many sequences, how many steps, how long, how fast."""

import re
from collections.abc import Iterator
from typing import Final

from ...diagnostics import Finding, value_text
from .job import Job

_LENGTHS: Final = ("n_epochs", "total_steps", "train_steps", "steps")
_HIGH_LEARNING_RATE: Final = 0.01

_CONTEXTS: Final = (
    (re.compile(r"Qwen3-(Coder|VL)\b|Qwen3-.*-2507\b", re.IGNORECASE), 262_144),
    (re.compile(r"Qwen3-\d", re.IGNORECASE), 40_960),
    (re.compile(r"Llama-3\.[123]-", re.IGNORECASE), 131_072),
    (re.compile(r"Llama-3-\d", re.IGNORECASE), 8_192),
    (re.compile(r"Llama-2-\d", re.IGNORECASE), 4_096),
    (re.compile(r"gemma-2-\d", re.IGNORECASE), 8_192),
    (re.compile(r"Mistral-7B-", re.IGNORECASE), 32_768),
)
"""``max_position_embeddings`` of the config.json of well-known models, the first match."""


def global_batch_adds_up(job: Job) -> Iterator[Finding]:
    """Hold ``global_batch`` against its factors: DeepSpeed config.py, #743, #1306, #3982."""
    target, batch = job.knob("global_batch"), job.batch
    if target is None or batch is None or batch.effective == target:
        return
    words = {
        "target": str(target),
        "device": str(batch.device),
        "accumulation": str(batch.accumulation),
        "parallel": str(batch.parallel),
        "product": str(batch.effective),
    }
    needed = _accumulation_for(target, batch.device, batch.parallel)
    hint = needed or f"write {batch.effective}, or leave it out"
    yield Finding("SFT211", ("hyperparameters", "global_batch"), words, hint=hint)


def _accumulation_for(target: int, device: int, parallel: int) -> str | None:
    steps, rest = divmod(target, device * parallel)
    return None if rest else f"{target} needs gradient_accumulation_steps = {steps}"


def one_name_for_the_batch(job: Job) -> Iterator[Finding]:
    """Point out two names for one thing."""
    if job.knob("batch_size") is not None and job.knob("per_device_batch") is not None:
        yield Finding("SFT212", ("hyperparameters", "batch_size"))


def one_length(job: Job) -> Iterator[Finding]:
    """Point out two lengths of the training: one must win, and no key says which."""
    written = [name for name in _LENGTHS if job.knob(name) is not None]
    if len(written) > 1:
        names = " and ".join(f"`{name}`" for name in written)
        yield Finding("SFT213", ("hyperparameters", written[1]), {"names": names})


def learning_rate_is_plausible(job: Job) -> Iterator[Finding]:
    """Point out a learning rate at which fine-tuning diverges: recipes stay below 1e-3."""
    rate = job.knob("learning_rate")
    if rate is not None and _HIGH_LEARNING_RATE < rate < float("inf"):
        words = {"rate": value_text(rate)}
        yield Finding("SFT214", ("hyperparameters", "learning_rate"), words)


def warmup_takes_a_step(job: Job) -> Iterator[Finding]:
    """Point out a warm-up that rounds to nothing: transformers takes ratio × steps, rounded up."""
    ratio = job.knob("warmup_ratio")
    steps = next((job.knob(name) for name in _LENGTHS[1:] if job.knob(name)), None)
    if ratio and steps and ratio * steps < 1:
        words = {
            "ratio": value_text(ratio),
            "steps": str(steps),
            "product": f"{ratio * steps:.2g}",
        }
        yield Finding("SFT215", ("hyperparameters", "warmup_ratio"), words)


def sequence_fits_the_model(job: Job) -> Iterator[Finding]:
    """Hold ``sequence_length`` against the model's context: axolotl loaders/model.py."""
    length, model = job.knob("sequence_length"), job.get("job", "model")
    if length is None or model is None:
        return
    context = next((size for name, size in _CONTEXTS if name.search(model)), None)
    if context is not None and length > context:
        words = {"length": f"{length:,}", "context": f"{context:,}", "model": model}
        yield Finding("SFT216", ("hyperparameters", "sequence_length"), words)


RULES = (
    global_batch_adds_up,
    one_name_for_the_batch,
    one_length,
    learning_rate_is_plausible,
    warmup_takes_a_step,
    sequence_fits_the_model,
)
