"""Findings of many rows, the equal ones together: a count, the first lines, a few examples.

Findings are equal if they say the same of the same place of a row, whichever message it is in.
What is kept does not grow with how often a finding occurs.
"""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from ...diagnostics import Finding, Severity, codes
from ...diagnostics.catalogue import CODES

Kind: TypeAlias = tuple[str, tuple[str, ...], str | None]
"""What equal findings have in common: the code, the place in a row, a word of the message."""

LINES: Final = 5
"""Lines that are named for equal findings."""
_EXAMPLES: Final = 3
_PARTS: Final = 10_000
"""Parts of rows that are remembered."""
_TELLING: Final = {
    codes.MISSING_ROW_KEY: "key",
    codes.MISSPELT_ROW_KEY: "found",
    codes.WRONG_ROW_TYPE: "expected",
    codes.ROW_NOT_JSON: "problem",
    codes.ROW_NOT_FINITE: "found",
    codes.MISSPELT_ROLE: "found",
    codes.ROLE_OF_ANOTHER_FORMAT: "found",
    codes.UNKNOWN_ROLE: "role",
    codes.LATE_SYSTEM_TURN: "role",
    codes.ROLE_TWICE_IN_A_ROW: "role",
    codes.TEMPLATE_REFUSES_ROW: "reason",
    codes.NOTHING_LEARNED: "reason",
    codes.SPECIAL_TOKEN_IN_DATA: "tokens",
    codes.ROW_NOT_TOKENIZED: "reason",
    codes.NOT_OF_FORMAT: "like",
    codes.NOT_CONVERTIBLE: "reason",
}
"""The word of a message by which findings of one code differ; other words are a row's own."""


def kind_of(finding: Finding) -> Kind:
    """Return what a finding has in common with those that are equal to it."""
    # A list is quicker than a generator, of which there would be one for each finding.
    where = tuple([step if isinstance(step, str) else "[]" for step in finding.path])
    telling = _TELLING.get(finding.code)
    return (finding.code, where, finding.words[telling] if telling else None)


@dataclass(slots=True)
class Familiar:
    """What need not be explained again, by any number of threads.

    Attributes:
        enough: the kinds of which no more examples are needed.
        parts: by all that a verdict on a part of a row depends on, which of these kinds it has,
            and what else there is to know of it.

    """

    enough: set[Kind] = field(default_factory=set)
    parts: dict[Hashable, tuple[tuple[Kind, ...], Any]] = field(default_factory=dict)

    def remember(self, part: Hashable, findings: Iterable[Finding], outcome: Any) -> None:
        """Remember a part, if there is room and nothing in it is still to be explained."""
        kinds = tuple(map(kind_of, findings))
        if len(self.parts) < _PARTS and self.enough.issuperset(kinds):
            self.parts[part] = kinds, outcome


class Example(NamedTuple):
    """One of some equal findings.

    Attributes:
        place: the 0-based line.
        finding: the finding.
        line: the text in which it is still to be located, or None.

    """

    place: int
    finding: Finding
    line: bytes | None


@dataclass(slots=True)
class Group:
    """Equal findings.

    Attributes:
        severity: how much they matter.
        wanted: whether they may come to be shown, and so examples are needed.
        count: how many there are.
        lines: the first 0-based lines they are in.
        examples: the first of them.

    """

    severity: Severity
    wanted: bool = True
    count: int = 0
    lines: list[int] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)

    @property
    def lined(self) -> bool:
        """Whether no more lines are named."""
        return len(self.lines) >= LINES

    @property
    def exemplified(self) -> bool:
        """Whether no more examples are needed."""
        return not self.wanted or len(self.examples) >= _EXAMPLES

    def add(self, place: int, count: int = 1) -> None:
        """Count findings in a line."""
        self.count += count
        if not self.lined and (not self.lines or self.lines[-1] != place):
            self.lines.append(place)


class Findings:
    """Findings by kind."""

    def __init__(self, most: int | None, *, kinds: int | None = None) -> None:
        """Begin with none.

        Args:
            most: how many kinds of each severity may come to be shown; None: all findings are,
                each alone.
            kinds: how many kinds to tell apart at all; None: as many as there are.

        Attributes:
            groups: equal findings, in the order in which the first of each was noted.
            unseen: how many findings are in none of the groups.

        """
        self.groups: dict[Kind, Group] = {}
        self.unseen: Counter[Severity] = Counter()
        self._most = most
        self._kinds = kinds
        self._by_severity: Counter[Severity] = Counter()

    def note(self, place: int, finding: Finding, line: bytes | None = None) -> Kind:
        """Add a finding in a line, and return its kind."""
        kind = kind_of(finding)
        key = kind if self._most is not None else (*kind[:2], str(len(self.groups)))
        group = self.groups.get(key) or self._new(key, CODES[finding.code].severity)
        if group:
            group.add(place)
            if not group.exemplified:
                group.examples.append(Example(place, finding, line))
        return kind

    def is_exemplified(self, finding: Finding) -> bool:
        """Whether there are enough findings like one to show."""
        group = self.groups.get(kind_of(finding)) if self._most is not None else None
        return group is not None and group.exemplified

    def again(self, kind: Kind, place: int, count: int) -> None:
        """Add findings of a kind of which no more examples are needed, all in one line."""
        group = self.groups.get(kind) or self._new(kind, CODES[kind[0]].severity)
        if group:
            group.add(place, count)

    def drop_unwanted(self) -> None:
        """Only count, from now on, what there is of kinds that will not be shown."""
        for kind in [kind for kind, group in self.groups.items() if not group.wanted]:
            group = self.groups.pop(kind)
            self.unseen[group.severity] += group.count

    def merge(self, other: "Findings", start: int) -> None:
        """Add findings of later lines.

        Args:
            other: the findings.
            start: what to add to their lines.

        """
        self.unseen += other.unseen
        for kind, theirs in other.groups.items():
            key = kind if self._most is not None else (*kind[:2], str(len(self.groups)))
            ours = self.groups.get(key) or self._new(key, theirs.severity, theirs.count)
            if not ours:
                continue
            ours.count += theirs.count
            for line in theirs.lines:
                if not ours.lined and line + start not in ours.lines:
                    ours.lines.append(line + start)
            for example in theirs.examples:
                if not ours.exemplified:
                    ours.examples.append(_located(example, start))

    def _new(self, key: Kind, severity: Severity, count: int = 1) -> Group | None:
        """Begin a group, or only count its findings if there are too many kinds."""
        if self._kinds is not None and len(self.groups) >= self._kinds:
            self.unseen[severity] += count
            return None
        wanted = self._most is None or self._by_severity[severity] < self._most
        self._by_severity[severity] += 1
        self.groups[key] = group = Group(severity, wanted)
        return group


def _located(example: Example, start: int) -> Example:
    """Return an example with its place in its line, which is then no longer needed."""
    place, finding, line = example
    if line is not None:
        # Imported here because most datasets are good.
        from .locating import located

        finding = located(finding, line.decode("utf-8", "replace"))
    return Example(place + start, finding, None)
