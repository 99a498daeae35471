"""A curve drawn with characters: how a loss goes, in a few lines of a terminal."""

from collections.abc import Sequence
from typing import Final

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"


def draw(points: Sequence[tuple[int, float]], *, width: int, height: int) -> str:
    """Return a curve with its scale, a line for each row; empty for fewer than two points.

    Args:
        points: steps and values, by step; what falls into one column is averaged.
        width: columns of the whole drawing.
        height: its rows.

    """
    low, high = min((y for _, y in points), default=0.0), max((y for _, y in points), default=0.0)
    labels = [f"{high:.4g}", f"{low:.4g}"]
    margin = max(map(len, labels))
    columns = _columns(points, max(width - margin - 2, 1))
    if len(points) <= 1:
        return ""
    scale = (height * 8 - 1) / (high - low) if high > low else 0.0
    levels = [None if y is None else 1 + round((y - low) * scale) for y in columns]
    rows = []
    for row in reversed(range(height)):
        label = {height - 1: labels[0], 0: labels[1]}.get(row, "")
        cells = (
            "" if level is None else _EIGHTHS[min(max(level - row * 8, 0), 8)] for level in levels
        )
        rows.append(f"{label:>{margin}} ┤" + "".join(cell or " " for cell in cells).rstrip())
    return "\n".join(rows)


def _columns(points: Sequence[tuple[int, float]], width: int) -> list[float | None]:
    """Return the mean value in each column of steps; None where no step falls."""
    first, last = points[0][0] if points else 0, points[-1][0] if points else 0
    span = max(last - first, 1)
    used = min(width, span + 1)
    sums, counts = [0.0] * used, [0] * used
    for step, value in points:
        column = (step - first) * (used - 1) // span
        sums[column] += value
        counts[column] += 1
    return [total / count if count else None for total, count in zip(sums, counts, strict=True)]
