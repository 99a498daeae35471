"""Findings of datasets as the tests of conversions write them down."""

from typing import Any

from sftc.diagnostics import Diagnostic


def said(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return what a finding says, and where."""
    place = f"{diagnostic.span.line}:{diagnostic.span.column}"
    found: dict[str, Any] = {"code": diagnostic.code, "severity": diagnostic.severity, "at": place}
    found |= {"path": list(diagnostic.path), "message": diagnostic.message}
    found |= {"hint": diagnostic.hint} if diagnostic.hint else {}
    many = {"count": diagnostic.count, "lines": list(diagnostic.lines)}
    return found | (many if diagnostic.count > 1 else {})
