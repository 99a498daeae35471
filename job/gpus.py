"""What is known of the GPUs that jobs ask for, under the names that people give them.

The table is ``gpus.json``; a figure that no public table confirmed is null there.
"""

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

_COUNT: Final = r"^\d+\s*[x*×]\s*(?=[a-z])|[:*×]\s*\d+$|(?<=\d|[\s_-])x\s?\d+$"
"""How many: ``8xH100``, ``H100:8``, ``H100 x8``."""

_MEMORY: Final = r"(?<![a-z\d.])(\d+)[\s_-]?gi?b?(?![a-z\d])"
_FORM: Final = r"sxm|pcie?|nvl"
_DECORATION: Final = (
    r"\b(nvidia|geforce|tesla|amd|radeon|instinct|intel|habana|google|cloud|gpu|generation|tensor|core"
    r"|server|workstation|edition|mega|oam|hbm\d?e?|gddr\d\w?|sxm\d?|pcie?|nvl|nvlink)\b"
)
"""Words that say nothing of which GPU it is, or that are read before: memory, form."""


class Gpu(NamedTuple):
    """A GPU, or another accelerator."""

    name: str
    """As its vendor writes it, without the vendor."""

    vendor: str
    """``nvidia``, ``amd``, ``intel`` or ``google``."""

    architecture: str

    memory_gib: int | None
    """Of one device, in GiB as vendors count them; the smallest of the models meant."""

    fp16: bool | None
    """Whether it computes in float16 faster than in float32; None, as below: it depends."""

    bf16: bool | None
    """Whether it computes in bfloat16 without emulation."""

    fp8: bool | None
    """Whether it multiplies matrices of float8."""

    bandwidth: float | None
    """Of the memory, in GB/s."""

    tflops: float | None
    """Peak of dense 16-bit matrices summed up in float32, in TFLOPS, of the slowest form sold."""

    source: str | None
    """The public tables that have the same figures; None: nothing confirms its figures."""

    ambiguous: bool
    """Whether the name fits models with different memory: ``A100`` is one of 40 or 80 GB."""

    skypilot: tuple[str, ...] = ()
    """Its names in SkyPilot's catalogue of accelerators, or in its labels of Kubernetes nodes."""


@lru_cache(maxsize=1024)
def lookup(name: str) -> Gpu | None:
    """Return the GPU of a name as people write it; None for another name.

    Vendor, form, memory and count may be part of it, in any case and joined anyhow:
    ``NVIDIA H100 80GB HBM3``, ``a100_40gb``, ``RTX4090``, ``nvidia-tesla-t4``, ``H100:8``. A
    name with a word that is not understood is None: a slice (``1g.10gb``), a laptop's GPU, a
    type of instance.
    """
    return _merged(_meant(name))


def is_meant(name: str, asked: str) -> bool:
    """Whether one GPU is what another name asks for: an ``A100 40GB`` is an ``A100``.

    Names that the table does not have are compared as they are.
    """
    found, wanted = _meant(name), _meant(asked)
    if not found or not wanted:
        return name.strip().lower() == asked.strip().lower()
    return not {row.gpu.name for row in found}.isdisjoint(row.gpu.name for row in wanted)


def _meant(name: str) -> tuple["_Row", ...]:
    """Return the rows of the table that a name may mean."""
    text = name.strip().lower()
    if plain := _by_core().get(text):  # most names are
        return plain
    text = re.sub(_COUNT, "", text)
    memory = re.search(_MEMORY, text)
    form = re.search(_FORM, text)
    spaced = re.sub(r"[^a-z0-9.]+", " ", re.sub(_MEMORY, " ", text))
    core = re.sub(_DECORATION, "", spaced).replace(" ", "")
    meant = _by_core().get(core, ())
    if memory:
        size = int(memory[1])
        meant = tuple(row for row in meant if size in (row.gpu.memory_gib, *row.labels))
    forms = tuple(row for row in meant if row.form and form and row.form == form[0][:4])
    return forms or meant


def all_gpus() -> tuple[Gpu, ...]:
    """Return every GPU of the table, in its order."""
    return tuple(dict.fromkeys(row.gpu for rows in _by_core().values() for row in rows))


class _Row(NamedTuple):
    gpu: Gpu
    form: str | None
    """Only a name with this form means it, unless it is the first of its name."""

    labels: tuple[int, ...]
    """Other sizes under which its memory is sold."""


def _merged(rows: tuple[_Row, ...]) -> Gpu | None:
    if not rows:
        return None
    # Of several forms of one GPU the usual one, which stands first.
    gpus = [row.gpu for row in rows if not row.form] or [rows[0].gpu]
    least = min(gpus, key=lambda gpu: gpu.memory_gib or 0)
    return least._replace(
        fp16=_agreed([gpu.fp16 for gpu in gpus]),
        bf16=_agreed([gpu.bf16 for gpu in gpus]),
        fp8=_agreed([gpu.fp8 for gpu in gpus]),
        skypilot=tuple(dict.fromkeys(name for gpu in gpus for name in gpu.skypilot)),
        ambiguous=len({gpu.memory_gib for gpu in gpus}) > 1,
    )


def _agreed(values: list[bool | None]) -> bool | None:
    return values[0] if len(set(values)) == 1 else None


@cache
def _by_core() -> dict[str, tuple[_Row, ...]]:
    # Imported here because most configs ask for no GPU that needs a look.
    import json
    import pkgutil

    found: dict[str, tuple[_Row, ...]] = {}
    for entry in json.loads(pkgutil.get_data(__package__, "gpus.json") or b"[]"):
        names = entry.pop("names")
        form, labels = entry.pop("form", None), tuple(entry.pop("labels", ()))
        skypilot = tuple(entry.pop("skypilot", ()))
        row = _Row(Gpu(**entry, ambiguous=False, skypilot=skypilot), form, labels)
        for name in names:
            found[name] = (*found.get(name, ()), row)
    return found
