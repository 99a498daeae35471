"""Convert rows of other formats to sftc's; nothing is dropped silently.

It reads files and yields lines; the caller writes them.
"""

from .converted import Converted
from .converting import convert
from .formats import FORMATS

__all__ = ["FORMATS", "Converted", "convert"]
