"""Diagnostics to text: each renderer a file, and none of them prints."""

from .json_list import render as json_list
from .text import render as text

__all__ = ["json_list", "text"]
