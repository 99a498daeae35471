"""Diagnostics to text: each renderer a file, and none of them prints."""

from .text import render as text

__all__ = ["text"]
