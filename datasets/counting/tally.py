"""What the lines of one block gave: small, whatever they hold."""

from array import array
from collections import Counter
from dataclasses import dataclass, field

from ...diagnostics import Finding, Severity
from ...diagnostics.catalogue import CODES
from ..rows.contents import Contents


@dataclass(slots=True)
class Tally:
    """What is known of some lines.

    Attributes:
        most: how many findings are kept.
        lines: lines, blank ones included.
        roles: messages by role, of good rows.
        tools: good rows with tools.
        images: good rows with images.
        reasoning: good rows with reasoning.
        lengths: characters of all rows, good or not, in no order.
        found: the first findings, with the 0-based line each is about.
        unseen: how many more there are.
        hashes: of good rows, in order.
        places: the 0-based line of each of them.

    """

    most: int
    lines: int = 0
    roles: Counter[str] = field(default_factory=Counter)
    tools: int = 0
    images: int = 0
    reasoning: int = 0
    lengths: "array[int]" = field(default_factory=lambda: array("Q"))
    found: list[tuple[int, Finding]] = field(default_factory=list)
    unseen: Counter[Severity] = field(default_factory=Counter)
    hashes: "array[int]" = field(default_factory=lambda: array("Q"))
    places: "array[int]" = field(default_factory=lambda: array("I"))

    @property
    def rows(self) -> int:
        """How many lines are rows, good or not."""
        return len(self.lengths)

    @property
    def full(self) -> bool:
        """Whether further findings are only counted."""
        return len(self.found) >= self.most

    def note(self, line: int, finding: Finding) -> None:
        """Keep a finding, or count it."""
        if self.full:
            self.unseen[CODES[finding.code].severity] += 1
        else:
            self.found.append((line, finding))

    def add(self, place: int, row: Contents, digest: int) -> None:
        """Add a good row, which stands in this line and has this hash."""
        for role in row.roles:
            self.roles[role] += 1
        self.tools += row.tools
        self.images += row.images
        self.reasoning += row.reasoning
        self.hashes.append(digest)
        self.places.append(place)
