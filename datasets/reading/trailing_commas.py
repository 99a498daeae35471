"""Commas between a value and a closing bracket, which people leave and JSON does not allow."""

import re
from typing import Final

_COMMA: Final = re.compile(
    r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'  # a text, of which the end may not have been read yet
    r"|(?<=[^\s,:\[{])\s*+(,)(?=\s*+[}\]])",
    re.DOTALL,
)


def trailing_commas(text: str, start: int = 0) -> list[int]:
    """Return where commas stand between a value and a closing bracket, outside of texts."""
    return [match.start(1) for match in _COMMA.finditer(text, start) if match[1]]


def without(text: str, places: list[int]) -> str:
    """Return a text without the characters at these places."""
    starts = [0, *(place + 1 for place in places)]
    return "".join(text[start:end] for start, end in zip(starts, [*places, None], strict=True))
