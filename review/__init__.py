"""Review payloads like code: compare, explain, lift back to TOML, check against their configs.

Pure, as the compiler is: bytes and payloads in, values and text out. Callers read files, measure
data and query git.
"""

from collections.abc import Sequence

from ..report import ComparisonFormat, Format
from .comparison import Comparison
from .inputs import diff, explain, lift
from .lifting import Lifted
from .moves import Move, MoveKind, match_moved
from .payloads import is_payload, read_payload
from .side import Side, read_side
from .source_map import SourceMap

__all__ = [
    "Comparison",
    "Lifted",
    "Move",
    "MoveKind",
    "Side",
    "SourceMap",
    "diff",
    "explain",
    "is_payload",
    "lift",
    "match_moved",
    "read_payload",
    "read_side",
    "render",
    "summary",
]


def summary(comparison: Comparison) -> str:
    """Return what differs on one line."""
    from . import words  # few artifacts differ

    return words.summary(comparison)


def render(
    form: ComparisonFormat,
    comparisons: Sequence[Comparison],
    *,
    colour: bool = False,
    max_length: int | None = None,
) -> str:
    """Return comparisons in a format.

    Args:
        form: the format.
        comparisons: what to write, in this order.
        colour: whether text is coloured for a terminal.
        max_length: how many characters Markdown may have, 1,000 at least; None for any number.

    """
    match form:
        case Format.TEXT:
            from . import as_text

            return as_text.render(comparisons, colour=colour)
        case Format.JSON:
            from . import as_json

            return as_json.render(comparisons)
        case Format.MARKDOWN:
            from . import as_markdown

            return as_markdown.render(comparisons, max_length=max_length)
