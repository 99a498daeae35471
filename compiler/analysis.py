"""The pipeline: a text through the stages, each of which adds to one list of findings.

A config is checked as it is written and as it is meant: with the keys that stand elsewhere, or
under another name, moved home. Findings about the second are reported where the first has them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..diagnostics import Finding, RelatedKey, dotted
from ..job import Rule
from . import lower, placement, shape, source
from .contradictions import contradictions
from .lower import Lowered, Pins
from .placement import Placement


class Analysis(NamedTuple):
    """What is known of a text."""

    text: str
    document: str
    findings: list[Finding]
    config: dict[str, Any] | None = None
    placed: Placement | None = None
    lowered: Lowered | None = None


def analyse(
    text: str | bytes,
    document: str,
    options: Mapping[str, str],
    pins: Pins,
    more: Sequence[Rule] = (),
) -> Analysis:
    """Take a text through the stages.

    The payload is what the config says; what it is checked for is also what the config means.
    """
    text, findings = source.decode(text, document)
    config, findings = (None, findings) if findings else source.parse(text, document)
    if config is None or findings:
        return Analysis(text, document, findings)
    placed = placement.place(config)
    reported = {path for finding in placed.findings for path in finding.settles}

    def lowered_from(values: Mapping[str, Any]) -> tuple[Lowered, list[Finding]]:
        return lower.lower(values, document, reported=reported, options=options).pinned(pins)

    lowered, unpinned = lowered_from(config)
    meant = lowered if placed.meant is config else lowered_from(placed.meant)[0]
    wrong = _wrong(lowered, meant, placed)
    unread = (*lowered.unread, *(f for f in _stood(meant.unread, placed) if f.path not in reported))
    findings = [
        *_together(wrong, unread),
        *placed.findings,
        *contradictions(
            lowered, meant, placed, fits=not wrong and not meant.sets_known_fields, more=more
        ),
        *unpinned,
    ]
    return Analysis(text, document, findings, config, placed, lowered)


def _wrong(lowered: Lowered, meant: Lowered, placed: Placement) -> list[Finding]:
    """Return what no payload can be made of: as the config says it, and as it means it."""
    findings = _stood(shape.check(placed.meant, placed.claimed), placed)
    for job in (lowered, meant) if meant is not lowered else (lowered,):
        found: list[Finding] = []
        if job.sets_known_fields:
            found += shape.check_payload(job.payload, job.key_of)
        for more in (found, job.flaws):
            findings = _together(findings, more if job is lowered else _stood(more, placed))
    return findings


def _stood(findings: Iterable[Finding], placed: Placement) -> list[Finding]:
    """Return findings about the meant config as findings about the written one."""
    return [_moved(finding, placed) for finding in findings] if placed.sources else list(findings)


def _moved(finding: Finding, placed: Placement) -> Finding:
    path, words = placed.source(finding.path), finding.words
    if words.get("key") == dotted(finding.path):
        words = {**words, "key": dotted(path)}
    related = tuple(
        other._replace(path=placed.source(other.path)) if isinstance(other, RelatedKey) else other
        for other in finding.related
    )
    return replace(finding, path=path, words=words, related=related)


def _together(known: Iterable[Finding], more: Iterable[Finding]) -> list[Finding]:
    """Return findings with those that are about values of which nothing is said yet."""
    findings = list(known)
    said = {finding.path for finding in findings}
    for finding in more:
        if not any(finding.path[:length] in said for length in range(len(finding.path) + 1)):
            findings.append(finding)
            said.add(finding.path)
    return findings
