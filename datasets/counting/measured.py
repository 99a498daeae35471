"""The frozen values that measuring a dataset gives."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from types import MappingProxyType
from typing import Any

from ...diagnostics import Diagnostic, Severity


@dataclass(frozen=True, slots=True)
class Pin:
    """The identity of the bytes that are uploaded.

    Attributes:
        sha256: their SHA-256 digest, in lowercase hex.
        bytes: how many they are.
        examples: how many rows they hold.
        head: only this many first rows of the file were asked for; None: all of them.

    """

    sha256: str
    bytes: int
    examples: int
    head: int | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What good rows hold.

    Attributes:
        roles: messages by role, the most frequent first.
        tools: rows with tools.
        images: rows with images.
        reasoning: rows with reasoning.
        shortest: characters of the shortest row, good or not.
        median: of the row in the middle; to one part in a thousand if very many lengths occur.
        longest: of the longest row.
        histogram: rows whose length is below each power of two and not below the one before.

    """

    roles: Mapping[str, int]
    tools: int
    images: int
    reasoning: int
    shortest: int
    median: int
    longest: int
    histogram: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a dataset is.

    Attributes:
        file: its name as it was given.
        rows: how many lines are not blank.
        bytes: how many would be uploaded; of a compressed file, the decompressed ones.
        sha256: the digest of these bytes; None if they could not all be read.
        statistics: what the rows hold.
        diagnostics: the first findings of each severity, errors first, by line; equal ones of
            many rows are one.
        counts: how many findings there are by severity, those that are not among the
            diagnostics included.
        head: only this many first rows were asked for; None: all of them.

    """

    file: str
    rows: int
    bytes: int
    sha256: str | None
    statistics: Statistics
    diagnostics: tuple[Diagnostic, ...]
    counts: Mapping[Severity, int]
    head: int | None = None

    @property
    def valid(self) -> bool:
        """Whether there is no error; warnings are allowed."""
        return not self.counts.get(Severity.ERROR)

    @property
    def unseen(self) -> Mapping[Severity, int]:
        """How many findings are not among the diagnostics, by severity."""
        unseen = Counter(self.counts)
        for diagnostic in self.diagnostics:
            unseen[diagnostic.severity] -= diagnostic.count
        return {severity: unseen[severity] for severity in Severity if unseen[severity]}

    def also(
        self,
        found: Iterable[Diagnostic],
        unseen: Mapping[Severity, int] = MappingProxyType({}),
        *,
        most: int | None = None,
    ) -> "Measured":
        """Return the same with what another pass found: errors first, by line.

        Args:
            found: its findings.
            unseen: how many it has besides, by severity.
            most: how many findings of each severity to keep; None: all.

        """
        counts = Counter(self.counts) + Counter(unseen)
        kept: dict[Severity, list[Diagnostic]] = {severity: [] for severity in Severity}
        for diagnostic in self.diagnostics:
            kept[diagnostic.severity].append(diagnostic)
        for diagnostic in found:
            counts[diagnostic.severity] += diagnostic.count
            kept[diagnostic.severity].append(diagnostic)
        by_line = (sorted(each, key=lambda one: one.span.line)[:most] for each in kept.values())
        return replace(self, diagnostics=tuple(chain.from_iterable(by_line)), counts=counts)

    def facts(self) -> dict[str, Any]:
        """Return all but the diagnostics as plain values, in the form of ``sftc data``'s JSON."""
        statistics = self.statistics
        return {
            "file": self.file,
            "valid": self.valid,
            "rows": self.rows,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "head": self.head,
            "roles": dict(statistics.roles),
            "tools": statistics.tools,
            "images": statistics.images,
            "reasoning": statistics.reasoning,
            "characters": {
                "shortest": statistics.shortest,
                "median": statistics.median,
                "longest": statistics.longest,
            },
            "histogram": [list(bin_) for bin_ in statistics.histogram],
            "errors": self.counts.get(Severity.ERROR, 0),
            "warnings": self.counts.get(Severity.WARNING, 0),
            "notes": self.counts.get(Severity.NOTE, 0),
            "unseen": {str(severity): count for severity, count in self.unseen.items()},
        }

    @property
    def pin(self) -> Pin | None:
        """The identity of the bytes to upload, if the dataset is valid."""
        if not self.valid or self.sha256 is None:
            return None
        return Pin(self.sha256, self.bytes, self.rows, self.head)
