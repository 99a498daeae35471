"""Which node of a job this is, by the variables that SkyPilot or Kubeflow sets on each."""

from collections.abc import Mapping
from typing import Final, NamedTuple

_PORT: Final = 29500
"""The port that torch has by default."""
_LAST_PORT: Final = 65_535
_MOST: Final = 100_000
"""Nodes, or processes of one."""
_OPEN: Final = frozenset({"", "auto", "gpu", "cpu", "xpu"})
"""What torchrun takes besides a number of processes: as many as the node has devices."""


class PlaceError(ValueError):
    """A variable does not say what it should; the message names it."""


class Placed(NamedTuple):
    """Which node this is.

    Attributes:
        node: its number, from 0.
        nodes: how many there are.
        processes: those of each node; None: the variables leave it open.
        address: the address of node 0.
        port: a port on it.

    """

    node: int
    nodes: int
    processes: int | None
    address: str
    port: int


def placed(environment: Mapping[str, str]) -> Placed:
    """Return which node this is; the only one if no variable says otherwise.

    MASTER_PORT wins over the port.

    Raises:
        PlaceError: the variables do not fit each other, or leave open which node this is.

    """
    if any(environment.get(f"SKYPILOT_{name}") for name in ("NODE_RANK", "NUM_NODES")):
        place = _by_skypilot(environment)
    elif any(environment.get(f"PET_{name}") for name in ("NODE_RANK", "NNODES")):
        place = _by_torchrun(environment)
    else:
        place = Placed(0, 1, None, "127.0.0.1", _port(environment))
    if place.node >= place.nodes:
        raise PlaceError(f"this is node {place.node} of {place.nodes}")
    return place


def _by_skypilot(environment: Mapping[str, str]) -> Placed:
    addresses = environment.get("SKYPILOT_NODE_IPS", "").split()
    if not addresses:
        raise PlaceError("SKYPILOT_NODE_IPS has no node")
    nodes = _number(environment, "SKYPILOT_NUM_NODES", least=1)
    if len(addresses) != nodes:
        raise PlaceError(f"SKYPILOT_NODE_IPS has {len(addresses)} nodes, not {nodes}")
    return Placed(
        _number(environment, "SKYPILOT_NODE_RANK"),
        nodes,
        _number(environment, "SKYPILOT_NUM_GPUS_PER_NODE", 0) or None,
        addresses[0],
        _port(environment),
    )


def _by_torchrun(environment: Mapping[str, str]) -> Placed:
    """Return what the variables say that torchrun reads, which Kubeflow's trainer sets."""
    nodes = _number(environment, "PET_NNODES", 1, least=1)
    address = environment.get("PET_MASTER_ADDR", "")
    if nodes > 1 and not address:
        raise PlaceError(f"PET_NNODES = {nodes}, but PET_MASTER_ADDR is not set to a node")
    processes = None
    if environment.get("PET_NPROC_PER_NODE", "") not in _OPEN:
        processes = _number(environment, "PET_NPROC_PER_NODE", least=1)
    return Placed(
        _number(environment, "PET_NODE_RANK", 0 if nodes == 1 else None),
        nodes,
        processes,
        address or "127.0.0.1",
        _port(environment, "PET_MASTER_PORT"),
    )


def _port(environment: Mapping[str, str], other: str = "") -> int:
    name = "MASTER_PORT" if environment.get("MASTER_PORT") else other or "MASTER_PORT"
    return _number(environment, name, _PORT, least=1, most=_LAST_PORT)


def _number(
    environment: Mapping[str, str],
    name: str,
    default: int | None = None,
    *,
    least: int = 0,
    most: int = _MOST,
) -> int:
    text = environment.get(name, "")
    if not text and default is not None:
        return default
    shown = text if len(text) <= len(str(_MOST)) * 3 else f"{text[:9]}…"
    if not (text.isascii() and text.isdecimal()):
        raise PlaceError(f"{name} = {shown!r} is not a number")
    digits = text.lstrip("0") or "0"
    if len(digits) > len(str(most)) or not least <= int(digits) <= most:
        raise PlaceError(f"{name} = {shown!r} is not from {least} to {most}")
    return int(digits)
