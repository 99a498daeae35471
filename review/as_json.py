"""Comparisons for programs: one JSON object, whose schema is ``diff.schema.json``."""

from collections.abc import Iterable
from typing import Any

from ..compiler.inspection import FromConfig, FromDefault, FromOption
from ..diagnostics import Span
from ..diagnostics.pointers import pointer
from ..job import Quantity
from ..report import json_findings
from .changes import ABSENT
from .comparison import Comparison, Field
from .side import Source


def render(comparisons: Iterable[Comparison]) -> str:
    """Return comparisons as a JSON object, in this order, that ends with a newline."""
    return dumps({"format": 1, "comparisons": [_object(found) for found in comparisons]})


def dumps(value: Any) -> str:
    """Return plain values as indented JSON; integers may have any length."""
    import json

    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def source_object(source: Source) -> dict[str, Any]:
    """Return where a value comes from as plain values."""
    match source.origin:
        case FromConfig(path):
            return {"from": "config", "file": source.file, "path": list(path), **place(source.span)}
        case FromDefault(schema, at):
            return {"from": "default", "schema": schema, "pointer": at}
        case FromOption(option):
            return {"from": "option", "option": option}
        case None:
            return {"from": "payload", "file": source.file}


def place(span: Span | None) -> dict[str, int]:
    """Return a stretch of text as plain values: 1-based, the end exclusive."""
    return json_findings.place(span) if span else {}


def _object(comparison: Comparison) -> dict[str, Any]:
    return {
        "old": comparison.old.name if comparison.old else None,
        "new": comparison.new.name if comparison.new else None,
        "moved": comparison.moved and comparison.moved.kind,
        "fields": [_field(field) for field in comparison.fields],
        "effects": [
            {"name": e.name, "before": _quantity(e.before), "after": _quantity(e.after)}
            for e in comparison.effects
        ],
        "patch": comparison.patch,
        "texts": {name: list(lines) for name, lines in comparison.texts.items()},
        "notes": [*comparison.notes, *(f"{d.code}: {d.message}" for d in comparison.broken)],
    }


def _field(field: Field) -> dict[str, Any]:
    change = field.change
    found: dict[str, Any] = {"pointer": pointer(change.path)}
    for name, value, source in (
        ("before", change.before, field.old),
        ("after", change.after, field.new),
    ):
        if value is not ABSENT and source is not None:
            found[name] = {"value": value, "source": source_object(source)}
    return found


def _quantity(quantity: Quantity | None) -> dict[str, Any] | None:
    return quantity and {"value": quantity.value, "how": quantity.how}
