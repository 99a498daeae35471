"""Findings for programs: one JSON object, whose schema is ``findings.schema.json``."""

from collections.abc import Iterable
from typing import Any

import orjson

from ..diagnostics import Diagnostic, Span, encodable


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the diagnostics as a JSON object, in this order, that ends with a newline."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    found = {"format": 1, "findings": [as_object(d) for d in diagnostics]}
    return orjson.dumps(found, option=options).decode()


def as_object(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return one diagnostic as plain values."""
    fix = diagnostic.fix
    many = {"count": diagnostic.count, "lines": list(diagnostic.lines)}
    return {
        "code": diagnostic.code,
        "slug": diagnostic.slug,
        "severity": diagnostic.severity.value,
        "message": encodable(diagnostic.message),
        "file": encodable(diagnostic.file),
        **place(diagnostic.span),
        "path": list(diagnostic.path),
        "hint": diagnostic.hint and encodable(diagnostic.hint),
        "why": diagnostic.why,
        "fix": fix
        and {
            "title": fix.title,
            "safe": fix.safe,
            "edits": [{**place(edit.span), "text": edit.text} for edit in fix.edits],
        },
        "related": [
            {
                "file": encodable(other.span.document),
                **place(other.span),
                "message": encodable(other.message),
            }
            for other in diagnostic.related
        ],
        **(many if diagnostic.count > 1 else {}),
    }


def place(span: Span) -> dict[str, int]:
    """Return a place as plain values; its document is named beside it."""
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
