"""Compare the rows of two files by content: what they share, and how they differ.

It validates no rows and keeps only a few bytes of each; rows to display are read again.
"""

from .difference import Difference, compare
from .near import near_duplicates
from .shared import overlap

__all__ = ["Difference", "compare", "near_duplicates", "overlap"]
