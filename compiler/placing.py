"""Findings to diagnostics: the words of the catalogue, places in the text, fixes that work.

The last stage, and the only one that puts findings and text together. It and all that it
imports are loaded only when there is something to report.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..diagnostics import Diagnostic, Finding
from ..diagnostics.catalogue import diagnose
from .source.places import Places
from .suppression import MARK, suppress


class Reported(NamedTuple):
    """A finding, and what is shown of it."""

    finding: Finding
    diagnostic: Diagnostic


def place(
    findings: Sequence[Finding], text: str, file: str, config: Mapping[str, Any] | None
) -> tuple[Reported, ...]:
    r"""Return what is reported of a text and no comment silences, sorted by place.

    Args:
        findings: the findings.
        text: the text, whose line ends are ``\n``.
        file: its name in diagnostics.
        config: its values, if it can be read.

    """
    places = Places(text)
    fixable = [finding for finding in findings if finding.remedy]
    fixes = _fixes(fixable, places, config) if fixable and config is not None else {}
    diagnostics = [
        diagnose(finding, file, _span(finding, places), fix=fixes.get(id(finding)))
        for finding in findings
    ]
    reported = [Reported(*pair) for pair in zip(findings, diagnostics, strict=True)]
    if MARK in text:
        kept, comments = suppress(diagnostics, places)
        shown = set(map(id, kept))
        reported = [pair for pair in reported if id(pair.diagnostic) in shown]
        reported += [Reported(f, diagnose(f, file, _span(f, places))) for f in comments]
    return tuple(sorted(reported, key=lambda pair: _order(pair.diagnostic)))


def _order(diagnostic: Diagnostic) -> tuple[Any, ...]:
    return diagnostic.span, diagnostic.code, diagnostic.message


def _span(finding: Finding, places: Places) -> Any:
    return finding.span or places.span(finding.path, finding.aim)


def _fixes(
    findings: Sequence[Finding], places: Places, config: Mapping[str, Any]
) -> dict[int, Any]:
    """Return the fixes that work, by the identity of their findings."""
    from .mending import Mender, largest  # few files have anything to mend

    mender = Mender(places, config)
    return {id(f): mender.fix(f) for f in largest(list(findings), mender.works)}
