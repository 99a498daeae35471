"""What was changed in a file: a count for each kind, and the first lines."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..rows.conversation import CALLS, CONTENT, ROLES
from ..rows.grouping import LINES

UTF16, MARK, LINE_ENDS, ARRAY = "utf-16", "byte-order-mark", "line-ends", "array"
COMMAS = "trailing-commas"

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    UTF16: ("UTF-16 file converted to UTF-8", "UTF-16 files converted to UTF-8"),
    MARK: ("byte-order mark removed", "byte-order marks removed"),
    LINE_ENDS: ("CRLF replaced by LF", "CRLFs replaced by LF"),
    ARRAY: ("array element written on its own line", "array elements written on their own lines"),
    COMMAS: ("trailing comma removed", "trailing commas removed"),
    CONTENT: ("key renamed to `content`", "keys renamed to `content`"),
    CALLS: ("row with legacy functions converted", "rows with legacy functions converted"),
    ROLES: ("role corrected", "roles corrected"),
}
"""The kinds of changes: what is said of one, and of many."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Repairs of one kind.

    Attributes:
        kind: a key of ``KINDS``.
        count: how many there are.
        lines: the first 1-based lines of the source that they are in.

    """

    kind: str
    count: int
    lines: tuple[int, ...]

    def facts(self) -> dict[str, Any]:
        """Return the change as plain values."""
        return {"kind": self.kind, "count": self.count, "lines": list(self.lines)}

    @property
    def said(self) -> str:
        """What was changed, in words."""
        one, many = KINDS[self.kind]
        return f"{self.count:,} {one if self.count == 1 else many}"


@dataclass(frozen=True, slots=True)
class Legacy:
    """Rows that keep legacy functions, calls or answers.

    Attributes:
        count: how many there are.
        lines: the first 1-based lines of the source that they are in.
        reason: why the first of them does.

    """

    count: int
    lines: tuple[int, ...]
    reason: str

    def facts(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"count": self.count, "lines": list(self.lines), "reason": self.reason}


class Repairs:
    """The changes of a file so far, and what is left."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(KINDS, 0)
        self._lines: dict[str, list[int]] = {kind: [] for kind in KINDS}
        self._sources: Counter[str] = Counter()
        self.legacy: Legacy | None = None

    def note(self, kind: str, line: int, count: int = 1) -> None:
        """Add changes in a 0-based line."""
        self._counts[kind] += count
        lines = self._lines[kind]
        if len(lines) < LINES and line + 1 not in lines:
            lines.append(line + 1)

    def leave(self, line: int, reason: str) -> None:
        """Add a row, in a 0-based line, whose legacy functions or calls are left."""
        left = self.legacy or Legacy(0, (), reason)
        lines = (*left.lines, line + 1)[:LINES]
        self.legacy = replace(left, count=left.count + 1, lines=lines)

    def of_format(self, source: str) -> None:
        """Count a row of another format."""
        self._sources[source] += 1

    def source(self, rows: int) -> str | None:
        """Return the other format that more than half of the rows are in."""
        most = self._sources.most_common(1)
        return most[0][0] if most and 2 * most[0][1] > rows else None

    def all(self) -> tuple[Repair, ...]:
        """Return the kinds that there are."""
        return tuple(
            Repair(kind, count, tuple(self._lines[kind]))
            for kind, count in self._counts.items()
            if count
        )
