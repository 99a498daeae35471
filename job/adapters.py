"""What a LoRA adapter is on: its matrices by the names that a job gives them, as PEFT reads these.

PEFT matches the end of a module's path, so ``layers.0.self_attn.q_proj`` is of one block alone.
A path with a part that is not known here may match nothing, and nothing is concluded from it.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from .shapes import Linear, Shape

ALL_LINEAR: Final = "all-linear"
DEFAULT_RANK: Final = 16

_ROUTER: Final = "gate"
"""The name of what chooses experts, where PEFT knows it."""

_WITHIN: Final = frozenset(
    {
        "base_model", "model", "language_model", "transformer", "gpt_neox", "layers", "h",
        "self_attn", "attention", "attn", "self_attention", "mlp",
    }
)  # fmt: skip
"""Parts of a path between a model and a matrix of its blocks."""

_EMBEDDINGS: Final = frozenset({"embed_tokens", "wte", "embed_in", "word_embeddings"})
_HEADS: Final = frozenset({"lm_head", "embed_out"})


class _Target(NamedTuple):
    name: str
    block: int | None
    """Which block alone; None for each of them."""


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
    found: list[Linear] = []
    for name in {name.rpartition(".")[2] for name in names}:
        if name in _EMBEDDINGS:
            found.append(Linear(name, 1, shape.embedding, 1))  # its input is a few numbers
        elif name in _HEADS:
            found.append(Linear(name, shape.hidden, shape.vocabulary, 1))
        elif "norm" in name:
            found.append(Linear(name, 1, shape.others, 1))  # all that is no matrix, at most
        else:
            mine = [each for each in shape.linears if each.name == name and not each.expert]
            if not mine:
                return None
            found += mine
    return tuple(found)


def _wanted(targets: Collection[str]) -> frozenset[_Target]:
    """Return what targets name; empty if one of them is not understood."""
    if ALL_LINEAR in targets:
        return frozenset({_Target(ALL_LINEAR, None)})
    found = [_read(target) for target in targets]
    known = [target for target in found if target is not None]
    return frozenset(known) if len(known) == len(found) else frozenset()


def _read(target: str) -> _Target | None:
    *above, name = target.split(".")
    numbers = [part for part in above if part.isascii() and part.isdecimal()]
    if len(numbers) > 1 or not {part for part in above if part not in numbers} <= _WITHIN:
        return None
    return _Target(name, int(numbers[0][:9]) if numbers else None)


def _matched(
    linears: tuple[Linear, ...], wanted: frozenset[_Target], shape: Shape
) -> tuple[Linear, ...] | None:
    if _Target(ALL_LINEAR, None) in wanted:
        return linears
    if not {target.name for target in wanted} <= {linear.name for linear in linears}:
        return None
    found = list(_each(linears, wanted, shape))
    known = [linear for linear in found if linear is not None]
    return tuple(known) if len(known) == len(found) else None


def _each(
    linears: tuple[Linear, ...], wanted: frozenset[_Target], shape: Shape
) -> Iterator[Linear | None]:
    """Yield each Linear that is meant; None for one of which it is not known how often."""
    for linear in linears:
        blocks = {target.block for target in wanted if target.name == linear.name}
        if None in blocks:
            yield linear
        elif blocks:
            last = max(block for block in blocks if block is not None)
            one_a_block = linear.count == shape.layers and not linear.expert
            yield (
                replace(linear, count=len(blocks)) if one_a_block and last < shape.layers else None
            )
