"""Datasets: every row checked, counted and pinned in one pass and constant memory.

It reads files and writes none. It knows nothing of configs and payloads.
"""

from .counting.measured import Measured, Pin, Statistics
from .counting.measuring import measure
from .counting.report import errors_first
from .counting.threads import available
from .reading.heads import upload_bytes
from .reading.opening import STDIN, Unreadable, size, unreadable
from .rows.validating import ALLOWED_BY_REFERENCE

__all__ = [
    "ALLOWED_BY_REFERENCE",
    "STDIN",
    "Measured",
    "Pin",
    "Statistics",
    "Unreadable",
    "available",
    "errors_first",
    "measure",
    "size",
    "unreadable",
    "upload_bytes",
]
