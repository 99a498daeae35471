"""What a trainer shares with whoever starts or follows it: the job's folder and its journal.

It imports no torch, engine or backend, so that all of them can import it.
"""

from .entries import Entry, JournalError, Kind, curve, read_entries, whole_lines
from .exits import Exit
from .folder import JobFolder

__all__ = [
    "Entry",
    "Exit",
    "JobFolder",
    "JournalError",
    "Kind",
    "curve",
    "read_entries",
    "whole_lines",
]
