"""How many sequences at once, how long they are, how many steps, how fast."""

from collections.abc import Iterator
from math import isfinite
from typing import Final

from ...diagnostics import Finding, codes, quoted, value_text
from ...payloads import fields
from ..batch import factors
from ..lengths import STEP_COUNTS, steps
from ..values import Job

_HIGH_LEARNING_RATE: Final = 0.01
_LENGTHS: Final = (fields.N_EPOCHS, *STEP_COUNTS)
_WARMUP_STEPS: Final = (*fields.HYPERPARAMETERS, "warmup_steps")
_PACKING: Final = tuple((*fields.HYPERPARAMETERS, name) for name in ("packing", "sample_packing"))


def global_batch_adds_up(job: Job) -> Iterator[Finding]:
    """``global_batch`` against its factors: DeepSpeed config.py, #743, #1306, #3982."""
    target = job.get(fields.GLOBAL_BATCH)
    batch = None if target is None else factors(job)
    if batch is None or batch.effective == target:
        return
    words = {
        "target": str(target),
        "device": str(batch.device),
        "accumulation": str(batch.accumulation),
        "parallel": str(batch.parallel),
        "product": str(batch.effective),
    }
    needed, rest = divmod(target, batch.device * batch.parallel)
    hint = f"write {batch.effective}, or remove it"
    if not rest:
        hint = f"{target} needs gradient_accumulation_steps = {needed}"
    device = fields.BATCH_SIZE
    if job.get(fields.PER_DEVICE_BATCH) is not None:
        device = fields.PER_DEVICE_BATCH
    covers = (device, fields.GRADIENT_ACCUMULATION_STEPS, fields.GPU_COUNT, fields.NODES)
    yield Finding(codes.GLOBAL_BATCH_MISMATCH, fields.GLOBAL_BATCH, words, hint=hint, covers=covers)


def one_name_for_the_batch(job: Job) -> Iterator[Finding]:
    """Two names for one thing, in the payload's own schema."""
    if job.get(fields.BATCH_SIZE) is not None and job.get(fields.PER_DEVICE_BATCH) is not None:
        yield Finding(
            codes.TWO_NAMES_FOR_THE_BATCH, fields.BATCH_SIZE, covers=(fields.PER_DEVICE_BATCH,)
        )


def one_length(job: Job) -> Iterator[Finding]:
    """Two lengths of the training that somebody wrote: one must win, and no field says which."""
    written = [field for field in _LENGTHS if job.written(field)]
    if len(written) > 1:
        first, second, *others = written
        names = " and ".join(f"`{field[-1]}`" for field in written)
        yield Finding(codes.SEVERAL_LENGTHS, second, {"names": names}, covers=(first, *others))


def learning_rate_is_plausible(job: Job) -> Iterator[Finding]:
    """A learning rate at which fine-tuning diverges: recipes stay below 1e-3."""
    rate = job.get(fields.LEARNING_RATE)
    if rate is not None and rate > _HIGH_LEARNING_RATE and isfinite(rate):
        yield Finding(codes.HIGH_LEARNING_RATE, fields.LEARNING_RATE, {"rate": value_text(rate)})


def warmup_takes_a_step(job: Job) -> Iterator[Finding]:
    """A warm-up that rounds to nothing: transformers takes ratio × steps, rounded up."""
    ratio = job.get(fields.WARMUP_RATIO)
    count = steps(job) if ratio else None
    if count and ratio * count < 1:
        words = {
            "ratio": value_text(ratio),
            "steps": str(count),
            "product": f"{ratio * count:.2g}",
        }
        covers = tuple(field for field in STEP_COUNTS if job.get(field) == count)[:1]
        yield Finding(codes.WARMUP_UNDER_ONE_STEP, fields.WARMUP_RATIO, words, covers=covers)


def one_warmup(job: Job) -> Iterator[Finding]:
    """Two lengths of the warm-up: axolotl #2897 refuses them; in transformers the steps win."""
    count = job.loose(_WARMUP_STEPS, int)
    ratio = job.get(fields.WARMUP_RATIO)
    if count and ratio:
        words = {"steps": str(count), "ratio": value_text(ratio)}
        yield Finding(codes.TWO_WARMUPS, fields.WARMUP_RATIO, words, covers=(_WARMUP_STEPS,))


def sequence_fits_the_model(job: Job) -> Iterator[Finding]:
    """``sequence_length`` against the model's context: axolotl loaders/model.py."""
    length = job.get(fields.SEQUENCE_LENGTH)
    name = None if length is None else job.get(fields.MODEL)
    if name is None:
        return
    from ..models import lookup  # reads a table

    model = lookup(name)
    if model and model.context is not None and length > model.context:
        shown = name if name.isprintable() else quoted(name)
        words = {"length": f"{length:,}", "context": f"{model.context:,}", "model": shown}
        yield Finding(
            codes.SEQUENCE_BEYOND_CONTEXT, fields.SEQUENCE_LENGTH, words, covers=(fields.MODEL,)
        )


def packs_to_a_length(job: Job) -> Iterator[Finding]:
    """Packing without the length to pack to: TRL and axolotl fall back on their own default."""
    packing = next((path for path in _PACKING if job.loose(path, bool)), None)
    if packing and job.get(fields.SEQUENCE_LENGTH) is None:
        words = {"key": str(packing[-1])}
        yield Finding(
            codes.PACKING_WITHOUT_LENGTH, packing, words, covers=(fields.SEQUENCE_LENGTH,)
        )


ALL: Final = (
    global_batch_adds_up,
    one_name_for_the_batch,
    one_length,
    learning_rate_is_plausible,
    warmup_takes_a_step,
    sequence_fits_the_model,
    one_warmup,
    packs_to_a_length,
)
