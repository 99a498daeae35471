"""Checkpoints: which of them are complete, and which one a training goes on from."""

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_STATE: Final = "trainer_state.json"
"""Written last by the first process."""
_PREFIX: Final = "checkpoint-"
_LENGTH: Final = 8
"""Bytes at the start of a safetensors file: the length of its header, little-endian."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder that a training may go on from.

    Attributes:
        step: the optimizer steps done.
        path: the folder.

    """

    step: int
    path: Path


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to go on from.

    Attributes:
        newest: the newest complete checkpoint whose best model is there, too; None: start anew.
        broken: what is left of others, and why they are of no use.

    """

    newest: Checkpoint | None
    broken: tuple[tuple[Checkpoint, str], ...]


def find(folder: Path, *, needs_best: bool) -> Found:
    """Return what there is to go on from.

    Args:
        folder: where the checkpoints are.
        needs_best: whether the best model is the result, so that its checkpoint is needed, too.

    """
    broken: list[tuple[Checkpoint, str]] = []
    whole: dict[Path, Checkpoint] = {}
    for checkpoint in _all(folder):
        why = _defect(checkpoint.path)
        if why:
            broken.append((checkpoint, why))
        else:
            whole[checkpoint.path] = checkpoint
    for checkpoint in sorted(whole.values(), key=lambda one: -one.step):
        best = _best(checkpoint.path)
        if not needs_best or best is None or folder / best in whole:
            return Found(checkpoint, tuple(broken))
        broken.append((checkpoint, f"the best model, {best}, is not complete"))
    return Found(None, tuple(broken))


def remove(checkpoint: Checkpoint) -> None:
    """Remove a checkpoint of no use, which would be counted among those that are kept."""
    shutil.rmtree(checkpoint.path, ignore_errors=True)


def remove_incomplete(folder: Path) -> None:
    """Remove what is left of checkpoints that could not be written, to make room."""
    for checkpoint in _all(folder):
        if _defect(checkpoint.path):
            remove(checkpoint)


def sync(path: Path) -> None:
    """Wait until the files of a folder are on the disk."""
    for file in (*path.iterdir(), path):
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _all(folder: Path) -> Iterator[Checkpoint]:
    for path in folder.glob(f"{_PREFIX}*"):
        step = path.name.removeprefix(_PREFIX)
        if step.isdecimal() and path.is_dir():
            yield Checkpoint(int(step), path)


def _best(path: Path) -> str | None:
    """Return the name of the checkpoint with the best model; the folder may have moved since."""
    best = json.loads((path / _STATE).read_bytes()).get("best_model_checkpoint")
    return Path(best).name if best else None


def _defect(path: Path) -> str | None:
    """Return why a checkpoint is of no use; None if it is complete."""
    if not (path / _STATE).is_file():
        return "it was not written completely"
    for file in sorted(path.rglob("*")):
        if file.is_file() and not _is_whole(file):
            return f"{file.name} is truncated"
    return None


def _is_whole(file: Path) -> bool:
    """Whether a file is as long as it says; how torch and safetensors write, a cut shows."""
    if file.suffix == ".json":
        return _is_json(file)
    if file.suffix == ".safetensors":
        return _is_safetensors(file)
    if file.suffix in {".pt", ".pth", ".bin"}:
        return zipfile.is_zipfile(file)  # its directory is at the end
    return True


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except ValueError:
        return False
    return True


def _is_safetensors(file: Path) -> bool:
    size = file.stat().st_size
    with file.open("rb") as data:
        length = int.from_bytes(data.read(_LENGTH), "little")
        if size < _LENGTH + length:
            return False
        try:
            header: dict[str, Any] = json.loads(data.read(length))
        except ValueError:
            return False
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    return size == _LENGTH + length + max(ends, default=0)
