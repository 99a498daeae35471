"""Where in a line a finding is, and the text around it: looked up only for what is shown."""

from dataclasses import replace
from typing import Final

from ...diagnostics import Aim, Excerpt, Finding, KeyPath, Span
from ...diagnostics.json_places import members, past_space

_BEFORE: Final = 40
"""Characters that are shown before a place."""
_SHOWN: Final = 120


def located(finding: Finding, text: str) -> Finding:
    """Return a finding with its place and an excerpt.

    Args:
        finding: with a span, or with a path into the row.
        text: the line, which is JSON if there is no span.

    """
    span = finding.span
    if span is None:
        start, end = _place(text, finding.path, finding.aim)
        span = Span(1, start + 1, 1, end + 1, "")  # the line and the file come later
    first = max(span.column - 1 - _BEFORE, 0)
    shown = Excerpt(text[first : first + _SHOWN], first + 1, goes_on=len(text) > first + _SHOWN)
    return replace(finding, span=span, excerpt=shown)


def _place(text: str, path: KeyPath, aim: Aim) -> tuple[int, int]:
    """Return where the key or value at a path starts and ends, of a container its bracket."""
    start = past_space(text, 0)
    place = start, start + 1
    for depth, step in enumerate(path, start=1):
        # Of a key that stands twice the last one counts.
        there = [member for member in members(text, place[0]) if member.step == step]
        if not there:
            break
        place = there[-1].value
        if aim is Aim.KEY and depth == len(path):
            return there[-1].key
    start, end = place
    return (start, start + 1) if text[start] in "{[" else (start, end)
