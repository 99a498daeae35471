"""What a config means for the run: the quantities that people reckon in, with their arithmetic.

The same numbers that the rules hold the config against.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .flavour import flavour
from .job import Job, known_values


class Quantity(NamedTuple):
    """One consequence of a config.

    Attributes:
        name: what it is, e.g. ``effective batch``.
        value: how much, or which.
        how: the arithmetic behind it, or an empty text.

    """

    name: str
    value: int | str
    how: str = ""


def quantities(config: Mapping[str, Any], *, rows: int | None = None) -> tuple[Quantity, ...]:
    """Return the quantities that follow from a config; one that it leaves open is left out.

    Args:
        config: the values of a config that its schema allows.
        rows: how many rows the training dataset has, if that is known.

    """
    job = Job(known_values(config), frozenset())
    return tuple(_quantities(job, rows))


def _quantities(job: Job, rows: int | None) -> Iterator[Quantity]:
    kind = flavour(job)
    if kind is not None:
        yield Quantity("flavour", kind)
    if job.gpus is not None:
        nodes = job.get("compute", "nodes") or 1
        yield Quantity("world size", job.gpus, f"{job.gpus // nodes:,} GPUs × {nodes:,} nodes")
        if job.data_parallel is not None:
            how = f"{job.gpus:,} GPUs ÷ {job.model_parallel:,} model-parallel"
            yield Quantity("data-parallel size", job.data_parallel, how)
    batch, effective = job.batch, job.knob("global_batch")
    if batch is not None:
        effective = batch.effective
        how = (
            f"{batch.device:,} × {batch.accumulation:,} accumulation "
            f"× {batch.parallel:,} data-parallel"
        )
        yield Quantity("effective batch", effective, how)
    elif effective is not None:
        yield Quantity("effective batch", effective, "global_batch")
    if effective is None:
        return
    if rows is not None:
        how = f"{rows:,} rows ÷ {effective:,}, rounded up"
        yield Quantity("steps per epoch", -(-rows // effective), how)
    length = job.knob("sequence_length")
    if length is not None:
        how = f"{effective:,} × {length:,}, at most"
        yield Quantity("tokens per step", effective * length, how)
