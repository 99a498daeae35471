"""Payloads as documents: their fields by name, their format, their bytes, their pins, their reader.

What a payload means is the matter of ``job``.
"""

from .misfits import FORMAT_VERSION, Misfit, misfits
from .pins import dataset_files, kept_pins, pins
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
