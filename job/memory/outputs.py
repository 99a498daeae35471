"""Logits and the loss.

Sources: ``ForCausalLMLoss`` of transformers (``loss/loss_utils.py``) makes the logits float32, and
torch's cross entropy keeps their log-softmax and makes two gradients of its size.
"""

from typing import Final, NamedTuple

from ..shapes import Shape
from .activations import SOFT_CAPPED
from .asked import Asked
from .values import Loss, Range, Setting

_PIECES: Final = 8
_FUSED_ROWS: Final = 1024


class Logits(NamedTuple):
    """Bytes that logits and what is made of them take.

    Attributes:
        forward: at the end of the forward pass.
        backward: when the backward pass begins.

    """

    forward: Range
    backward: Range


def logits(asked: Asked, shape: Shape, setting: Setting) -> Logits:
    """Return what logits take."""
    count = asked.tokens * shape.vocabulary
    if asked.smooths:
        # In float32: log-softmax, its negative, and two gradients (``LabelSmoother``, counted).
        return Logits(_about(asked, 12 * count), _about(asked, 16 * count))
    if setting.logit_bytes is not None:
        both = _about(asked, setting.logit_bytes * count)
        return Logits(both, both)
    match setting.loss:
        case Loss.WHOLE:
            # 16-bit logits, their float32, and its log-softmax or the caller's float32 copy.
            forward = (asked.compute if asked.compute < 4 else 0) + 8  # noqa: PLR2004
            capped = asked.compute if shape.architecture in SOFT_CAPPED else 0
            return Logits(
                _about(asked, (forward + capped) * count), _about(asked, (12 + capped) * count)
            )
        case Loss.CHUNKED:
            whole = asked.compute + 8 / _PIECES
            return Logits(_about(asked, asked.compute * count), _about(asked, whole * count))
        case _:
            rows = min(asked.tokens, _FUSED_ROWS)
            return Logits(
                _about(asked, 12 * rows * shape.vocabulary),
                _about(asked, 4 * rows * shape.vocabulary),
            )


def _about(asked: Asked, amount: float) -> Range:
    return Range(0 if asked.saves else amount * 0.85, amount, amount * 1.1)
