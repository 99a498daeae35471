"""What there is to train on: devices, processes, and libraries that are not installed."""

import importlib.util
import os

import torch

from ..recipe import Library, World


def rank() -> int:
    """Return the number of this process, from 0."""
    return int(os.environ.get("RANK", "0"))


def size() -> int:
    """Return the number of processes."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def local_size() -> int:
    """Return the number of processes on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", str(size())))


def world() -> World:
    """Return what there is, as the recipe takes it."""
    missing = frozenset(
        library for library in Library if importlib.util.find_spec(library.value) is None
    )
    nodes, each = max(1, size() // local_size()), local_size()
    if not torch.cuda.is_available():
        return World("cpu", nodes, each, (), missing)
    names = {torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())}
    return World("cuda", nodes, each, tuple(sorted(names)), missing)
