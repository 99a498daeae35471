"""A curve drawn with characters: how a loss goes, in a few lines of a terminal.

A Braille character has two columns of four dots, so a line of 80 has 160 places.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

_BLANK: Final = 0x2800
_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot, by row and column."""
_ACROSS: Final = 2
_DOWN: Final = 4


def draw(points: Sequence[tuple[int, float]], *, width: int, height: int) -> str:
    """Return a curve with its scale, a line for each row; empty for fewer than two points.

    Args:
        points: steps and values, by step.
        width: columns of the whole drawing.
        height: its rows.

    """
    if len(points) <= 1:
        return ""
    values = [value for _, value in points]
    labels = {0: f"{max(values):.4g}", height - 1: f"{min(values):.4g}"}
    margin = max(map(len, labels.values()))
    across = max(width - margin - 2, 1)
    cells = [[_BLANK] * across for _ in range(height)]
    for x, y in _dots(points, across * _ACROSS, height * _DOWN):
        cells[y // _DOWN][x // _ACROSS] |= _DOTS[y % _DOWN][x % _ACROSS]
    return "\n".join(
        f"{labels.get(row, ''):>{margin}} ┤{''.join(map(chr, line))}".replace(
            chr(_BLANK), " "
        ).rstrip()
        for row, line in enumerate(cells)
    )


def _dots(
    points: Sequence[tuple[int, float]], width: int, height: int
) -> Iterator[tuple[int, int]]:
    """Yield the places of a line through the points, from the upper left corner."""
    (first, _), (last, _) = points[0], points[-1]
    # Halved, since the whole range may be more than a float can hold.
    halves = [value / 2 for _, value in points]
    low, high = min(halves), max(halves)
    placed = [
        (
            round((step - first) * (width - 1) / max(last - first, 1)),
            round((high - half) / ((high - low) or 1) * (height - 1)),
        )
        for (step, _), half in zip(points, halves, strict=True)
    ]
    for (x, y), (to_x, to_y) in pairwise(placed):
        steps = max(to_x - x, abs(to_y - y), 1)
        for at in range(steps + 1):
            yield x + (to_x - x) * at // steps, y + round((to_y - y) * at / steps)
