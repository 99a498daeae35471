"""Comments that silence findings: ``# sftc: ignore[SFT204]``.

At the end of a key's line it holds for that line; on a line of its own above a table's header
it holds for what stands below the header. One that silences nothing is reported itself.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ..diagnostics import Diagnostic, Finding, Severity, Span
from ..diagnostics.catalogue import CODES
from .source.places import Places

MARK: Final = "sftc:"
_COMMENT: Final = re.compile(r"#\s*sftc:\s*ignore\b(?:\[([^\]]*)\])?")
_CODE: Final = re.compile(r"[^\s,]+")
_NEVER: Final = ("SFT0", "SFT1", "SFT3")
"""Ranges whose errors leave nothing to compile."""


@dataclass(slots=True)
class _Suppression:
    """One code in one comment.

    Attributes:
        code: what it names.
        span: where it names it.
        first: the first line that it holds for.
        last: the last.
        used: whether it has silenced anything.

    """

    code: str
    span: Span
    first: int
    last: int
    used: bool = field(default=False)


def suppress(
    diagnostics: Iterable[Diagnostic], places: Places
) -> tuple[list[Diagnostic], list[Finding]]:
    """Return the diagnostics that are not silenced, and what is wrong with the comments."""
    suppressions, findings = [], []
    for suppression in _suppressions(places):
        problem = _problem(suppression.code)
        if problem:
            words = {"problem": problem}
            findings.append(Finding("SFT010", words=words, span=suppression.span))
        else:
            suppressions.append(suppression)
    kept = [d for d in diagnostics if not _silenced(d, suppressions)]
    for suppression in suppressions:
        if not suppression.used:
            words = {"code": suppression.code}
            findings.append(Finding("SFT011", words=words, span=suppression.span))
    return kept, findings


def _problem(code: str) -> str | None:
    if not code:
        return "the suppression names no code; write `# sftc: ignore[SFT…]`"
    if code not in CODES:
        return f"the suppression names `{code}`, which is no code"
    if CODES[code].severity is Severity.ERROR and code.startswith(_NEVER):
        return f"{code} cannot be suppressed: there would be nothing to compile"
    return None


def _silenced(diagnostic: Diagnostic, suppressions: list[_Suppression]) -> bool:
    hit = [
        suppression
        for suppression in suppressions
        if suppression.code == diagnostic.code
        and suppression.first <= diagnostic.span.line <= suppression.last
    ]
    for suppression in hit:
        suppression.used = True
    return bool(hit)


def _suppressions(places: Places) -> Iterator[_Suppression]:
    for start, end in places.comments:
        match = _COMMENT.match(places.text, start, end)
        if not match:
            continue
        first, last = _scope(places, start)
        codes = list(_CODE.finditer(match[1] or ""))
        if not codes:
            yield _Suppression("", places.lines.span(start, match.end()), first, last)
        for code in codes:
            at = match.start(1) + code.start()
            span = places.lines.span(at, at + len(code[0]))
            yield _Suppression(code[0], span, first, last)


def _scope(places: Places, start: int) -> tuple[int, int]:
    """Return the first and the last line that a comment holds for."""
    line = places.lines.span(start, start).line
    if places.lines.line(line)[: places.lines.span(start, start).column - 1].strip():
        statements = (places.lines.span(*stretch) for stretch in places.statements.values())
        return next(((s.line, s.end_line) for s in statements if s.end_line == line), (line, line))
    below = line + 1
    while places.lines.line(below).lstrip().startswith("#"):
        below += 1
    headers = sorted(places.lines.span(*stretch).line for stretch in places.headers.values())
    if below not in headers:
        return line, line
    following = [other for other in headers if other > below]
    return below, (following[0] - 1 if following else len(places.lines))
