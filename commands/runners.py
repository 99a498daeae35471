"""What runs the jobs of ``sftc backend serve``: the backend joined with engines and recipes.

The backend knows no recipe and no recipe knows the backend; torch is not imported here either.
"""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..diagnostics.pointers import pointer
from ..engines import EngineError
from .streams import usage

if TYPE_CHECKING:
    from ..backend.errors import Problem
    from ..backend.runner import Runner
    from ..backend.work.trainer import Demand, Program
    from ..engines import Engine
    from ..job.shapes import Shape
    from ..training.recipe import World
    from ..workspace.serving import ServeSettings

PROGRAM: Final[tuple[str, ...]] = ("-P", "-m", "sftc.training")
"""What an interpreter is started with, before a job's folder."""
_AT_ONCE_ON_SLURM: Final = 1000
"""Jobs that one server watches."""

_SLURM_COMMANDS: Final = ("sbatch", "squeue", "scancel")
_LOOK: Final[Mapping[str, float]] = {"local": 1.0, "slurm": 5.0}
"""Seconds between two questions to an engine about a job."""

_LATE: Final[Mapping[str, float]] = {"local": 2.0, "slurm": 60.0}
"""Seconds until what a trainer wrote is seen here: NFS caches for up to a minute."""


def runners(settings: "ServeSettings", pace: float) -> "Sequence[Runner]":
    """Return what runs jobs: first what runs the new ones; exit with 2 if it cannot train.

    Jobs that were created as rehearsals are rehearsed by each server.
    """
    from ..backend.rehearsal import Rehearsal

    rehearsal = Rehearsal(pace)
    if settings.runner == "rehearsal":
        return [rehearsal]
    return [_trainer(settings), rehearsal]


def _trainer(settings: "ServeSettings") -> "Runner":
    from ..backend.work.trainer import Trainer
    from ..training import extra

    if settings.models is not None and not settings.models.is_dir():
        usage(f"there is no folder of models {settings.models}")
    python = settings.slurm.python if settings.engine == "slurm" else ""
    if not python and (lack := extra.lack()):
        usage(lack)
    engine = _engine(settings)
    if settings.engine == "local" and settings.device != "cpu":
        there = len(_gpus(settings))
        if (settings.gpus or 0) > there:
            usage(f"the setting gpus is {settings.gpus}, and this machine has {there}")
    at_once = _at_once(settings) if settings.engine == "local" else _AT_ONCE_ON_SLURM
    name = engine.name
    return Trainer(engine, _program(settings), at_once, _LOOK[name], _LATE[name])


def _at_once(settings: "ServeSettings") -> int:
    """Return how many jobs train at once on this machine: each with a GPU, or one on the CPU."""
    gpus = () if settings.device == "cpu" else _gpus(settings)
    return settings.jobs_at_once or max(len(gpus), 1)


def _engine(settings: "ServeSettings") -> "Engine":
    from ..engines.local import Local
    from ..engines.slurm import Slurm

    try:
        if settings.engine == "local":
            return Local(gpus=_gpus(settings))
        missing = [name for name in _SLURM_COMMANDS if not shutil.which(name)]
        if missing:
            usage(f"{missing[0]} is not installed here: --engine slurm needs Slurm's commands")
        conf = settings.slurm.conf
        if conf and not Path(conf).is_file():
            usage(f"there is no Slurm configuration {conf}")
        return Slurm(settings.slurm)
    except EngineError as error:
        usage(str(error))


def _program(settings: "ServeSettings") -> "Program":
    from ..backend.work.trainer import Program

    local = settings.engine == "local"
    device = settings.device or ("cuda" if not local or _gpus(settings) else "cpu")
    python = "" if local else settings.slurm.python
    models = settings.models and settings.models.absolute()
    more = ("--models", str(models)) if models else ()
    cores = len(os.sched_getaffinity(0)) // _at_once(settings)
    return Program(
        argv=lambda folder: (python or sys.executable, *PROGRAM, str(folder), *more),
        demand=lambda payload: _demand(
            payload, _world(payload, settings, device), model_problems(payload, settings)
        ),
        shape=lambda model: _shape(model, models),
        environment={
            **settings.environment,
            "HF_HUB_OFFLINE": "0" if settings.hub else "1",
            **({"CUDA_VISIBLE_DEVICES": ""} if device == "cpu" else {}),
        },
        cpus=settings.cpus or (max(cores, 1) if local else 0),
        retries=settings.retries,
    )


