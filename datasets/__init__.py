"""Datasets: check, count and pin every row in one pass and constant memory.

It only reads files, and is independent of configs and payloads.
"""

from .counting.measured import Measured, Pin, Statistics, Tokens
from .counting.measuring import MOST, measure
from .counting.threads import available
from .reading.heads import upload_bytes
from .reading.opening import STDIN, Unreadable, size, unreadable
from .rows.conversation import ALLOWED_BY_REFERENCE

__all__ = [
    "ALLOWED_BY_REFERENCE",
    "MOST",
    "STDIN",
    "Measured",
    "Pin",
    "Statistics",
    "Tokens",
    "Unreadable",
    "available",
    "measure",
    "size",
    "unreadable",
    "upload_bytes",
]
