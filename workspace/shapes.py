"""The shapes of models: from a file, a folder, the Hugging Face cache, or the table.

The name of a model comes from a config, which may be a stranger's. So what is found by its name is
opened through the gate of the folder that it is looked for in, and read no further than any real
``config.json`` goes.
"""

import json
import os
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, NoReturn

from ..disk import files
from ..disk.gate import Gate, RefusedError
from ..disk.model_cache import cached_model
from ..job.architectures import UnfamiliarError, shape_of_config
from ..job.architectures.table import shape_of_model
from ..job.shapes import Shape
from ..planning import unknown_model as unknown

_FILE: Final = "config.json"
_LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a ``config.json``; real ones have some kilobytes."""

_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)
"""A name on the Hugging Face hub."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


class Unfound(NamedTuple):
    """No shape.

    Attributes:
        why: why not, as a sentence without its stop.

    """

    why: str


def shape_in_file(name: str) -> Shape | Unfound:
    """Return the shape that a ``config.json`` describes which the user named."""
    try:
        path = os.path.realpath(name, strict=True)
        data = Gate(os.path.dirname(path)).read(path, _LARGEST + 1, "")  # no pipe, no device
    except RefusedError as error:
        return Unfound(f"{name} cannot be read: {error}")
    except (OSError, ValueError) as error:
        return Unfound(f"{name} cannot be read: {files.reason(error)}")
    try:
        return _shape(data, name)
    except UnfamiliarError as error:
        return Unfound(f"{name} has no supported model shape: {error}")


def shape_for(model: str, models: str | None) -> Shape | Unfound:
    """Return the shape of a model by its name.

    Args:
        model: the name, as a config has it.
        models: a folder with a folder for each model, or None.

    """
    trouble = ""
    for place, gate, path in _places(model, models):
        try:
            return _shape(gate.read(path, _LARGEST + 1, ""), place)
        except FileNotFoundError:
            continue
        except UnfamiliarError as error:
            trouble = f"{place} has no supported model shape: {error}"
        except RefusedError as error:
            trouble = f"{place} cannot be read: {error}"
        except OSError as error:
            trouble = f"{place} cannot be read: {files.reason(error)}"
        if models and place == os.path.join(models, model, _FILE):  # the user named it
            return Unfound(trouble)
    return shape_of_model(model) or Unfound(trouble or unknown(model))


def _places(model: str, models: str | None) -> Iterator[tuple[str, Gate, str]]:
    """Yield where the file may be: what it is called, the gate to it, and its path."""
    if models is not None and "\0" not in model and not os.path.isabs(model):
        root = os.path.abspath(models)
        yield os.path.join(models, model, _FILE), Gate(root), os.path.join(root, model, _FILE)
    if not _NAME.fullmatch(model) or ".." in model:
        return
    folder = cached_model(model, os.environ)
    if os.path.isdir(folder):
        gate = Gate(folder)
        for commit in _commits(gate, folder):
            path = os.path.join(folder, "snapshots", commit, _FILE)
            yield f"{model} in the Hugging Face cache", gate, path


def _commits(gate: Gate, folder: str) -> Iterator[str]:
    """Yield the commit that is cached of the main branch."""
    try:
        commit = gate.read(os.path.join(folder, "refs", "main"), 64).decode("ascii").strip()
    except (OSError, RefusedError, ValueError):
        return
    if _COMMIT.fullmatch(commit):
        yield commit


def _shape(data: bytes, source: str) -> Shape:
    if len(data) > _LARGEST:
        raise UnfamiliarError("it is too large to be one")
    try:
        config: Any = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise UnfamiliarError("it is not JSON") from None
    if not isinstance(config, dict):
        raise UnfamiliarError("it is not an object")
    return shape_of_config(config, source)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
