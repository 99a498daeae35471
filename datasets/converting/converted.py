"""The result of a conversion, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...diagnostics import Diagnostic, Severity


@dataclass(frozen=True, slots=True)
class Converted:
    """A file that was converted.

    Attributes:
        file: its name.
        source: the format it was in.
        rows: its rows.
        written: how many of them were handed on.
        complete: whether it was read to its end.
        diagnostics: what there is to say, errors first.
        counts: how many findings there are, shown or not.

    """

    file: str
    source: str
    rows: int
    written: int
    complete: bool
    diagnostics: tuple[Diagnostic, ...]
    counts: Mapping[Severity, int]

    @property
    def valid(self) -> bool:
        """Whether there is no error."""
        return not self.counts.get(Severity.ERROR, 0)

    @property
    def unseen(self) -> dict[Severity, int]:
        """How many findings are not shown, by severity."""
        left = dict(self.counts)
        for diagnostic in self.diagnostics:
            left[diagnostic.severity] -= diagnostic.count
        return {severity: count for severity, count in left.items() if count > 0}

    def facts(self) -> dict[str, Any]:
        """Return all but the findings, for JSON."""
        return {
            "file": self.file,
            "from": self.source,
            "rows": self.rows,
            "written": self.written,
            "complete": self.complete,
            "errors": self.counts.get(Severity.ERROR, 0),
            "warnings": self.counts.get(Severity.WARNING, 0),
            "notes": self.counts.get(Severity.NOTE, 0),
        }
