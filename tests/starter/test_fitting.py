"""What `sftc init` chooses fits, for each model and each GPU, or nothing does."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

import sftc
from sftc.job import models
from sftc.job.architectures.table import shape_of_model
from sftc.job.gpus import all_gpus
from sftc.job.planned import Fits
from sftc.planning import plan
from sftc.planning.fitting import fitted
from sftc.starter import Kind, Start, starter

TABLE = json.loads((Path(sftc.__file__).parent / "job" / "models.json").read_bytes())
GPUS = [gpu.name for gpu in all_gpus()]
MODELS = sorted(name for entry in TABLE["models"] for name in entry["names"])
PAIRS = list(product(MODELS, GPUS))
KINDS = (None, *Kind)


def holds(model: str, gpu: str, kind: Kind | None = None, gpus: int = 1) -> Fits:
    """Check what is chosen of a model for GPUs; return whether it fits."""
    known = models.lookup(model)
    assert known is not None
    start = Start(model=model, gpu=gpu, gpus=gpus)
    kinds = list(Kind) if kind is None else [kind]
    found = fitted(start, shape_of_model(model), kinds=kinds, context=known.context)
    text = starter(found.start, described=False)
    assert sftc.lint_config(text) == (), (model, gpu)
    assert found.start.length <= (known.context or 4096)
    assert 60 <= found.start.rows * found.start.accumulation * gpus <= 64
    if found.planned.fits is Fits.FITS:
        planned = plan(text).planned
        assert planned is not None
        assert planned.fits is Fits.FITS, (model, gpu)
        assert planned.memory == found.planned.memory
    elif found.planned.smallest is not None:
        larger = replace(start, gpu=found.planned.smallest.name, kind=found.start.kind)
        again = fitted(larger, shape_of_model(model), kinds=[larger.kind], context=known.context)
        assert again.planned.fits is Fits.FITS, (model, gpu, larger.gpu)
        assert again.start.length == min(4096, known.context or 4096)
    return found.planned.fits


# The sample goes through the models, the GPUs, the kinds and the counts.
@pytest.mark.parametrize(("model", "gpu"), PAIRS[:: len(PAIRS) // 61])
def test_what_is_chosen_fits(model: str, gpu: str) -> None:
    index = PAIRS.index((model, gpu))
    holds(model, gpu, KINDS[index % len(KINDS)], (1, 2, 3, 8)[index % 7 % 4])


@pytest.mark.slow
@pytest.mark.parametrize("gpu", GPUS)
def test_what_is_chosen_of_each_model_fits(gpu: str) -> None:
    # Each GPU has another tenth of the models, so that all of both are asked in two minutes.
    for model in MODELS[GPUS.index(gpu) % 10 :: 10]:
        holds(model, gpu)


CHOICES = {
    # model, GPU, count, kind: kind, rows, accumulation, length, checkpointing, bf16, the others
    ("Qwen/Qwen3-8B", "RTX 4090", 1, None): ("qlora", 1, 64, 4096, True, True, ()),
    ("Qwen/Qwen3-8B", "RTX 4090", 1, "lora"): ("lora", 1, 64, 1024, True, True, ()),
    ("Qwen/Qwen3-0.6B", "T4", 1, None): ("qlora", 1, 64, 4096, True, False, ("lora",)),
    ("Qwen/Qwen3-8B", "H100", 8, "full"): ("full", 4, 2, 4096, True, True, ()),
    ("Qwen/Qwen3-0.6B", "H200", 3, None): ("qlora", 4, 5, 4096, False, True, ("lora", "full")),
}


@pytest.mark.parametrize("asked", CHOICES, ids=lambda asked: " ".join(map(str, asked)))
def test_what_is_chosen(asked: tuple[str, str, int, str | None]) -> None:
    model, gpu, gpus, kind = asked
    kinds = [Kind(kind)] if kind else list(Kind)
    found = fitted(Start(model=model, gpu=gpu, gpus=gpus), shape_of_model(model), kinds=kinds)
    start = found.start
    assert found.planned.fits is Fits.FITS
    assert (
        start.kind, start.rows, start.accumulation, start.length, start.checkpointing, start.bf16,
        found.others,
    ) == CHOICES[asked]  # fmt: skip


def test_without_a_shape_nothing_is_planned() -> None:
    found = fitted(Start(model="a/b", gpu="H100"), None, kinds=list(Kind))
    assert found.planned.fits is Fits.UNKNOWN
    assert (found.start.kind, found.start.rows, found.start.checkpointing) == ("qlora", 1, True)


def test_rows_are_no_longer_than_the_model_reads() -> None:
    model = "Qwen/Qwen3-0.6B"
    found = fitted(
        Start(model=model, gpu="H100"), shape_of_model(model), kinds=list(Kind), context=1000
    )
    assert found.start.length == 1000
