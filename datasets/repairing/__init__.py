"""Repair datasets where that is safe: no row is dropped, and none changes its meaning.

It reads files and yields bytes; the caller writes them.
"""

from .repairing import Fixed, fix
from .repairs import KINDS, Repair

__all__ = ["KINDS", "Fixed", "Repair", "fix"]
