"""What a LoRA adapter is on: its matrices by the names that a job gives them, as PEFT reads these.

From a path that matches nothing here nothing is concluded.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from .module_paths import Target, matched, other_module, read
from .shapes import Linear, Shape

ALL_LINEAR: Final = "all-linear"
DEFAULT_RANK: Final = 16

_ROUTER: Final = "gate"
"""The name of what chooses experts, where PEFT knows it."""


def adapted(
    shape: Shape, targets: Collection[str] | None, *, expert_modules: bool = False
) -> tuple[Linear, ...] | None:
    """Return the matrices that an adapter is on, as the adapter has them.

    transformers 5 has the experts of a layer as two parameters; how PEFT adapts these and their
    router by the names that the experts' modules had is in ``transformers_weight_conversion.py``
    of PEFT 0.21: gate and up are one, so their rank is twice as large, and they count twice.

    Args:
        shape: the model.
        targets: names of Linears, or ``all-linear``; None: nobody says which.
        expert_modules: whether experts are modules of their own, as before transformers 5.

    Returns:
        Linears, those on experts marked as such; None if a target is not known, or no Linear here.

    """
    wanted = _wanted(targets or ())
    if not wanted:
        return None
    if expert_modules:
        return _matched(shape.linears, wanted, shape)
    modules = tuple(linear for linear in shape.linears if linear.is_module)
    experts = [linear for linear in modules if linear.expert]
    if not experts or not shape.experts:
        return _matched(modules, wanted, shape)
    named = {linear.name for linear in experts}
    layers = experts[0].count // shape.experts
    router = Linear(_ROUTER, shape.hidden, shape.experts, layers, expert=True)
    into = {linear.name for linear in experts if linear.inputs == shape.hidden}
    # What other layers have under the names of experts is left out.
    modules = tuple(each for each in modules if each.expert or each.name not in named)
    found = _matched((*modules, router), wanted, shape)
    if found is None or 0 < len({each.name for each in found} & into) < len(into):
        return None  # PEFT takes gate and up together
    return tuple(
        replace(each, outputs=2 * each.outputs) if each.name in into else each for each in found
    )


def adapter_parameters(shape: Shape, targets: Collection[str] | None, rank: int) -> int | None:
    """Return the parameters of a LoRA adapter: ``rank × (inputs + outputs)`` for each target.

    Source: LoRA, https://arxiv.org/abs/2106.09685, section 4.1.
    """
    found = adapted(shape, targets)
    return None if found is None else rank * sum(map(widths_of, found))


def widths_of(linear: Linear) -> int:
    """Return the parameters of an adapter of rank 1 on all of a kind of Linears."""
    return (linear.inputs + linear.outputs) * linear.count


def trained_whole(shape: Shape, names: Collection[str]) -> tuple[Linear, ...] | None:
    """Return what ``modules_to_save`` trains besides an adapter; None if a name is not known.

    PEFT trains a copy of each, also of an output layer that is the embedding (``utils/other.py``).
    """
    targets = [read(name) for name in set(names)]
    known = [target for target in targets if target is not None]
    if len(known) < len(targets):
        return None
    others = [other_module(target, shape) for target in known]
    inside = [target for target, other in zip(known, others, strict=True) if other is None]
    plain = [linear for linear in shape.linears if not linear.expert]
    found = matched(plain, inside, shape)
    return None if found is None else (*filter(None, others), *found)


def _wanted(targets: Collection[str]) -> frozenset[Target]:
    """Return what targets name; empty if one of them is not understood."""
    if ALL_LINEAR in targets and len(set(targets)) > 1:
        return frozenset()  # it stands alone
    found = [read(target) for target in targets]
    known = [target for target in found if target is not None]
    return frozenset(known) if len(known) == len(found) else frozenset()


def _matched(
    linears: tuple[Linear, ...], wanted: frozenset[Target], shape: Shape
) -> tuple[Linear, ...] | None:
    return linears if Target(ALL_LINEAR) in wanted else matched(linears, wanted, shape)
