"""What findings say, and where, in the forms that several formats share."""

import posixpath
from typing import Final

from ..diagnostics import Diagnostic, Span, printable

_ENDS: Final = (".", "?", "!", ":", ";", "…")


def sentences(diagnostic: Diagnostic) -> str:
    """Return the message, the hint and the reason as sentences on one line."""
    parts = filter(
        None, (diagnostic.message, diagnostic.hint, diagnostic.why, how_often(diagnostic))
    )
    return " ".join(part if part.endswith(_ENDS) else f"{part}." for part in parts)


def how_often(diagnostic: Diagnostic) -> str | None:
    """Return how many rows of a dataset a diagnostic stands for, and the first lines of them."""
    if diagnostic.count == 1:
        return None
    lines = ", ".join(f"{line:,}" for line in diagnostic.lines)
    more = ", …" if diagnostic.count > len(diagnostic.lines) else ""
    return f"{diagnostic.count:,} times, in line{'s' if ',' in lines else ''} {lines}{more}"


def place(span: Span) -> str:
    """Return a place as terminals and editors open it: ``file:line:column``."""
    return f"{printable(span.document)}:{span.line}:{span.column}"


def path(document: str) -> str:
    """Return the path of a document with ``/``, and without steps that lead nowhere."""
    return posixpath.normpath(document.replace("\\", "/"))
