"""The shape of a model: its matrices by name and size, from which memory, adapters and time follow.

Values alone: where a shape comes from is ``architectures``' business.
"""

from dataclasses import dataclass


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

    def share(self, linear: Linear) -> float:
        """Return the share of a kind of Linears that one token passes through."""
        if linear.tower:
            return 0.0
        if not linear.expert or not self.experts:
            return 1.0
        return min(1.0, self.experts_per_token / self.experts)
