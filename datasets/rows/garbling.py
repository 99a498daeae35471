"""Texts whose bytes were decoded wrongly on their way into a dataset.

What counts is stated in ``_accelerator.c`` as well, which leaves rows with such a text to Python.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ...diagnostics import Finding, KeyPath, codes, quoted
from .explaining import named

_GARBLED: Final = re.compile("[\u00c2\u00c3][\u0080-\u00bf]|\u00e2[\u0080\u20ac]|\ufeff")
"""UTF-8 that was read as Latin-1 or as Windows' code page 1252, or a byte-order mark."""
_AROUND: Final = 3
"""Characters that are shown around what is garbled."""


def garbled(content: Any, path: KeyPath) -> Iterator[Finding]:
    """Yield a finding for the first garbled text of a content, which stands at a path."""
    for text, where in _texts(content, path):
        if text.isascii():
            continue
        match = _GARBLED.search(text)
        if match:
            start, stop = match.span()
            shown = quoted(text[max(start - _AROUND, 0) : stop + _AROUND])
            yield Finding(codes.GARBLED_TEXT, where, {"what": named(where), "found": shown})
            return


def _texts(content: Any, path: KeyPath) -> Iterator[tuple[str, KeyPath]]:
    match content:
        case str():
            yield content, path
        case {"text": str(text)}:
            yield text, (*path, "text")
        case list():
            for index, part in enumerate(content):
                if not isinstance(part, list):
                    yield from _texts(part, (*path, index))
