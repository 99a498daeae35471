"""The shape of a model: its matrices by name and size, from which memory, adapters and time follow.

Values alone: where a shape comes from is ``architectures``' business.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Linear:
    """One kind of ``Linear`` module of a model's blocks.

    Attributes:
        name: the last part of the module's name, as adapters target it: ``q_proj``. Experts have
            the names that their modules have had, unless they never were modules.
        inputs: features that go in.
        outputs: features that come out.
        count: how many of them the whole model has.
        expert: whether it is one of a mixture's routed experts.
        tower: whether it is in a part that reads images, which text passes by.

    """

    name: str
    inputs: int
    outputs: int
    count: int
    expert: bool = False
    tower: bool = False

    @property
    def is_module(self) -> bool:
        """Whether an adapter can name it; experts that were always one parameter have a dot."""
        return "." not in self.name

    @property
    def parameters(self) -> int:
        """Weights of all of them, without biases."""
        return self.inputs * self.outputs * self.count


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a causal language model.

    Attributes:
        architecture: the ``model_type`` of its ``config.json``.
        layers: blocks.
        hidden: width between blocks.
        heads: query heads.
        kv_heads: key and value heads.
        head_size: features of a head's query.
        intermediate: width of the feed-forward part; of one expert in a mixture.
        vocabulary: rows of the embedding, with padding.
        tied: whether the output layer is the embedding.
        experts: routed experts of a layer; 0 for a dense model.
        experts_per_token: those that a token passes through; 0 for a dense model.
        gated: whether the feed-forward part multiplies two projections.
        linears: the ``Linear`` modules of the blocks.
        others: parameters outside the Linears and the embeddings: norms, biases, convolutions.
        source: where the numbers are from.

    """

    architecture: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_size: int
    intermediate: int
    vocabulary: int
    tied: bool
    experts: int
    experts_per_token: int
    gated: bool
    linears: tuple[Linear, ...]
    others: int
    source: str

    @property
    def embedding(self) -> int:
        """Parameters of the token embedding."""
        return self.vocabulary * self.hidden

    @property
    def head(self) -> int:
        """Parameters of the output layer that are not the embedding's."""
        return 0 if self.tied else self.vocabulary * self.hidden

    @property
    def parameters(self) -> int:
        """Parameters in all."""
        matrices = sum(linear.parameters for linear in self.linears)
        return self.embedding + self.head + matrices + self.others

    @property
    def active_parameters(self) -> int:
        """Parameters that one token passes through, the embedding among them."""
        idle = self.experts - self.experts_per_token
        if not self.experts or idle <= 0:
            return self.parameters
        routed = sum(linear.parameters for linear in self.linears if linear.expert)
        return self.parameters - routed * idle // self.experts


def adapter_parameters(shape: Shape, targets: Collection[str] | None, rank: int) -> int | None:
    """Return the parameters of a LoRA adapter: ``rank × (inputs + outputs)`` for each target.

    Sources: LoRA, https://arxiv.org/abs/2106.09685, section 4.1. transformers 5 has the experts of
    a layer as two parameters; how PEFT adapts these and their router by the names that the
    experts' modules had is in its ``transformers_weight_conversion.py`` (0.21).

    Args:
        shape: the model.
        targets: names of Linears, or ``all-linear``; None: nobody says which.
        rank: of each adapter matrix.

    Returns:
        The parameters; None if the targets are not known, or one of them is no Linear here.

    """
    experts = [linear for linear in shape.linears if linear.expert and linear.is_module]
    into = {linear.name for linear in experts if linear.inputs == shape.hidden}
    wanted = _targets(shape, targets or ())
    if not wanted or 0 < len(wanted & into) < len(into):  # PEFT takes gate and up together
        return None
    named = {linear.name for linear in experts}
    total = 0
    for linear in shape.linears:
        if linear.name not in wanted or (linear.name in named and not linear.expert):
            continue
        # Of two that are one parameter, the rank is twice as large.
        fused = 2 if linear.expert and linear.name in into else 1
        total += rank * (linear.inputs + fused * linear.outputs) * linear.count
    if _ROUTER in wanted:
        total += rank * (shape.hidden + shape.experts) * (experts[0].count // shape.experts)
    return total


_ROUTER: Final = "gate"
"""The name of what chooses experts, where PEFT knows it."""


def _targets(shape: Shape, targets: Collection[str]) -> set[str]:
    """Return the names of modules that targets name; empty if one of them is none."""
    known = {linear.name for linear in shape.linears if linear.is_module}
    if any(linear.expert and linear.is_module for linear in shape.linears):
        known.add(_ROUTER)
    wanted = {name.rpartition(".")[2] for name in targets}
    if "all-linear" in wanted:
        return known
    return wanted if wanted <= known else set()
