"""What every part of sftc reports with: findings, diagnostics, places, and the codes.

Nothing here prints, reads files, or knows what is being checked.
"""

from .catalogue import CODES, Code
from .finding import Aim, Finding, Remedy
from .model import Diagnostic, Edit, Fix, Severity, Span
from .words import (
    KeyPath,
    dotted,
    in_table,
    key_text,
    quoted,
    table_text,
    type_text,
    value_text,
)

__all__ = [
    "CODES",
    "Aim",
    "Code",
    "Diagnostic",
    "Edit",
    "Finding",
    "Fix",
    "KeyPath",
    "Remedy",
    "Severity",
    "Span",
    "dotted",
    "in_table",
    "key_text",
    "quoted",
    "table_text",
    "type_text",
    "value_text",
]
