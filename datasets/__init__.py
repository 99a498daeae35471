"""Datasets: every row checked, counted and pinned in one pass and constant memory.

It reads files and writes none. It knows nothing of configs and payloads.
"""

from .heads import upload_bytes
from .measured import Measured, Pin, Statistics
from .measuring import measure
from .opening import STDIN, Unreadable, size, unreadable
from .threads import available

__all__ = [
    "STDIN",
    "Measured",
    "Pin",
    "Statistics",
    "Unreadable",
    "available",
    "measure",
    "size",
    "unreadable",
    "upload_bytes",
]
