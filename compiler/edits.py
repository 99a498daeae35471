"""Applies edits to a text."""

from collections.abc import Iterable

from ..diagnostics import Edit
from ..diagnostics.lines import Lines


def apply(text: str, edits: Iterable[Edit]) -> str:
    r"""Return a text after edits that do not overlap; line ends stay ``\r\n`` where they are."""
    lines = Lines(text, "")
    line_end = "\r\n" if "\r\n" in text else "\n"
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        pieces.append(text[at : lines.offset(edit.span.line, edit.span.column)])
        pieces.append(edit.text.replace("\n", line_end))
        at = lines.offset(edit.span.end_line, edit.span.end_column)
    return "".join((*pieces, text[at:]))
