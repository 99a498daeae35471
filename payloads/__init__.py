"""Payloads as documents: named fields, format, bytes, pins and the reader.

``job`` interprets them.
"""

from typing import TYPE_CHECKING, Any

from .misfits import FORMAT_VERSION, Misfit, misfits
from .pins import dataset_files, kept_pins, pins

if TYPE_CHECKING:
    from .reading import LARGEST, Payload, UnreadableError, decoded, parsed, read

__all__ = [
    "FORMAT_VERSION",
    "LARGEST",
    "Misfit",
    "Payload",
    "UnreadableError",
    "dataset_files",
    "decoded",
    "kept_pins",
    "misfits",
    "parsed",
    "pins",
    "read",
]


def __getattr__(name: str) -> Any:
    """Import the reader when it is asked for: a compiler writes payloads, and reads none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import reading

    return getattr(reading, name)
