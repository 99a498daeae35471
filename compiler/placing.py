"""Findings to diagnostics: the words of the catalogue, places in the text, fixes that work.

The last stage, and the only one that puts findings and text together. It and all that it
imports are loaded only when there is something to report.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..diagnostics import Aim, Diagnostic, Finding, Fix, Related, RelatedKey, Span, dotted
from ..diagnostics.catalogue import diagnose
from ..diagnostics.toml_places import Places
from .edits import apply
from .suppression import MARK, suppress

if TYPE_CHECKING:
    from .mending import Mender


_MOST_TRIED_ALONE: Final = 50


class Reported(NamedTuple):
    """A finding, and what is shown of it."""

    finding: Finding
    diagnostic: Diagnostic


def place(
    findings: Sequence[Finding],
    text: str,
    document: str,
    config: Mapping[str, Any] | None,
    relint: Callable[[str], int],
) -> tuple[Reported, ...]:
    r"""Return what is reported of a text and no comment silences, sorted by place.

    Args:
        findings: the findings.
        text: the text, whose line ends are ``\n``.
        document: its name.
        config: its values, if it can be read.
        relint: how much there is to report of another text; asked where comments silence
            findings, since what moves away from such a comment is silent no more.

    """
    places = Places(text, document)
    fixable = [finding for finding in findings if finding.remedy]
    fixes: dict[int, Fix | None] = {}
    if fixable and config is not None:
        from .mending import Mender  # few files have anything to mend

        fixes = _fixes(fixable, Mender(places, config))
    diagnostics = [
        diagnose(_placed(finding, places), _span(finding, places), fix=fixes.get(id(finding)))
        for finding in findings
    ]
    reported = [Reported(*pair) for pair in zip(findings, diagnostics, strict=True)]
    if MARK in text:
        kept, comments = suppress(diagnostics, places)
        shown = set(map(id, kept))
        reported = [pair for pair in reported if id(pair.diagnostic) in shown]
        reported += [Reported(f, diagnose(f, _span(f, places))) for f in comments]
        reported = [_if_it_still_works(pair, text, len(reported), relint) for pair in reported]
    return tuple(sorted(reported, key=lambda pair: _order(pair.diagnostic)))


def _order(diagnostic: Diagnostic) -> tuple[Any, ...]:
    return diagnostic.file, diagnostic.span, diagnostic.code, diagnostic.message


def _placed(finding: Finding, places: Places) -> Finding:
    """Return a finding with the places of the other keys that it is about."""
    if not finding.related:
        return finding
    related = tuple(
        Related(places.span(other.path, Aim.KEY), f"`{dotted(other.path)}` {other.verb}")
        if isinstance(other, RelatedKey)
        else other
        for other in finding.related
    )
    return replace(finding, related=related)


def _span(finding: Finding, places: Places) -> Span:
    return finding.span or places.span(finding.path, finding.aim)


def _fixes(findings: Sequence[Finding], mender: "Mender") -> dict[int, Fix | None]:
    """Return the fixes by the identity of their findings.

    Each is tried alone, as an editor applies it. Where there are so many that this would take
    long, those that work together are taken to work alone.
    """
    if len(findings) > _MOST_TRIED_ALONE:
        from .mending import largest

        findings = largest(list(findings), mender.works)
        return {id(finding): mender.untried(finding) for finding in findings}
    return {id(finding): mender.fix(finding) for finding in findings}


def _if_it_still_works(
    pair: Reported, text: str, count: int, relint: Callable[[str], int]
) -> Reported:
    """Return what is reported without a fix after which there is as much to report."""
    fix = pair.diagnostic.fix
    if fix is None or relint(apply(text, fix.edits)) < count:
        return pair
    return pair._replace(diagnostic=replace(pair.diagnostic, fix=None))
