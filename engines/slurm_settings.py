"""What a site says about its Slurm, as a mapping that the caller has read from a file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Self

from . import EngineError

_OURS: Final = (
    "--array", "--chdir", "--cpus-per-task", "--dependency", "--error", "--export",
    "--get-user-env", "--gpus-per-node", "--help", "--input", "--job-name", "--no-requeue",
    "--nodes", "--ntasks", "--ntasks-per-node", "--open-mode", "--output", "--parsable",
    "--requeue", "--test-only", "--usage", "--version", "--wait", "--wrap",
)  # fmt: skip
"""Options of sbatch that the engine sets itself, or that would break it."""

_FLAG: Final = re.compile(r"(--[a-z][a-z-]*)(=.*)?", re.DOTALL)
_GRES_TYPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlurmSettings:
    """How jobs are asked for.

    Attributes:
        conf: path of ``slurm.conf``; empty for the environment's, or Slurm's default.
        partition, account, qos, reservation, constraint, time, memory: as the options of sbatch
            of these names (``--mem``); empty to leave them out.
        gpu_types: from GPUs as people write them to the cluster's GRES types, e.g.
            ``{"H100": "h100"}``. A type of "" asks for GPUs without a type. A GPU that is not
            here is asked for by its own name in lower case.
        requeue: whether Slurm starts a job again after the death of a node, or a preemption.
        python: the interpreter on the nodes, with sftc; empty for the one that submits.
        prologue: lines of bash that each job begins with, e.g. ``module load cuda``.
        arguments: more arguments of sbatch, each ``--name`` or ``--name=value``.

    """

    conf: str = ""
    partition: str = ""
    account: str = ""
    qos: str = ""
    reservation: str = ""
    constraint: str = ""
    time: str = ""
    memory: str = ""
    gpu_types: Mapping[str, str] = field(default_factory=dict)
    requeue: bool = True
    python: str = ""
    prologue: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Read the settings of a file.

        Raises:
            EngineError: a key is unknown, or its value is none that it takes.

        """
        known = {each.name: each.default for each in fields(cls)}
        taken: dict[str, Any] = {}
        for key, value in values.items():
            if key not in known:
                raise EngineError(f"Slurm settings: unknown key {key!r}; known: {', '.join(known)}")
            if key == "gpu_types":
                taken[key] = _gpu_types(value)
            elif isinstance(known[key], tuple):
                taken[key] = _texts(key, value)
            elif type(value) is type(known[key]):
                taken[key] = _text(key, value) if isinstance(value, str) else value
            else:
                kind = "true or false" if isinstance(known[key], bool) else "a string"
                raise EngineError(f"Slurm settings: {key} must be {kind}, not {value!r}")
        for argument in taken.get("arguments", ()):
            _check_argument(argument)
        return cls(**taken)

    def gres(self, gpus: int, gpu_type: str) -> str:
        """Return a node's GPUs as sbatch takes them, e.g. ``h100:8``.

        Raises:
            EngineError: the settings do not name this GPU, and it is no name that Slurm could have.

        """
        named = {name.casefold(): gres for name, gres in self.gpu_types.items()}
        gres = named.get(gpu_type.casefold(), gpu_type.lower())
        if gres and not _GRES_TYPE.fullmatch(gres):
            raise EngineError(f"the Slurm settings' gpu_types do not name the GPU {gpu_type!r}")
        return f"{gres}:{gpus}" if gres else str(gpus)


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise EngineError(f"Slurm settings: {key} must hold strings, not {value!r}")
    if any(ord(character) < ord(" ") for character in value):
        raise EngineError(f"Slurm settings: {key} has a control character: {value!r}")
    return value


def _texts(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise EngineError(f"Slurm settings: {key} must be a list of strings, not {value!r}")
    return tuple(_text(key, each) for each in value)


def _gpu_types(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise EngineError(f"Slurm settings: gpu_types must be a table, not {value!r}")
    types = {name: _text("gpu_types", gres) for name, gres in value.items()}
    for name, gres in types.items():
        if gres and not _GRES_TYPE.fullmatch(gres):
            raise EngineError(f"Slurm settings: {gres!r} (gpu_types, {name}) is not a GRES type")
    return types


def _check_argument(argument: str) -> None:
    flag = _FLAG.fullmatch(argument)
    if not flag:
        problem = "is not written as --name or --name=value"
    elif any(ours.startswith(flag[1]) for ours in _OURS):  # sbatch takes abbreviations, too
        problem = "is set by sftc"
    else:
        return
    raise EngineError(f"Slurm settings: the argument {argument!r} {problem}")
