"""Rows of other formats made into ours, losing nothing in silence.

It reads files and hands on lines; where they go, the caller says.
"""

from .converted import Converted
from .converting import convert
from .formats import FORMATS

__all__ = ["FORMATS", "Converted", "convert"]
