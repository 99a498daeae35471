"""A finding before it has a place: what the stages of the compiler hand on.

A stage works on plain values and knows key paths only. Where they stand in the text is
looked up afterwards, and only when there is something to report.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from .model import Excerpt, Related, Span
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
        moves: keys with their values, or whole tables, that belong somewhere else; a move
            within one table is a new name.
        removes: keys with their values that say nothing.
        quote: put quotes around the value at the finding's path.

    """

    title: str
    safe: bool = True
    moves: tuple[tuple[KeyPath, KeyPath], ...] = ()
    removes: tuple[KeyPath, ...] = ()
    quote: bool = False


class RelatedKey(NamedTuple):
    """Another key that a finding is about; it becomes a related place when places are known.

    Attributes:
        path: the key.
        verb: what it does there, as the message has it behind the key.

    """

    path: KeyPath
    verb: str = "is set here"


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
        excerpt: the text around it, where nobody can look it up later.
        covers: the key paths that it speaks for, where that is not ``path``.
        related: the other keys that it is about, or their places where they are known already.

    """

    code: str
    path: KeyPath = ()
    words: dict[str, str] = field(default_factory=dict)
    aim: Aim = Aim.VALUE
    hint: str | None = None
    remedy: Remedy | None = None
    span: Span | None = None
    excerpt: Excerpt | None = None
    covers: tuple[KeyPath, ...] = ()
    related: tuple[Related | RelatedKey, ...] = ()

    @property
    def settles(self) -> tuple[KeyPath, ...]:
        """The key paths of which nothing more needs to be said."""
        return self.covers or (self.path,)
