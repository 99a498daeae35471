"""A finding before it has a place: what the stages of the compiler hand on.

A stage works on plain values and knows key paths only. Where they stand in the text is
looked up afterwards, and only when there is something to report.
"""

from dataclasses import dataclass, field
from enum import Enum

from .model import Span
from .words import KeyPath


class Aim(Enum):
    """Which part of the text at a key path a finding points at."""

    KEY = "key"
    VALUE = "value"
    TABLE = "table"
    """The header of the table; for a missing table, the nearest one that exists."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change of a config in terms of key paths; it becomes edits when places are known.

    Attributes:
        title: what it does, as an imperative.
        safe: whether it keeps what the author evidently meant.
        rename: new name of the key at the finding's path.
        moves: from key path to key path.
        quote: put quotes around the value at the finding's path.
        append: whole lines of TOML to add at the end of the file.

    """

    title: str
    safe: bool = True
    rename: str | None = None
    moves: tuple[tuple[KeyPath, KeyPath], ...] = ()
    quote: bool = False
    append: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause of complaint.

    Attributes:
        code: the code in the catalogue.
        path: the key path it is about.
        words: what the code's message template is filled with.
        aim: which part of the text at ``path`` it points at.
        hint: what to write instead, where the catalogue cannot know it.
        remedy: the change that mends it.
        span: the place, where it is known already (TOML that cannot be read).

    """

    code: str
    path: KeyPath = ()
    words: dict[str, str] = field(default_factory=dict)
    aim: Aim = Aim.VALUE
    hint: str | None = None
    remedy: Remedy | None = None
    span: Span | None = None
