"""The settings of ``sftc backend serve``: a TOML file, and the options that win over it."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..compiler import inspection
from ..diagnostics import Diagnostic, Finding, KeyPath, codes, dotted, type_text
from ..diagnostics.catalogue import diagnose
from ..disk import files
from ..engines import EngineError
from ..engines.environment import is_ours
from ..engines.slurm_settings import SlurmSettings
from .problems import misfits

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INSTEAD: Final = {"HF_HUB_OFFLINE": "hub"}
"""Settings by which variables are set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """What a backend does with jobs: ``serve.schema.json`` says it of each key.

    Attributes:
        runner: ``rehearsal`` or ``train``.
        engine: ``local`` or ``slurm``.
        models: a folder of models by name; None: those of the cache.
        hub: whether trainers may download models.
        device: ``cuda`` or ``cpu``; None: what there is.
        gpus: GPUs of each node that a job may have; None: as many as there are.
        cpus: CPUs of each node for a job; None: a fair share.
        jobs_at_once: jobs that train at once on this machine; None: one for each GPU, or one.
        retries: how often a crashed or interrupted job is started again.
        environment: variables for trainers.
        slurm: how jobs are asked for on Slurm.

    """

    runner: str = "rehearsal"
    engine: str = "local"
    models: Path | None = None
    hub: bool = False
    device: str | None = None
    gpus: int | None = None
    cpus: int | None = None
    jobs_at_once: int | None = None
    retries: int = 3
    environment: Mapping[str, str] = field(default_factory=dict)
    slurm: SlurmSettings = field(default_factory=SlurmSettings)


def read(path: Path) -> ServeSettings | tuple[Diagnostic, ...]:
    """Return the settings of a file, or what is wrong with it, at its places.

    A relative path in it starts from its folder.
    """
    name = os.fspath(path)
    data = files.read_config(name)
    if not isinstance(data, bytes):
        return (data,)
    values, found = inspection.values(data, name)
    if values is not None:
        found = list(_wrong(values).values())
    if values is None or found:
        at = inspection.places(data, name)
        return tuple(diagnose(finding, at.span(finding.path, finding.aim)) for finding in found)
    models = values.pop("models", None)
    slurm = SlurmSettings.read(values.pop("slurm", {}))
    # Absolute: Slurm's commands do not run in this folder.
    conf = os.path.abspath(path.parent / slurm.conf) if slurm.conf else ""
    return ServeSettings(
        **values,
        models=None if models is None else path.parent / models,
        slurm=replace(slurm, conf=conf),
    )


def _wrong(values: Mapping[str, Any]) -> dict[KeyPath, Finding]:
    """Return what is wrong with values, by path: first what misses the schema."""
    found = misfits("serve", values, ())
    for path, reason in (*_environment(values.get("environment")), *_slurm(values.get("slurm"))):
        known = any(path[: len(other)] == other for other in found)
        if not known:
            words = {"key": dotted(path), "reason": reason}
            found[path] = Finding(codes.UNUSABLE_SETTING, path, words)
    return found


def _environment(variables: Any) -> Iterator[tuple[KeyPath, str]]:
    for name, value in variables.items() if isinstance(variables, dict) else ():
        path = ("environment", name)
        if not _VARIABLE.fullmatch(name):
            yield path, "no environment variable can have this name"
        elif is_ours(name):
            instead = _INSTEAD.get(name)
            yield path, "sftc sets it itself" + (f", by `{instead}`" if instead else "")
        elif not isinstance(value, str):
            yield path, f"it must be a string, not {type_text(value)}"
        elif "\0" in value:
            yield path, "it contains NUL"


def _slurm(settings: Any) -> Iterator[tuple[KeyPath, str]]:
    for key, value in settings.items() if isinstance(settings, dict) else ():
        try:
            SlurmSettings.read({key: value})
        except EngineError as error:
            yield ("slurm", key), str(error).removeprefix("Slurm settings: ")
