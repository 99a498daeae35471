"""The change of a file as a patch, as ``patch -p0`` and ``git apply -p0`` take it."""

from typing import Final

_ESCAPES: Final = {
    **{ord(char): f"\\{char}" for char in '"\\'},
    **{code: f"\\{letter}" for code, letter in enumerate("abtnvfr", start=7)},
}
_CONTROLS: Final = frozenset((*range(0x20), 0x7F))
_NO_LINE_END: Final = "\n\\ No newline at end of file\n"


def render(before: str, after: str, name: str) -> str:
    """Return a patch that makes one text of a file another; empty if they are the same."""
    from difflib import unified_diff  # few runs show a patch

    hunks = list(unified_diff(_lines(before), _lines(after)))[2:]
    if not hunks:
        return ""
    quoted = _quoted(name)
    ended = (line if line.endswith("\n") else line + _NO_LINE_END for line in hunks)
    return f"--- {quoted}\n+++ {quoted}\n{''.join(ended)}"


def _lines(text: str) -> list[str]:
    """Return the lines with their ends, which are LF alone: to patch, all else is text."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _quoted(name: str) -> str:
    """Return the name of a file as git writes it: between quotes where it has to be."""
    raw = name.encode("utf-8", "surrogateescape")
    if not any(byte in _CONTROLS or byte in b'"\\' for byte in raw):
        return f"{name}\t" if " " in name else name  # the tab ends a name with spaces
    return f'"{"".join(map(_byte, raw))}"'


def _byte(byte: int) -> str:
    plain = byte not in _CONTROLS and byte < 0x80  # noqa: PLR2004 - ASCII
    return _ESCAPES.get(byte) or (chr(byte) if plain else f"\\{byte:03o}")
