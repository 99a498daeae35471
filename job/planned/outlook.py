"""All that one job comes to."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ...payloads import fields
from .. import memory, resources
from ..adapters import DEFAULT_RANK, widths_of
from ..batch import effective_or_least
from ..duration import Duration, duration
from ..flavours import FULL, decided
from ..gpus import lookup
from ..memory import OURS
from ..memory.asked import adapter
from ..precision import bf16, fp16
from ..quantities import Quantity
from ..shapes import Shape
from ..values import Job, UnsoundError
from .rhythm import Rhythm, rhythm
from .room import Room, cheapest, room_of, smallest
from .values import Fits, Planned

_GIB: Final = 2**30


def _nobody(_: Mapping[str, Any]) -> frozenset[str]:
    return frozenset()


class Question(NamedTuple):
    """What is known of a job besides its payload.

    Attributes:
        shape: the shape of its model; None: not known.
        why: why not; empty if it is known.
        gpu: the name of another GPU than it asks for; None: the one it asks for.
        rows: of its training dataset, where its payload has no pin; None: not known.
        prices: of an hour of a GPU, by its name.
        refusals: why a trainer refuses a payload; a change may bring no new reason.

    """

    shape: Shape | None = None
    why: str = ""
    gpu: str | None = None
    rows: int | None = None
    prices: Mapping[str, float] = MappingProxyType({})
    refusals: Callable[[Mapping[str, Any]], frozenset[str]] = _nobody


def plan_of(job: Job, asked: Question) -> Planned:
    """Return what a job comes to; what its payload leaves open is not known.

    Raises:
        UnsoundError: a field does not fit the payload's schema.

    """
    model: str = job.get(fields.MODEL) or ""
    name = asked.gpu or job.get(fields.GPU_TYPE)
    trainable = _trainable(job, asked.shape)
    need, reason = _need(job, asked)
    room = room_of(name) if name else None
    length = rhythm(job, asked.rows, trainable)
    verdict = fits_in(need, room)
    took = _duration(job, asked.shape, name, length)
    return Planned(
        model=model,
        flavour=decided(job),
        shape=asked.shape,
        trainable=trainable,
        batch=effective_or_least(job),
        rhythm=length,
        gpus=resources.gpus(job),
        room=room,
        memory=need,
        reason=reason,
        fits=verdict,
        smallest=None
        if need is None or verdict is Fits.FITS
        else _smallest(job, need, name, asked),
        duration=took if isinstance(took, Duration) else None,
        timeless="" if isinstance(took, Duration) else took,
    )


def _duration(job: Job, shape: Shape | None, gpu: str | None, length: Rhythm) -> Duration | str:
    """Return how long a job takes, by the peak of its GPU in 16 bits, or why that is not known."""
    found = lookup(gpu) if gpu else None
    if found is None:
        return "the GPU is unknown"
    if found.tflops is None:
        return f"there is no data sheet with the speed of the {found.name}"
    if not (bf16(job) or fp16(job)):
        return "float32 speed is not estimated"
    if bf16(job) and not found.bf16:
        return f"the {found.name} has no native bfloat16, and emulates it slowly"
    if shape is None:
        return "the shape of the model is unknown"
    if length.tokens is None:
        return "the number of steps, or of tokens per row, is unknown"
    took = duration(job, shape, tokens=length.tokens, tflops=found.tflops, examples=length.rows)
    return took if isinstance(took, Duration) else str(took)


def _smallest(job: Job, need: memory.Memory, name: str | None, asked: Question) -> Room | None:
    """Return the GPU that costs least of those that a job fits; without prices the smallest."""
    wants = bf16(job)
    return cheapest(need.high, asked.prices, bf16=wants) or smallest(
        need.high, name or "", bf16=wants
    )


def fits(job: Job, asked: Question) -> Fits:
    """Return whether a job fits its GPU, and nothing else of its plan."""
    name = asked.gpu or job.get(fields.GPU_TYPE)
    return fits_in(_need(job, asked)[0], room_of(name) if name else None)


def fits_in(need: memory.Memory | None, room: Room | None) -> Fits:
    """Return whether what a job needs is in a GPU's memory."""
    if need is None or room is None:
        return Fits.UNKNOWN
    if need.high <= room.sure:
        return Fits.FITS
    return Fits.TIGHT if need.expected <= room.most else Fits.DOES_NOT_FIT


def _need(job: Job, asked: Question) -> tuple[memory.Memory | None, str]:
    if asked.shape is None:
        return None, asked.why or "the shape of the model is unknown"
    found = memory.estimate(job, asked.shape, examples=asked.rows)
    if isinstance(found, memory.Unknown):
        return None, str(found)
    return found, ""


def _trainable(job: Job, shape: Shape | None) -> int | None:
    method = decided(job)
    if shape is None or method is None:
        return None
    if method == FULL:
        return shape.parameters
    targets, whole = adapter(job, shape, OURS)
    if targets is None or whole is None:
        return None
    rank: int = job.get(fields.LORA_RANK) or DEFAULT_RANK
    return rank * sum(map(widths_of, targets)) + sum(each.parameters for each in whole)


def quantities(job: Job, shape: Shape | None) -> tuple[Quantity, ...]:
    """Return what of a plan two versions of a job are compared by."""
    try:
        return tuple(_quantities(plan_of(job, Question(shape)))) if shape else ()
    except UnsoundError:
        return ()


def _quantities(found: Planned) -> Iterator[Quantity]:
    if found.trainable is not None:
        yield Quantity("trainable parameters", found.trainable)
    need, room = found.memory, found.room
    if need is None:
        return
    how = f"{need.low / _GIB:.1f}–{need.high / _GIB:.1f}"
    if room is not None:
        how += f"; {WORDS[found.fits]} {room.name}, {room.memory // _GIB} GiB"
    yield Quantity("memory per GPU", f"{need.expected / _GIB:.1f} GiB", how)


WORDS: Final = {
    Fits.FITS: "fits",
    Fits.TIGHT: "is tight on",
    Fits.DOES_NOT_FIT: "does not fit",
    Fits.UNKNOWN: "unknown on",
}
"""Whether it fits, before the name of a GPU."""
