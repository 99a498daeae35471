"""The catalogue: every code that sftc can report, with its words, its page and its examples.

Ranges: 0xx reading TOML, 1xx shape, 2xx cross-field, 3xx forwarding, 4xx datasets,
5xx submitting, 6xx review, 7xx training and planning, 8xx targets. A code never changes its
meaning, and is never used again.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..code import Code
from ..finding import Finding
from ..model import Diagnostic, Fix, Related, Span
from . import (
    comparing,
    converting,
    datasets,
    evaluation,
    fitting,
    flavour,
    forwarding,
    names,
    pace,
    placement,
    reading,
    resources,
    review,
    row_errors,
    row_surprises,
    row_warnings,
    shape,
    submitting,
    targets,
    tokens,
    training,
)

CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {
        entry.code: entry
        for part in (
            reading,
            shape,
            resources,
            pace,
            flavour,
            evaluation,
            placement,
            names,
            forwarding,
            datasets,
            row_errors,
            row_surprises,
            row_warnings,
            tokens,
            converting,
            comparing,
            submitting,
            review,
            training,
            fitting,
            targets,
        )
        for entry in part.CODES
    }
)
"""Every code, in the order of the numbers."""

__all__ = ["CODES", "Code", "begins_a_code", "diagnose"]


def diagnose(finding: Finding, place: Span | str, *, fix: Fix | None = None) -> Diagnostic:
    """Return a finding in the words of the catalogue, at its place.

    Args:
        finding: the finding; of what it relates to, only what has a place is shown.
        place: where it is, unless it has a place itself; the name of a document is its start.
        fix: the edits that mend it.

    """
    code = CODES[finding.code]
    span = place if isinstance(place, Span) else Span(1, 1, 1, 1, place)
    return Diagnostic(
        code=code.code,
        slug=code.slug,
        severity=code.severity,
        message=code.message.format_map(finding.words),
        span=finding.span or span,
        path=finding.path,
        hint=finding.hint or (code.hint and code.hint.format_map(finding.words)),
        why=code.why and code.why.format_map(finding.words),
        fix=fix,
        excerpt=finding.excerpt,
        related=tuple(dict.fromkeys(o for o in finding.related if isinstance(o, Related))),
    )


def begins_a_code(prefix: str) -> bool:
    """Whether some code begins so, in any case of its letters."""
    return any(code.startswith(prefix.upper()) for code in CODES)
