"""Comments that silence findings: ``# sftc: ignore[SFT204]``.

At the end of a key's line it holds for that line; on a line of its own above a table's header
it holds for what stands below the header. One that silences nothing is reported itself.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from ..diagnostics import Diagnostic, Finding, Severity, Span, codes
from ..diagnostics.catalogue import CODES
from ..diagnostics.codes import INDISPENSABLE
from ..diagnostics.toml_places import Places

MARK: Final = "sftc:"
_COMMENT: Final = re.compile(r"#\s*sftc:\s*ignore\b(?:\[([^\]]*)\])?")
_CODE: Final = re.compile(r"[^\s,]+")

_Scope: TypeAlias = tuple[int, int]
"""The first and the last line that a suppression holds for."""


class _Suppression(NamedTuple):
    """One code in one comment: what it names, where, and for which lines."""

    code: str
    span: Span
    scope: _Scope


def suppress(
    diagnostics: Iterable[Diagnostic], places: Places
) -> tuple[list[Diagnostic], list[Finding]]:
    """Return the diagnostics that are not silenced, and what is wrong with the comments."""
    scopes = _Scopes(places)
    suppressions, findings = [], []
    for suppression in _suppressions(places, scopes):
        problem = _problem(suppression.code)
        if problem:
            words = {"problem": problem}
            findings.append(Finding(codes.UNKNOWN_SUPPRESSION, words=words, span=suppression.span))
        else:
            suppressions.append(suppression)
    wanted = {(suppression.code, suppression.scope) for suppression in suppressions}
    used: set[tuple[str, _Scope]] = set()
    kept = []
    for diagnostic in diagnostics:
        around = scopes.around(diagnostic.span.line)
        hit = wanted.intersection((diagnostic.code, scope) for scope in around)
        used |= hit
        if not hit:
            kept.append(diagnostic)
    for suppression in suppressions:
        # Else nobody knows whether it is used: no lint compiles for other systems.
        unasked = (*codes.OPTIONAL, *codes.OF_FILES, codes.OF_TARGETS)
        asked = not suppression.code.startswith(unasked)
        if asked and (suppression.code, suppression.scope) not in used:
            words = {"code": suppression.code}
            findings.append(Finding(codes.UNUSED_SUPPRESSION, words=words, span=suppression.span))
    return kept, findings


def _problem(code: str) -> str | None:
    if not code:
        return "the suppression names no code; write `# sftc: ignore[SFT…]`"
    if code not in CODES:
        return f"the suppression names `{code}`, which is not a code"
    if CODES[code].severity is Severity.ERROR and code.startswith(INDISPENSABLE):
        return f"{code} cannot be suppressed: there would be nothing to compile"
    return None


def _suppressions(places: Places, scopes: "_Scopes") -> Iterator[_Suppression]:
    for start, end in places.comments:
        match = _COMMENT.match(places.text, start, end)
        if not match:
            continue
        scope = scopes.of_comment(places.lines.span(start, start).line)
        codes = list(_CODE.finditer(match[1] or ""))
        if not codes:
            yield _Suppression("", places.lines.span(start, match.end()), scope)
        for code in codes:
            at = match.start(1) + code.start()
            yield _Suppression(code[0], places.lines.span(at, at + len(code[0])), scope)


class _Scopes:
    """The stretches of lines that a comment can hold for: a line, a key's value, a table.

    Of each kind, no two overlap; so a line is in three of them at most.
    """

    def __init__(self, places: Places) -> None:
        spans = [places.lines.span(*stretch) for stretch in places.statements.values()]
        self._statements = sorted({(span.line, span.end_line) for span in spans})
        self._by_last_line = {last: (first, last) for first, last in self._statements}
        starts = sorted({places.lines.span(*at).line for at in places.headers.values()})
        ends = [*(start - 1 for start in starts[1:]), len(places.lines)]
        self._tables = list(zip(starts, ends, strict=False))
        self._by_first_line = {first: (first, last) for first, last in self._tables}
        self._below = _lines_below(places)

    def of_comment(self, line: int) -> _Scope:
        """Return what a comment on a line holds for."""
        if line not in self._below:  # behind a key or a value
            return self._by_last_line.get(line, (line, line))
        return self._by_first_line.get(self._below[line], (line, line))

    def around(self, line: int) -> set[_Scope]:
        """Return what a line is in."""
        found = {(line, line)}
        for scopes in (self._statements, self._tables):
            index = bisect_right(scopes, line, key=lambda scope: scope[0]) - 1
            if index >= 0 and line <= scopes[index][1]:
                found.add(scopes[index])
        return found


def _lines_below(places: Places) -> dict[int, int]:
    """Return, by the line of each comment that stands alone, the line below its block."""
    below: dict[int, int] = {}
    for start, _ in reversed(places.comments):
        line = places.lines.span(start, start).line
        if not places.text[places.text.rfind("\n", 0, start) + 1 : start].strip():
            below[line] = below.get(line + 1, line + 1)
    return below
