"""Rows of two files compared, by content: what they share, and how they differ.

It judges no rows, and keeps of each a few bytes: what is shown of a row is read again.
"""

from .difference import Difference, compare
from .near import near_duplicates
from .shared import overlap

__all__ = ["Difference", "compare", "near_duplicates", "overlap"]
