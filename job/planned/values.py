"""What is planned of one job: plain frozen values."""

from dataclasses import dataclass
from enum import StrEnum

from ..duration import Duration
from ..memory import Memory
from ..shapes import Shape
from .rhythm import Rhythm
from .room import Room


class Fits(StrEnum):
    """Whether a job fits its GPU."""

    FITS = "fits"
    """Its ``high`` is within what the GPU surely has."""

    TIGHT = "tight"
    """Its ``expected`` is within the GPU's memory, its ``high`` is not surely."""

    DOES_NOT_FIT = "does_not_fit"
    """Its ``expected`` is above the GPU's memory."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        """Whether it surely fits: as a text, each of them would be true."""
        return self is Fits.FITS


@dataclass(frozen=True, slots=True)
class Planned:
    """What one job comes to.

    Attributes:
        model: its name.
        flavour: full fine-tuning, LoRA or QLoRA; None if its fields disagree.
        shape: the shape of its model; None: not known.
        trainable: parameters that are trained; None: not known.
        batch: rows of an optimizer step.
        rhythm: steps, tokens, evaluations and checkpoints, as far as they are known.
        gpus: GPUs in all; None if it does not say.
        room: the GPU; None if its memory is not known.
        memory: what it needs of each GPU; None: not known.
        reason: why that is not known; empty if it is.
        fits: whether it fits.
        smallest: the GPU that costs least of those that it surely fits, or without prices the
            smallest, if that is another one.
        duration: how long it takes; None: not known.
        timeless: why that is not known; empty if it is.

    """

    model: str
    flavour: str | None
    shape: Shape | None
    trainable: int | None
    batch: int
    rhythm: Rhythm
    gpus: int | None
    room: Room | None
    memory: Memory | None
    reason: str
    fits: Fits
    smallest: Room | None
    duration: Duration | None
    timeless: str
