"""What a job comes to: the quantities that people reckon in, with their arithmetic."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from ..payloads import fields
from . import batch, resources
from .flavours import flavour
from .lengths import counted_tokens
from .values import Job, UnsoundError


class Quantity(NamedTuple):
    """One consequence of a payload.

    Attributes:
        name: what it is, e.g. ``effective batch``.
        value: how much, or which.
        how: the arithmetic behind it, or an empty text.

    """

    name: str
    value: int | str
    how: str = ""


def quantities(job: Job) -> tuple[Quantity, ...]:
    """Return the quantities that follow from a payload; one that it leaves open is left out.

    Args:
        job: the job.

    """
    found: list[Quantity] = []
    for question in _QUESTIONS:
        try:
            found += question(job)
        except UnsoundError:
            continue
    return tuple(found)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _flavour(job: Job) -> Iterator[Quantity]:
    kind = flavour(job)
    if kind is not None:
        yield Quantity("flavour", kind)


def _world(job: Job) -> Iterator[Quantity]:
    gpus, nodes = resources.gpus(job), resources.nodes(job)
    if gpus is not None:
        yield Quantity(
            "world size", gpus, f"{_counted(gpus // nodes, 'GPU')} × {_counted(nodes, 'node')}"
        )


def _copies(job: Job) -> Iterator[Quantity]:
    gpus, copies = resources.gpus(job), resources.data_parallel(job)
    if gpus is not None and copies is not None:
        how = f"{gpus:,} GPUs ÷ {resources.model_parallel(job):,} model-parallel"
        yield Quantity("data-parallel size", copies, how)


def _batch(job: Job) -> Iterator[Quantity]:
    factors, effective = batch.factors(job), batch.effective(job)
    if effective is None:
        return
    how = "global_batch"
    if factors:
        how = (
            f"{factors.device:,} × {factors.accumulation:,} accumulation "
            f"× {factors.parallel:,} data-parallel"
        )
    yield Quantity("effective batch", effective, how)


def _steps(job: Job) -> Iterator[Quantity]:
    effective, rows = batch.effective(job), job.get(fields.TRAINING_EXAMPLES)
    if effective is not None and rows is not None:
        how = f"{rows:,} rows ÷ {effective:,}, rounded up"
        yield Quantity("steps per epoch", -(-rows // effective), how)


def _tokens(job: Job) -> Iterator[Quantity]:
    effective, length = batch.effective(job), job.get(fields.SEQUENCE_LENGTH)
    if effective is not None and length is not None:
        yield Quantity(
            "tokens per step", effective * length, f"{effective:,} × {length:,}, at most"
        )


def _tokens_per_epoch(job: Job) -> Iterator[Quantity]:
    tokens, cut = job.get(fields.TRAINING_TOKENS), job.get(fields.TRAINING_TOKENS_CUT)
    seen = counted_tokens(job)
    if seen is None or cut is None:
        return
    yield Quantity("tokens per epoch", seen, f"{tokens:,} − {cut:,} truncated" if cut else "")
    learned = job.get(fields.TRAINED_TOKENS)
    if learned is not None:
        share = f"{100 * learned / seen:.1f}% of them" if seen else ""
        yield Quantity("trained tokens per epoch", learned, share)


_QUESTIONS: Final[tuple[Callable[[Job], Iterator[Quantity]], ...]] = (
    _flavour,
    _world,
    _copies,
    _batch,
    _steps,
    _tokens,
    _tokens_per_epoch,
)
