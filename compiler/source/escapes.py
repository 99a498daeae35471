r"""Backslashes in strings that are not meant as escapes: nearly always a path of Windows."""

import re
from typing import Final

from .slips import Cause, shown

_PATH: Final = re.compile(r"[A-Za-z]:\\|\\\\|\.{1,2}\\")
_DIGITS: Final = {"x": "two", "u": "four", "U": "eight"}


def wrong_escape(text: str, offset: int, opening: int) -> Cause:
    """Return the cause of an escape that the reader refuses.

    Args:
        text: the text.
        offset: where the reader stopped, behind the backslash.
        opening: where the quotes open.

    """
    start = text.rfind("\\", 0, offset)
    escape = text[start : start + 2]
    content, quote = _content(text, opening)
    if is_windows_path(content):
        literal = f"{quote}{content}{quote}"
        where = f": `{literal}`" if literal == shown(literal) else ""
        hint = f"write the path in single quotes{where}, or with `/`"
        return Cause(f"`{escape}` starts an escape in double quotes", hint, start, start + 2)
    hint = "double the backslash, or use single quotes: `'C:\\data'`"
    if escape[1:] not in _DIGITS:
        return Cause(f"`{escape}` is not an escape", hint, start, start + 2)
    if offset > start + 2:  # all of its digits were read
        problem = f"`{text[start:offset]}` is not a Unicode character"
        return Cause(problem, hint, start, offset)
    problem = f"`{escape}` needs {_DIGITS[escape[1]]} hexadecimal digits"
    return Cause(problem, hint, start, start + 2)


def is_windows_path(content: str) -> bool:
    """Whether a string begins as paths on Windows do."""
    return bool(_PATH.match(content))


def _content(text: str, opening: int) -> tuple[str, str]:
    """Return what stands between the quotes, as far as its line goes, and quotes to write."""
    quotes = '"""' if text.startswith('"""', opening) else '"'
    line = text[opening + len(quotes) :].partition("\n")[0]
    return line.partition(quotes)[0], "'" * len(quotes)
