"""Findings to diagnostics: the words of the catalogue, and places in the text.

The last stage, and the only one that puts findings and text together. It and all that it
imports are loaded only when there is something to report.
"""

from collections.abc import Sequence

from ..diagnostics import Diagnostic, Finding
from ..diagnostics.catalogue import diagnose
from .mending import mend
from .source.places import Places
from .suppression import MARK, suppress


def place(findings: Sequence[Finding], text: str, file: str) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of a text that no comment silences, sorted by place."""
    places = Places(text)
    diagnostics = [_placed(finding, places, file) for finding in findings]
    if MARK in text:
        diagnostics, comments = suppress(diagnostics, places)
        diagnostics += [_placed(finding, places, file) for finding in comments]
    return tuple(sorted(diagnostics, key=lambda d: (d.span, d.code, d.message)))


def _placed(finding: Finding, places: Places, file: str) -> Diagnostic:
    span = finding.span or places.span(finding.path, finding.aim)
    return diagnose(finding, file, span, fix=mend(finding, places))
