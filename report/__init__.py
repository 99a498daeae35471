"""Diagnostics to text: each renderer a file, and none of them prints."""

from . import dataset
from .text import render as text

__all__ = ["dataset", "text"]
