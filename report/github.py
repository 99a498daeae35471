"""For GitHub Actions: workflow commands, which show up beside the lines of a pull request."""

from collections.abc import Iterable
from typing import Final

from ..diagnostics import Diagnostic, Severity, printable
from .prose import how_often, place

_COMMANDS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a workflow command for each diagnostic, in this order."""
    return "".join(f"{_command(diagnostic)}\n" for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    properties = {
        "file": printable(diagnostic.file),
        "line": span.line,
        "endLine": span.end_line,
        "col": span.column,
        "endColumn": span.end_column,
        "title": f"{diagnostic.code} {diagnostic.slug}",
    }
    if span.end_line != span.line:  # GitHub takes columns within one line only
        del properties["col"], properties["endColumn"]
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    often = how_often(diagnostic)
    parts = [*filter(None, (diagnostic.message, often, diagnostic.hint, diagnostic.why))]
    parts += [f"{place(other.span)}: {other.message}" for other in diagnostic.related]
    message = "\n".join(map(printable, parts))
    return f"::{_COMMANDS[diagnostic.severity]} {listed}::{_data(message)}"


def _data(text: str) -> str:
    """Escape a message as the Actions toolkit does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape the value of a property as the Actions toolkit does."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
