"""What the lines of one block gave: small, whatever they hold."""

from array import array
from collections import Counter
from dataclasses import dataclass, field

from ..rows.grouping import Findings
from ..rows.verdict import Contents


@dataclass(slots=True)
class Tally:
    """What is known of some lines.

    Attributes:
        findings: what is wrong with them; 0-based lines.
        lines: lines, blank ones included.
        roles: messages by role, of good rows.
        tools: good rows with tools.
        images: good rows with images.
        reasoning: good rows with reasoning.
        arguments: the ways in which good rows write arguments, with the first 0-based line.
        lengths: characters of all rows, good or not, in no order.
        hashes: of good rows, in order.
        places: the 0-based line of each of them.

    """

    findings: Findings
    lines: int = 0
    roles: Counter[str] = field(default_factory=Counter)
    tools: int = 0
    images: int = 0
    reasoning: int = 0
    arguments: dict[str, int] = field(default_factory=dict)
    lengths: "array[int]" = field(default_factory=lambda: array("Q"))
    hashes: "array[int]" = field(default_factory=lambda: array("Q"))
    places: "array[int]" = field(default_factory=lambda: array("I"))

    @property
    def rows(self) -> int:
        """How many lines are rows, good or not."""
        return len(self.lengths)

    def add(self, place: int, contents: Contents, digest: int) -> None:
        """Add a good row, which stands in this line and has this hash."""
        self.hashes.append(digest)
        self.places.append(place)
        self.count(place, contents)

    def count(self, place: int, contents: Contents, times: int = 1) -> None:
        """Count what good rows hold, the first of which stands in this line."""
        for role, count in contents.roles.items():
            self.roles[role] += count * times
        self.tools += contents.tools * times
        self.images += contents.images * times
        self.reasoning += contents.reasoning * times
        for way in contents.arguments:
            self.arguments[way] = min(self.arguments.get(way, place), place)
