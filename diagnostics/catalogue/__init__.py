"""The catalogue: every code that sftc can report, with its words, its page and its examples.

Ranges: 0xx reading TOML, 1xx shape, 2xx cross-field, 3xx forwarding, 4xx datasets,
5xx submitting. A code never changes its meaning, and is never used again.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..code import Code
from . import cross_field, datasets, forwarding, placement, reading, shape

CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {
        entry.code: entry
        for part in (reading, shape, cross_field, placement, forwarding, datasets)
        for entry in part.CODES
    }
)
"""Every code, in the order of the numbers."""

__all__ = ["CODES", "Code"]
