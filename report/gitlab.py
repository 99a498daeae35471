"""For GitLab: a Code Quality report, which shows findings in a merge request.

GitLab compares the reports of two branches by fingerprint, so a fingerprint must not change when
lines move. https://docs.gitlab.com/ci/testing/code_quality/ has the format, a part of Code
Climate's.
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final

import orjson

from ..diagnostics import Diagnostic, Severity, Span, printable
from .prose import path, sentences

_SEVERITIES: Final = {
    Severity.ERROR: "critical",
    Severity.WARNING: "minor",
    Severity.NOTE: "info",
}


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a Code Quality report of the diagnostics, in this order."""
    seen: Counter[str] = Counter()
    issues = [_issue(diagnostic, seen) for diagnostic in diagnostics]
    return orjson.dumps(issues, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _issue(diagnostic: Diagnostic, seen: Counter[str]) -> dict[str, Any]:
    issue: dict[str, Any] = {
        "description": printable(sentences(diagnostic)),
        "check_name": f"{diagnostic.code} {diagnostic.slug}",
        "fingerprint": _fingerprint(diagnostic, seen),
        "severity": _SEVERITIES[diagnostic.severity],
        "location": _location(diagnostic.span),
    }
    if diagnostic.related:
        issue["other_locations"] = [_location(other.span) for other in diagnostic.related]
    return issue


def _fingerprint(diagnostic: Diagnostic, seen: Counter[str]) -> str:
    """Return a digest of what is found and at which key; the same again is numbered."""
    about = [*map(str, diagnostic.path)] or [diagnostic.message]
    identity = "\0".join((diagnostic.code, path(diagnostic.file), *about))
    seen[identity] += 1
    return sha256(f"{identity}\0{seen[identity]}".encode("utf-8", "surrogatepass")).hexdigest()


def _location(span: Span) -> dict[str, Any]:
    return {
        "path": printable(path(span.document)),
        "lines": {"begin": span.line, "end": span.end_line},
    }
