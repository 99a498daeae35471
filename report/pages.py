"""The page of a code: what it means, and how to write it instead. Markdown."""

from collections.abc import Iterable
from typing import Final

from ..diagnostics.code import Code

_PREFACE: Final = """\
# Findings

Every code that sftc reports. `sftc rule CODE` prints one of these pages. A code never changes
its meaning. In the examples, tables that are left out are sound.
"""


def render(code: Code) -> str:
    """Return the page of a code."""
    text = f"## {code.code} {code.slug}\n\n*{code.severity}*: {code.message}\n\n{code.page}\n"
    if code.bad:
        text += f"\nInstead of\n\n```{code.language}\n{_visible(code.bad)}```\n"
    if code.good:
        text += f"\nwrite\n\n```{code.language}\n{_visible(code.good)}```\n"
    return text


def book(codes: Iterable[Code]) -> str:
    """Return the pages of codes, one after another, under a preface."""
    return "\n".join((_PREFACE, *map(render, codes)))


def _visible(text: str) -> str:
    return text.replace("\ufeff", "\\ufeff")
