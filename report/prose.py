"""What findings say, and where, in the forms that several formats share."""

import posixpath
from typing import Final

from ..diagnostics import Diagnostic, Span, printable

_ENDS: Final = (".", "?", "!", ":", ";", "…")


def sentences(diagnostic: Diagnostic) -> str:
    """Return the message, the hint and the reason as sentences on one line."""
    parts = filter(None, (diagnostic.message, diagnostic.hint, diagnostic.why))
    return " ".join(part if part.endswith(_ENDS) else f"{part}." for part in parts)


def place(span: Span) -> str:
    """Return a place as terminals and editors open it: ``file:line:column``."""
    return f"{printable(span.document)}:{span.line}:{span.column}"


def path(document: str) -> str:
    """Return the path of a document with ``/``, and without steps that lead nowhere.

    A relative one stays relative: CI runs in the root of the repository, as its reports want it.
    """
    return posixpath.normpath(document.replace("\\", "/"))
