"""The parts that families of models are put together from: projections, norms, experts.

Each part adds its matrices, and what is no matrix, to one draft. Source of the structures: the
modelling files of transformers 5.24, https://github.com/huggingface/transformers.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ..shapes import Linear, Shape
from .facts import LAYERS, Facts, UnfamiliarError


@dataclass(slots=True)
class Draft:
    """A shape that is being put together.

    Attributes:
        facts: the ``config.json``.
        layers: blocks.
        hidden: width between them.
        others: parameters outside the Linears and the embeddings.
        experts: routed experts of a layer; 0 in a dense model.
        experts_per_token: those that a token passes through.
        intermediate: width of the feed-forward part; of one expert in a mixture.
        gated: whether the feed-forward part multiplies two projections.

    """

    facts: Facts
    layers: int
    hidden: int
    others: int = 0
    experts: int = 0
    experts_per_token: int = 0
    intermediate: int = 0
    gated: bool = True
    _linears: dict[Linear, int] = field(default_factory=dict)

    def linear(
        self, name: str, inputs: int, outputs: int, count: int, *, bias: bool = False
    ) -> None:
        """Add Linears; a bias is no part of a matrix."""
        self._add(Linear(name, inputs, outputs, 0), count)
        if bias:
            self.others += outputs * count

    def routed(self, name: str, inputs: int, outputs: int, count: int) -> None:
        """Add a matrix of each routed expert."""
        self._add(Linear(name, inputs, outputs, 0, expert=True), count)

    def apart(self, name: str, inputs: int, outputs: int, count: int) -> None:
        """Add Linears with a bias of a part that text passes by."""
        self._add(Linear(name, inputs, outputs, 0, tower=True), count)
        self.others += outputs * count

    def norm(self, width: int, count: int, *, bias: bool = False) -> None:
        """Add norms; LayerNorms may have a bias."""
        self.others += width * count * (2 if bias else 1)

    def _add(self, kind: Linear, count: int) -> None:
        if count:
            self._linears[kind] = self._linears.get(kind, 0) + count

    def shape(self, heads: "Heads", *, tied: bool, vocabulary: int, source: str) -> Shape:
        """Return what has been put together."""
        return Shape(
            architecture=self.facts.word("model_type") or "",
            layers=self.layers,
            hidden=self.hidden,
            heads=heads.query,
            kv_heads=heads.key_value,
            head_size=heads.size,
            intermediate=self.intermediate,
            vocabulary=vocabulary,
            tied=tied,
            experts=self.experts,
            experts_per_token=self.experts_per_token,
            gated=self.gated,
            linears=tuple(replace(kind, count=count) for kind, count in self._linears.items()),
            others=self.others,
            source=source,
        )


class Heads(NamedTuple):
    """The heads of an attention."""

    query: int
    key_value: int
    size: int


def draft(facts: Facts) -> Draft:
    """Return the beginning of a shape."""
    layers = facts.count("num_hidden_layers", "n_layer")
    if layers > LAYERS:
        raise UnfamiliarError(f"`num_hidden_layers` is {layers}")
    return Draft(facts, layers, facts.count("hidden_size", "n_embd"))


def heads(facts: Facts, hidden: int, size: int | None, like: Heads | None = None) -> Heads:
    """Return the heads; without ``head_dim`` they share the width between blocks.

    Args:
        facts: the ``config.json``.
        hidden: width between blocks.
        size: features of a head, where the family's configuration class has a default.
        like: the heads that the family's configuration class has by default.

    """
    query = facts.count("num_attention_heads", "n_head", default=like.query if like else None)
    keys = facts.count("num_key_value_heads", default=like.key_value if like else query)
    if facts.has("head_dim") or size is not None:
        each = facts.count("head_dim", default=size)
    else:
        each = divided(hidden, query)
    if query % keys:
        raise UnfamiliarError(
            f"{query} attention heads are not divisible by {keys} key-value heads"
        )
    return Heads(query, keys, each)


def divided(hidden: int, heads_: int) -> int:
    """Return the features of a head.

    Raises:
        UnfamiliarError: the heads do not divide the width.

    """
    if hidden % heads_:
        raise UnfamiliarError(f"hidden size {hidden} is not divisible by {heads_} attention heads")
    return hidden // heads_
