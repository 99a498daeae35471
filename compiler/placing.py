"""Findings to diagnostics: the words of the catalogue, and places in the text.

The last stage, and the only one that puts findings and text together. It and all that it
imports are loaded only when there is something to report.
"""

from collections.abc import Sequence

from ..diagnostics import Diagnostic, Finding
from ..diagnostics.catalogue import CODES
from .mending import mend
from .source.places import Places
from .suppression import MARK, suppress


def place(findings: Sequence[Finding], text: str, file: str) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of a text that no comment silences, sorted by place."""
    places = Places(text)
    diagnostics = [_diagnostic(finding, places, file) for finding in findings]
    if MARK in text:
        diagnostics, comments = suppress(diagnostics, places)
        diagnostics += [_diagnostic(finding, places, file) for finding in comments]
    return tuple(sorted(diagnostics, key=lambda d: (d.span, d.code, d.message)))


def _diagnostic(finding: Finding, places: Places, file: str) -> Diagnostic:
    code = CODES[finding.code]
    return Diagnostic(
        code=code.code,
        slug=code.slug,
        severity=code.severity,
        message=code.message.format_map(finding.words),
        file=file,
        span=finding.span or places.span(finding.path, finding.aim),
        path=finding.path,
        hint=finding.hint or code.hint,
        why=code.why and code.why.format_map(finding.words),
        fix=mend(finding, places),
    )
