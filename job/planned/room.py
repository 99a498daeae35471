"""A GPU's memory against what a job needs of it.

A job fits only if the most that it may need is within what the GPU surely has. That is 0.92 of
the memory under which it is sold: error correction and the driver take the rest (a T4 of 16 GB has
15,360 MiB, an L40S of 48 GB shows torch 44.4 GiB, a P40 of 24 GB 22.4). It does not fit if what is
expected is more than there is at most: the memory without what error correction takes.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from math import isfinite
from typing import Final, NamedTuple

from ..gpus import Gpu, all_gpus, lookup

_GIB: Final = 2**30
_SURE: Final = (23, 25)
"""The share of its memory that a GPU surely has."""

_CORRECTED: Final = frozenset(
    {"T4", "P4", "P40", "L4", "L40", "L40S", "A2", "A10", "A10G", "A16", "A40"}
)
"""GPUs that keep the check bits of their GDDR memory in it, a sixteenth, unless they are told not
to: ``nvidia-smi`` shows 15,360 MiB of a T4, 23,034 of an L4, 46,068 of an A40 and of an L40S."""

_VENDORS: Final = ("nvidia", "amd")
"""Whose GPUs are proposed; what others need is not known."""


_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")
"""A name that may be shown anywhere as it was written."""


class Room(NamedTuple):
    """The memory of one GPU.

    Attributes:
        name: of the GPU, as it was asked for, or as its vendor has it.
        memory: bytes under which it is sold.
        ambiguous: whether the name fits GPUs with more memory, too.
        per_hour: its price, if it was chosen by that.
        corrected: whether error correction takes a share of the memory.

    """

    name: str
    memory: int
    ambiguous: bool = False
    per_hour: float | None = None
    corrected: bool = False

    @property
    def most(self) -> int:
        """Bytes that it has at most."""
        return self.memory * 15 // 16 if self.corrected else self.memory

    @property
    def sure(self) -> int:
        """Bytes that it surely has."""
        return self.memory * _SURE[0] // _SURE[1]


def room_of(name: str) -> Room | None:
    """Return the memory of a GPU by its name; None if it is not known."""
    gpu = lookup(name)
    if gpu is None or gpu.memory_gib is None:
        return None
    shown = name.strip() if _PLAIN.fullmatch(name.strip()) else gpu.name
    return Room(shown, gpu.memory_gib * _GIB, gpu.ambiguous, corrected=gpu.name in _CORRECTED)


def cheapest(need: int, prices: Mapping[str, float], *, bf16: bool) -> Room | None:
    """Return the GPU of the lowest price that surely has so many bytes; None: none with a price."""
    rooms = []
    for name, price in prices.items():
        room, gpu = room_of(name), lookup(name)
        if room is None or gpu is None or gpu.vendor not in _VENDORS:
            continue
        if room.sure >= need and bool(gpu.bf16) >= bf16 and isfinite(price):
            rooms.append(room._replace(per_hour=price))
    return min(rooms, key=lambda room: (room.per_hour, room.memory, room.name), default=None)


def smallest(need: int, like: str, *, bf16: bool) -> Room | None:
    """Return the smallest GPU that surely has so many bytes; of several the fastest.

    Args:
        need: bytes.
        like: the name of a GPU, whose vendor it has.
        bf16: whether it has to compute in bfloat16 without emulation.

    """
    asked = lookup(like)
    vendor = asked.vendor if asked else _VENDORS[0]
    return next(
        (
            room
            for room, gpu in _by_size()
            if room.sure >= need and gpu.vendor == vendor and bool(gpu.bf16) >= bf16
        ),
        None,
    )


@cache
def _by_size() -> tuple[tuple[Room, Gpu], ...]:
    known = [
        (Room(gpu.name, gpu.memory_gib * _GIB, corrected=gpu.name in _CORRECTED), gpu)
        for gpu in all_gpus()
        if gpu.memory_gib and gpu.vendor in _VENDORS
    ]
    known.sort(key=lambda pair: (pair[0].memory, *_speed(pair[1])))
    return tuple(known)


def _speed(gpu: Gpu) -> Iterable[float]:
    return -(gpu.tflops or 0.0), -(gpu.bandwidth or 0.0)
