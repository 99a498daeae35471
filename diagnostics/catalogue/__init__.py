"""The catalogue: every code that sftc can report, with its words, its page and its examples.

Ranges: 0xx reading TOML, 1xx shape, 2xx cross-field, 3xx forwarding, 4xx datasets,
5xx submitting. A code never changes its meaning, and is never used again.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..code import Code
from ..finding import Finding
from ..model import Diagnostic, Fix, Span
from . import cross_field, datasets, forwarding, placement, reading, shape, submitting

CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {
        entry.code: entry
        for part in (reading, shape, cross_field, placement, forwarding, datasets, submitting)
        for entry in part.CODES
    }
)
"""Every code, in the order of the numbers."""


def diagnostic(finding: Finding, *, file: str, span: Span, fix: Fix | None = None) -> Diagnostic:
    """Return a finding with its place and the words of the catalogue."""
    code = CODES[finding.code]
    return Diagnostic(
        code=code.code,
        slug=code.slug,
        severity=code.severity,
        message=code.message.format_map(finding.words),
        file=file,
        span=finding.span or span,
        path=finding.path,
        hint=finding.hint or (code.hint and code.hint.format_map(finding.words)),
        why=code.why and code.why.format_map(finding.words),
        fix=fix,
    )


__all__ = ["CODES", "Code", "diagnostic"]
