"""What strangers wrote, in Markdown: names and values in code spans that nothing in them ends."""

from typing import Final

from ..diagnostics import quoted

_ESCAPES: Final = str.maketrans({"`": "\\u0060", "|": "\\u007c"})
LONGEST: Final = 200
"""Characters of a name; the paths that people choose are shorter."""


def code(text: str, longest: int = LONGEST) -> str:
    """Return a text as a code span, where nothing is a link, a mention or a tag.

    A bar or a backtick stands there inside a JSON or TOML string only, or in the name of a
    file, and is written as both of them escape it.

    Args:
        text: the text. It is cut before it is escaped, so that no escape is cut.
        longest: how many of its characters are kept.

    """
    text = clipped(text, longest)
    if not text or not text.isprintable():
        text = quoted(text)
    return "`" + text.translate(_ESCAPES) + "`"


def clipped(text: str, longest: int) -> str:
    """Return a text without its middle where it is too long: the end of a path says most."""
    start = longest // 3
    return text if len(text) <= longest else f"{text[:start]}…{text[start + 1 - longest :]}"
