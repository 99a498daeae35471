"""The speed of a job and its remaining time, worded as on the backend's page."""

from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_TWO_DIGITS: Final = 9.95
_FEW: Final = 10
"""Seconds that nobody counts."""


def pace(
    seconds_per_step: float | None, tokens_per_second: float | None, seconds_left: float | None
) -> list[str]:
    """Return what is known of it, each in a few words."""
    found = []
    if seconds_per_step is not None:
        found.append(_step(seconds_per_step))
    if tokens_per_second is not None:
        found.append(f"{_short(tokens_per_second)} tokens/s")
    if seconds_left is not None:
        found.append(remaining(seconds_left))
    return found


def remaining(seconds: float) -> str:
    """Return how long something takes yet; the longer, the rounder."""
    if seconds < _FEW:
        return "a few seconds left"
    if seconds < _MINUTE - _FEW / 2:
        return f"about {round(seconds / _FEW) * _FEW} s left"
    if seconds < _HOUR - _MINUTE / 2:
        return f"about {round(seconds / _MINUTE)} min left"
    if seconds < 1.5 * _DAY:
        return f"about {round(seconds / _HOUR)} h left"
    return f"about {round(seconds / _DAY):,} days left"


def _step(seconds: float) -> str:
    if seconds < 1:
        return f"{_short(1 / seconds)} steps/s"
    if seconds < _MINUTE:
        return f"{_short(seconds)} s/step"
    return f"{seconds / _MINUTE:,.1f} min/step"


def _short(value: float) -> str:
    """Return a number with two digits that count, or all that stand before the point."""
    return f"{value:,.1f}" if value < _TWO_DIGITS else f"{value:,.0f}"
