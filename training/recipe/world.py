"""What there is to train on, as plain facts that somebody else has found out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from ...job import Job
from ...job.gpus import lookup
from ...payloads import fields

Device: TypeAlias = Literal["cuda", "cpu"]


class Library(StrEnum):
    """The libraries that only some payloads need."""

    DEEPSPEED = "deepspeed"
    BITSANDBYTES = "bitsandbytes"


@dataclass(frozen=True, slots=True)
class World:
    """What there is to train on.

    Attributes:
        device: ``cuda`` for GPUs, ``cpu`` for a processor.
        nodes: the machines that can be had; None: as many as the payload asks for, or on a CPU one.
        processes_per_node: the processes of each that can be had, on GPUs one a GPU; None: as many
            as the payload asks for, or on a CPU one.
        gpus: the names of the GPUs that there are, as drivers and people write them; empty: what
            the payload asks for.
        missing: the optional libraries that are not installed.

    """

    device: Device = "cuda"
    nodes: int | None = None
    processes_per_node: int | None = None
    gpus: tuple[str, ...] = ()
    missing: frozenset[Library] = frozenset()

    def __post_init__(self) -> None:
        """Refuse counts that nothing can run on."""
        counts = (self.nodes, self.processes_per_node)
        if any(count is not None and count < 1 for count in counts):
            raise ValueError("training needs at least one process on one node")

    @property
    def on_cpu(self) -> bool:
        """Whether it trains on a processor."""
        return self.device == "cpu"

    def gpu_names(self, job: Job) -> tuple[str, ...]:
        """Return the names of the GPUs to train on."""
        asked = job.get(fields.GPU_TYPE)
        return self.gpus or ((asked,) if asked else ())

    def lacks_bf16(self, job: Job) -> str | None:
        """Return the GPU that only emulates bfloat16, if there is one; a CPU computes in it."""
        if self.on_cpu:
            return None
        for name in self.gpu_names(job):
            gpu = lookup(name)
            if gpu and gpu.bf16 is False:
                return name
        return None

    def as_object(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "device": self.device,
            "nodes": self.nodes,
            "processes_per_node": self.processes_per_node,
            "gpus": list(self.gpus),
            "missing": sorted(library.value for library in self.missing),
        }

    @classmethod
    def from_object(cls, value: dict[str, Any]) -> "World":
        """Return it from what ``as_object`` gave."""
        sets = {"gpus": tuple(value["gpus"]), "missing": frozenset(map(Library, value["missing"]))}
        return cls(**{**value, **sets})
