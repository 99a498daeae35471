"""What GPUs can do, by the names that people write: data, in ``gpus.json``."""

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Gpu(NamedTuple):
    """One GPU.

    Attributes:
        name: its usual name.
        vendor: who makes it.
        memory_gib: its memory, in GiB.
        bf16: whether it computes in bfloat16 natively.
        fp8: whether it computes in 8-bit floats.

    """

    name: str
    vendor: str
    memory_gib: int
    bf16: bool
    fp8: bool


def lookup(name: str) -> Gpu | None:
    """Return the GPU of a name such as ``NVIDIA H100 80GB HBM3``, or None."""
    words = re.split(r"[^A-Z0-9]+", name.upper())
    return next((gpu for known, gpu in _known().items() if known in words), None)


@cache
def _known() -> dict[str, Gpu]:
    found = json.loads(Path(__file__).with_name("gpus.json").read_bytes())
    return {name: Gpu(name, **facts) for name, facts in found.items()}
