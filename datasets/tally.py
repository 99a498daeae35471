"""What the lines of one block gave: small, whatever they hold, and apt to cross a pipe."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..diagnostics import Finding, Severity
from ..diagnostics.catalogue import CODES
from .batch import Batch
from .careful import warning


@dataclass(slots=True)
class Tally:
    """What is known of some lines.

    Attributes:
        most: how many findings are kept.
        lines: lines, blank ones included.
        rows: rows, good or not.
        roles: messages by role, of good rows.
        tools: good rows with tools.
        images: good rows with images.
        reasoning: good rows with reasoning.
        lengths: rows by their length in characters.
        found: the first findings, with the 0-based line each is about.
        unseen: how many more there are.
        hashes: of good rows, in order.
        places: the 0-based line of each of them.

    """

    most: int
    lines: int = 0
    rows: int = 0
    roles: Counter[str] = field(default_factory=Counter)
    tools: int = 0
    images: int = 0
    reasoning: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    found: list[tuple[int, Finding]] = field(default_factory=list)
    unseen: Counter[Severity] = field(default_factory=Counter)
    hashes: "array[int]" = field(default_factory=lambda: array("Q"))
    places: "array[int]" = field(default_factory=lambda: array("I"))

    def note(self, line: int, finding: Finding) -> None:
        """Keep a finding, or count it."""
        if len(self.found) < self.most:
            self.found.append((line, finding))
        else:
            self.unseen[CODES[finding.code].severity] += 1

    def add(self, batch: Batch, places: Sequence[int]) -> None:
        """Add good rows, which stand in these lines."""
        self.roles += batch.roles
        self.tools += batch.tools
        self.images += batch.images
        self.reasoning += batch.reasoning
        for row, code, path in sorted(batch.warned):
            self.note(places[row], warning(code, path))

    def join(self, other: "Tally") -> None:
        """Add the lines of another tally after these."""
        for line, finding in other.found:
            self.note(self.lines + line, finding)
        self.places.extend(self.lines + place for place in other.places)
        self.hashes.extend(other.hashes)
        self.unseen += other.unseen
        self.lines += other.lines
        self.rows += other.rows
        self.roles += other.roles
        self.tools += other.tools
        self.images += other.images
        self.reasoning += other.reasoning
        self.lengths += other.lengths
