"""One line per diagnostic."""

from collections.abc import Iterable

from ..diagnostics import Diagnostic, printable
from .prose import place


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a line for each diagnostic, in this order."""
    return "".join(f"{_line(diagnostic)}\n" for diagnostic in diagnostics)


def _line(diagnostic: Diagnostic) -> str:
    often = f" ({diagnostic.count:,} times)" if diagnostic.count > 1 else ""
    return (
        f"{place(diagnostic.span)}: "
        f"{diagnostic.severity}[{diagnostic.code}]: {printable(diagnostic.message)}{often}"
    )
