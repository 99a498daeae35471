"""Names of files as a forge wants them: as they are seen from the top of the repository.

A person reads the names as they were given, and a program that annotates a pull request looks
for them in the repository, wherever the command ran.
"""

import posixpath
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from ..diagnostics import Diagnostic, Span
from .prose import path


class Roots(NamedTuple):
    """Where names are read.

    Attributes:
        here: the folder that relative names start from, an absolute path.
        top: the top of the repository that it is in, as well.

    """

    here: str
    top: str


def rooted(diagnostics: Iterable[Diagnostic], roots: Roots) -> list[Diagnostic]:
    """Return the diagnostics with each file inside the repository named from its top."""
    return [_rooted(diagnostic, roots) for diagnostic in diagnostics]


def _rooted(diagnostic: Diagnostic, roots: Roots) -> Diagnostic:
    fix = diagnostic.fix
    return replace(
        diagnostic,
        span=_span(diagnostic.span, roots),
        related=tuple(one._replace(span=_span(one.span, roots)) for one in diagnostic.related),
        fix=fix
        and fix._replace(
            edits=tuple(edit._replace(span=_span(edit.span, roots)) for edit in fix.edits)
        ),
    )


def _span(span: Span, roots: Roots) -> Span:
    if span.document.startswith("<"):  # no file: `<stdin>`
        return span
    name, top = posixpath.join(path(roots.here), path(span.document)), path(roots.top)
    from_top = posixpath.relpath(name, top)
    inside = from_top != posixpath.pardir and not from_top.startswith("../")
    return span._replace(document=from_top) if inside else span
