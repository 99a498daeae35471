"""The frozen values that every reporter and every caller sees."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from .codes import UNREADABLE
from .words import KeyPath


class Severity(StrEnum):
    """How much a finding matters: an error means no payload, a note only informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Span(NamedTuple):
    """A stretch of a document: 1-based lines and columns in code points; the end is exclusive.

    Attributes:
        line: the line it starts on.
        column: the column it starts at.
        end_line: the line it ends on.
        end_column: the column after its last character.
        document: the name of the text, as it was given; of a backend, its address.

    """

    line: int
    column: int
    end_line: int
    end_column: int
    document: str


class Related(NamedTuple):
    """Another place that a finding is about.

    Attributes:
        span: where.
        message: what is there, in a few words.

    """

    span: Span
    message: str


class Excerpt(NamedTuple):
    """Part of a line, to be shown where nobody holds the file.

    Attributes:
        text: the part.
        column: the 1-based column that it begins at.
        goes_on: whether the line goes on behind it.

    """

    text: str
    column: int
    goes_on: bool


class Edit(NamedTuple):
    """Put ``text`` where ``span`` is; an empty span inserts."""

    span: Span
    text: str


class Fix(NamedTuple):
    """Edits that make a finding go away.

    A safe fix keeps what the author evidently meant; any other changes the meaning of the
    config, and is applied only when asked for.
    """

    title: str
    safe: bool
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding, with its place.

    Attributes:
        code: stable, e.g. ``SFT102``; ``sftc rule SFT102`` explains it.
        slug: the code in words, e.g. ``wrong-type``.
        severity: error, warning or note.
        message: what is wrong, on one line.
        span: where; the start of the document if nothing better is known.
        path: the key path in a config, empty where there is none.
        hint: what to write instead, or None.
        why: why it matters, or None.
        fix: the edits that mend it, or None.
        excerpt: the text around the place, where the file is too large to be held.
        related: the other places that it is about.
        count: how many findings it stands for, of as many rows of a dataset.
        lines: where it stands for several, the first lines that these are in.

    """

    code: str
    slug: str
    severity: Severity
    message: str
    span: Span
    path: KeyPath = ()
    hint: str | None = None
    why: str | None = None
    fix: Fix | None = None
    excerpt: Excerpt | None = None
    related: tuple[Related, ...] = ()
    count: int = 1
    lines: tuple[int, ...] = ()

    @property
    def file(self) -> str:
        """The name of the document that it is about."""
        return self.span.document

    @property
    def unreadable(self) -> bool:
        """Whether the text could not be read, so that this is all that is known of the file."""
        return self.code in UNREADABLE

    def renamed(self, document: str) -> "Diagnostic":
        """Return the finding under another name of its document."""
        related = tuple(
            one._replace(span=one.span._replace(document=document)) for one in self.related
        )
        return replace(self, span=self.span._replace(document=document), related=related)
