"""What both paths say of rows that are good."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from ..diagnostics import KeyPath

Warned: TypeAlias = tuple[int, str, KeyPath]
"""A warning: the 0-based row it is about, its code, and the path inside the row."""


@dataclass(slots=True)
class Batch:
    """What is known of rows that are good.

    Attributes:
        rows: how many.
        roles: messages by role.
        tools: rows with tools.
        images: rows with images.
        reasoning: rows with reasoning.
        warned: what to warn of.
        plain: whether surely no key stands twice in any of them.

    """

    rows: int
    roles: Counter[str]
    tools: int = 0
    images: int = 0
    reasoning: int = 0
    warned: list[Warned] = field(default_factory=list)
    plain: bool = True
