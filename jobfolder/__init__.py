"""What a trainer shares with those who start it and follow it: a job's folder, and its journal.

It knows neither torch nor engines nor backends, so that all of them may import it.
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
