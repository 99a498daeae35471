"""Files of rows repaired where that is safe: no row is dropped, and none teaches anything else.

It reads files and hands on bytes; where they go, the caller says.
"""

from .repairing import Fixed, fix
from .repairs import KINDS, Repair

__all__ = ["KINDS", "Fixed", "Repair", "fix"]
