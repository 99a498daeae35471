"""How every part of sftc reports: findings, diagnostics, locations and codes.

Nothing here prints, reads files, or depends on what is checked. The catalogue of codes is in
``diagnostics.catalogue``, apart, because a good config needs none of it.
"""

from .finding import Aim, Finding, RelatedKey, Remedy
from .invalid import InvalidInputError
from .model import Diagnostic, Edit, Excerpt, Fix, Related, Severity, Span
from .words import (
    KeyPath,
    dotted,
    encodable,
    in_table,
    key_text,
    printable,
    quoted,
    table_text,
    type_text,
    value_text,
)

__all__ = [
    "Aim",
    "Diagnostic",
    "Edit",
    "Excerpt",
    "Finding",
    "Fix",
    "InvalidInputError",
    "KeyPath",
    "Related",
    "RelatedKey",
    "Remedy",
    "Severity",
    "Span",
    "dotted",
    "encodable",
    "in_table",
    "key_text",
    "printable",
    "quoted",
    "table_text",
    "type_text",
    "value_text",
]
