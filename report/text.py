"""For people at a terminal: message, source line, caret, hint, why, fix; then a summary."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from ..diagnostics import Diagnostic, Excerpt, Related, Severity, Span, printable
from ..diagnostics.lines import Lines
from .prose import how_often
from .prose import place as at

_COLOURS: Final = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_TAB: Final = "    "
_ADDRESS: Final = "://"
"""In what a finding is about that is no file and has no lines: a backend."""
_WIDEST: Final = 160
"""Columns of a source line that are shown; a 1 MB line is not."""


class _Ink:
    """ANSI colours, or none."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour and text else text


def render(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], *, colour: bool = False
) -> str:
    """Return the diagnostics as text that ends with a newline; empty if there are none.

    Args:
        diagnostics: what to show, in this order.
        sources: the texts of the files, by the names that the diagnostics give them; a file
            that is not here is shown without its lines.
        colour: whether to use ANSI colours.

    """
    ink = _Ink(colour=colour)
    shown = list(diagnostics)
    files = {diagnostic.file for diagnostic in shown} & sources.keys()
    lines = {name: Lines(sources[name], name) for name in files}
    blocks = [_block(diagnostic, lines.get(diagnostic.file), ink) for diagnostic in shown]
    return "".join(f"{block}\n" for block in blocks) + (f"{summary(shown)}\n" if shown else "")


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the counts by severity, e.g. ``2 errors, 1 warning``."""
    counts: Counter[Severity] = Counter()
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += diagnostic.count
    return ", ".join(
        f"{counts[severity]:,} {severity}{'s' if counts[severity] > 1 else ''}"
        for severity in Severity
        if counts[severity]
    )


def _block(diagnostic: Diagnostic, lines: Lines | None, ink: _Ink) -> str:
    span = diagnostic.span
    label = ink(f"{diagnostic.severity}[{diagnostic.code}]", f"1;{_COLOURS[diagnostic.severity]}")
    place = "" if _ADDRESS in diagnostic.file else f"{span.line}:{span.column}:"
    place = ink(f"{printable(diagnostic.file)}:{place}", "1")
    block = f"{place} {label}: {printable(diagnostic.message)}\n"
    gutter = "  "
    hint = printable(diagnostic.hint or "")
    part = diagnostic.excerpt
    if lines and not part:
        part = Excerpt(lines.line(span.line), 1, goes_on=False)
    if part and part.text.strip():
        gutter = " " * (len(str(span.line)) + 3)
        shown, before, marked = _excerpt(part, span)
        caret = ink("^" * marked, _COLOURS[diagnostic.severity])
        block += f"  {ink(str(span.line), '1;34')} {ink('|', '1;34')} {shown}\n"
        block += f"{gutter}{ink('|', '1;34')} {' ' * before}{caret}{f' {hint}' if hint else ''}\n"
    elif hint:
        block += f"{gutter}{ink('=', '1;34')} {hint}\n"
    notes = [often] if (often := how_often(diagnostic)) else []
    notes += [_elsewhere(other) for other in diagnostic.related if _line(other.span) != _line(span)]
    if diagnostic.why:
        notes.append(printable(diagnostic.why))
    if diagnostic.fix:
        unsafe = "" if diagnostic.fix.safe else "--unsafe-fixes "
        notes.append(f"fix: sftc lint --fix {unsafe}{_argument(diagnostic.file)}")
    block += "".join(f"{gutter}{ink('=', '1;34')} {note}\n" for note in notes)
    return block


def _elsewhere(other: Related) -> str:
    """Return another place that a finding is about, as terminals open it."""
    return f"{at(other.span)}: {printable(other.message)}"


def _line(span: Span) -> tuple[str, int]:
    return span.document, span.line


def _argument(file: str) -> str:
    """Return a file name as a shell takes it."""
    from shlex import quote  # few findings have a fix

    return printable(quote(file))


def _excerpt(part: Excerpt, span: Span) -> tuple[str, int, int]:
    """Return a line as it is shown, the columns before the caret, and the caret's columns."""
    line = part.text
    start = span.column - part.column
    end = span.end_column - part.column if span.end_line == span.line else len(line.rstrip())
    cut = max(0, start - _WIDEST // 2)
    head = "…" if cut or part.column > 1 else ""
    tail = "…" if part.goes_on or len(line) > cut + _WIDEST else ""
    end = min(max(end, start + 1), cut + _WIDEST, max(len(line), start + 1))
    before = _width(head + _visible(line[cut:start]))
    marked = _width(_visible(line[start:end]))
    return head + _visible(line[cut : cut + _WIDEST]) + tail, before, max(marked, 1)


def _visible(text: str) -> str:
    r"""Return a text with tabs as spaces, and a picture for each other control character."""
    text = text.replace("\t", _TAB)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    # Imported here because most lines are ASCII.
    from rich.cells import cell_len

    return cell_len(text)
