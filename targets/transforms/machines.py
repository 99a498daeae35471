"""How many GPUs on how many machines, where a config of the system says it itself."""

from typing import TYPE_CHECKING, Final

from ...job import resources
from ...payloads import fields
from ..paths import ABSENT
from ..target import Route

if TYPE_CHECKING:
    from .. import reading, writing

_GPUS: Final = fields.GPU_COUNT
_NODES: Final = fields.NODES


def write_machines(draft: "writing.Draft", route: Route) -> None:
    """Write the GPUs of the one machine, or the machines, which a scheduler starts."""
    count, nodes = draft.value(_GPUS), resources.nodes(draft.job)
    if nodes == 1:
        draft.expressed.add(_NODES)
        if count is ABSENT:
            return
        draft.put(route.at["gpus"], count, _GPUS)
        if count > route.options["usual"]:
            draft.put(route.at["per_node"], count, _GPUS)
        return
    draft.put(route.at["type"], route.options["many"], _NODES)
    draft.put(route.at["nodes"], nodes, _NODES)
    if count is not ABSENT:
        draft.put(route.at["per_node"], count, _GPUS)
    draft.put(route.at["scheduler"], {}, _NODES)
    draft.prepare(route.options["prepare"])


def read_machines(draft: "reading.Draft", route: Route) -> None:
    """Read them, if the source speaks of machines at all."""
    at = route.at
    if not isinstance(draft.value(at["type"][:1]), dict):
        return
    if draft.value(at["type"]) == route.options["many"]:
        draft.imply(at["type"], "`nodes` sets it")
        for role, path in (("nodes", _NODES), ("per_node", _GPUS)):
            if not draft.carry(path, at[role]) and at[role] not in draft.taken:
                draft.assume(path, route.options["defaults"][role])
    else:
        draft.carry(_GPUS, at["gpus"])
