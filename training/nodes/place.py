"""Which node of a job this is, by the variables that SkyPilot or Kubeflow sets on each."""

from collections.abc import Mapping
from typing import Final, NamedTuple

_PORT: Final = "29500"
"""The port that torch has by default."""


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
        PlaceError: the variables do not fit each other.

    """
    if "SKYPILOT_NODE_RANK" in environment:
        place = _by_skypilot(environment)
    elif "PET_NODE_RANK" in environment:
        place = _by_torchrun(environment)
    else:
        port = _number(environment, "MASTER_PORT", _PORT)
        place = Placed(0, 1, None, "127.0.0.1", port)
    if not 0 <= place.node < place.nodes:
        raise PlaceError(f"this is node {place.node} of {place.nodes}")
    return place


def _by_skypilot(environment: Mapping[str, str]) -> Placed:
    addresses = environment.get("SKYPILOT_NODE_IPS", "").split()
    if not addresses:
        raise PlaceError("SKYPILOT_NODE_IPS names no node")
    return Placed(
        _number(environment, "SKYPILOT_NODE_RANK"),
        _number(environment, "SKYPILOT_NUM_NODES"),
        _number(environment, "SKYPILOT_NUM_GPUS_PER_NODE", "0") or None,
        addresses[0],
        _number(environment, "MASTER_PORT", _PORT),
    )


def _by_torchrun(environment: Mapping[str, str]) -> Placed:
    """Return what the variables say that torchrun reads, which Kubeflow's trainer sets."""
    processes = environment.get("PET_NPROC_PER_NODE", "")
    port = _number(environment, "PET_MASTER_PORT", _PORT)
    return Placed(
        _number(environment, "PET_NODE_RANK"),
        _number(environment, "PET_NNODES", "1"),
        int(processes) if processes.isdecimal() else None,  # `auto` and `gpu` leave it open
        environment.get("PET_MASTER_ADDR") or "127.0.0.1",
        _number(environment, "MASTER_PORT", str(port)),
    )


def _number(environment: Mapping[str, str], name: str, default: str = "") -> int:
    text = environment.get(name) or default
    if not text.isdecimal():
        raise PlaceError(f"{name} = {text!r} is no number")
    return int(text)