def _shape(model: str, models: "Path | None") -> "Shape | None":
    """Return the shape of a model as ``sftc plan --models`` finds it; None: not known."""
    from ..workspace.shapes import Unfound, shape_for

    found = shape_for(model, None if models is None else str(models))
    return None if isinstance(found, Unfound) else found


def _world(payload: Mapping[str, Any], settings: "ServeSettings", device: str) -> "World":
    """Return what there is to train a payload on."""
    from ..job import Job, resources
    from ..training.recipe import Library, World

    local = settings.engine == "local"
    missing = frozenset(library for library in Library if find_spec(library.value) is None)
    if settings.engine == "slurm" and settings.slurm.python:
        missing = frozenset()  # nobody here knows what is installed there
    if device == "cpu":
        return World("cpu", 1 if local else resources.nodes(Job(payload)), 1, (), missing)
    each = settings.gpus or (max(len(_gpus(settings)), 1) if local else None)
    return World("cuda", 1 if local else None, each, _gpu_names() if local else (), missing)


def model_problems(payload: Mapping[str, Any], settings: "ServeSettings") -> "Sequence[Problem]":
    """Return why a trainer would not find the base model, where that is known beforehand."""
    from ..backend.errors import Problem
    from ..engines.environment import inherited
    from ..payloads import fields
    from ..training import model_files

    if settings.engine == "slurm":  # nobody here knows the disks of its nodes
        return ()
    name, place = payload["model"], pointer(fields.MODEL)
    environment = inherited(os.environ) | dict(settings.environment)
    try:
        found = model_files.find(name, settings.models, environment)
    except model_files.ModelError as error:
        return [Problem("not_trainable", f"{error} ({error.code})", place)]
    if found or settings.hub:
        return ()
    cache = "in the Hugging Face cache"
    where = f"neither in {settings.models} nor {cache}"
    where = where if settings.models else f"not {cache} of this machine"
    message = f"the model {name} is {where}"
    instead = "`hub = true` in the settings of the server lets trainers download it"
    return [Problem("model_not_found", f"{message}; {instead}", place)]


def _demand(payload: Mapping[str, Any], world: "World", lacking: "Sequence[Problem]") -> "Demand":
    """Return what a payload takes, by the recipe that its trainer will make again."""
    from ..backend.errors import Problem
    from ..backend.work.trainer import Demand
    from ..training.recipe import recipe_for

    recipe = recipe_for(payload, world)
    if recipe.refused or lacking:
        refused = [
            Problem("not_trainable", f"{each.reason} ({each.code})", each.pointer)
            for each in recipe.refused
        ]
        return Demand([*refused, *lacking])
    launch = recipe.launch
    each = int(launch["processes_per_node"])
    on_gpus = not world.on_cpu
    return Demand(
        nodes=int(launch["nodes"]),
        processes=each,
        gpus=each if on_gpus else 0,
        gpu_type=str(launch["gpu_type"] or "") if on_gpus else "",
    )


def _gpus(settings: "ServeSettings") -> "Sequence[str]":
    """Return the GPUs of this machine that trainers may see."""
    from ..engines import gpus

    named = gpus.visible({**os.environ, **settings.environment})
    if named is not None:
        return named
    found = [path for path in Path("/dev").glob("nvidia[0-9]*") if path.name[6:].isdecimal()]
    count = len(found) or (1 if shutil.which("nvidia-smi") else 0)
    return tuple(str(number) for number in range(count))


def _gpu_names() -> tuple[str, ...]:
    """Return the names of this machine's GPUs, as their driver has them; empty if it has none."""
    names = set()
    for path in Path("/proc/driver/nvidia/gpus").glob("*/information"):
        for line in path.read_text("utf-8", "replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "Model" and value.strip():
                names.add(value.strip())
    return tuple(sorted(names))
