"""Finds a base model on this machine and decides from its files whether it may be loaded.

It neither imports torch nor asks the hub, so that a server can say what a trainer would.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ..disk.model_cache import cached_model

CONFIG: Final = "config.json"
_WEIGHTS: Final = "*.safetensors"
_PICKLES: Final = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_NAME: Final = re.compile(
    r"[A-Za-z0-9][\w.-]{0,119}(/[A-Za-z0-9][\w.-]{0,119})?\Z", re.ASCII
)  # both parts together still name a folder
_COMMIT: Final = re.compile(r"[A-Za-z0-9_-]+\Z")


class ModelError(ValueError):
    """A model cannot be loaded.

    Attributes:
        code: why, for programs.

    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def find(name: str, models: Path | None, environment: Mapping[str, str]) -> Path | None:
    """Return the folder of a base model; None if it is neither here nor in the cache.

    Args:
        name: as the payload has it.
        models: a folder of models by name; it wins over the Hugging Face cache.
        environment: the trainer's, which says where the cache is.

    Raises:
        ModelError: it leads out of the folder, cannot be read, or is not safe to load.

    """
    if not _NAME.match(name):
        raise ModelError(f"{name} is not a valid model name", "model-missing")
    try:
        folder = _below(name, models) if models is not None else None
        if folder is None:
            return _cached(name, environment)
        _check(folder, name)
    except OSError as error:
        raise ModelError(f"{name} cannot be read: {error}", "model-unusable") from error
    return folder


def is_whole(folder: Path) -> bool:
    """Whether a folder has what makes a model."""
    return (folder / CONFIG).is_file() and any(folder.glob(_WEIGHTS))


def _below(name: str, models: Path) -> Path | None:
    """Return the folder of a model by its name; None if there is none."""
    root, folder = models.resolve(), models / name
    if not folder.is_dir():
        return None
    for path in (folder, *folder.rglob("*")):
        if not _is_inside(path, root):
            shown = path.relative_to(models)
            raise ModelError(f"{shown} points outside {models}", "model-outside")
    return folder.resolve()


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root)
    except RuntimeError:  # a link to itself, before Python 3.13
        return False


def _cached(name: str, environment: Mapping[str, str]) -> Path | None:
    """Return the newest snapshot of a model in the cache, if it has what makes a model."""
    stored = Path(cached_model(name, environment))
    try:
        commit = (stored / "refs" / "main").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    folder = stored / "snapshots" / commit
    return folder if _COMMIT.match(commit) and is_whole(folder) else None


def _check(folder: Path, name: str) -> None:
    if not (folder / CONFIG).is_file():
        raise ModelError(f"{name} has no {CONFIG}", "model-unusable")
    if not is_whole(folder):
        pickles = [path.name for pattern in _PICKLES for path in folder.glob(pattern)]
        has = f"loading {pickles[0]} may run code" if pickles else "it has no weights"
        raise ModelError(f"{name}: {has}; only safetensors files are loaded", "model-unsafe")
