"""The findings of a file as they are shown: errors first, equal ones as one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ...diagnostics import Diagnostic, Finding, Related, Severity, Span, codes
from ...diagnostics.catalogue import diagnose
from ..rows.grouping import Findings, Group
from .tallying import Judge

_START: Final = Span(1, 1, 1, 1, "")
_ORDER: Final = {severity: at for at, severity in enumerate(Severity)}


class Report:
    """What was found in one file so far."""

    def __init__(self, file: str, judge: Judge) -> None:
        """Begin with nothing.

        Args:
            file: its name.
            judge: gets the kinds of which there are enough examples.

        """
        self._file = file
        self._judge = judge
        self._rows = Findings(judge.most)
        self._repeats = Findings(judge.most)
        self._whole = Findings(None)  # about the file

    def note(self, line: int, finding: Finding) -> None:
        """Add a finding about the file, which shows in a 0-based line."""
        self._whole.note(line, finding)

    def add(self, findings: Findings, start: int) -> None:
        """Add the findings of rows, the first of which is in a 0-based line."""
        if not findings.groups and not findings.unseen:
            return
        self._rows.merge(findings, start)
        self._rows.drop_unwanted()
        if self._judge.most is not None:
            enough = (kind for kind, group in self._rows.groups.items() if group.exemplified)
            self._judge.familiar.enough.update(enough)

    def add_repeats(self, repeats: Sequence[tuple[int, int]], start: int) -> None:
        """Add rows that stand twice.

        Args:
            repeats: the line of each below the first one, and the 1-based line of its first.
            start: the 0-based first line.

        """
        known = next(iter(self._repeats.groups.items()), None)
        for at, (place, first) in enumerate(repeats):
            if known and known[1].lined and self._judge.most is not None:
                known[1].count += len(repeats) - at
                return
            same = Related(Span(first, 1, first, 1, self._file), "the first such row")
            words = {"first": f"{first:,}"}
            self._repeats.note(start + place, Finding(codes.ROW_TWICE, (), words, related=(same,)))
            known = known or next(iter(self._repeats.groups.items()))

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what is shown, the errors first."""
        return shown(self._groups(), self._file, self._judge.most)

    def counts(self) -> dict[Severity, int]:
        """Return how many findings there are, shown or not."""
        return counted(self._groups(), self._rows.unseen + self._repeats.unseen)

    def _groups(self) -> Iterable[Group]:
        for findings in (self._whole, self._rows, self._repeats):
            yield from findings.groups.values()


def shown(groups: Iterable[Group], file: str, most: int | None) -> tuple[Diagnostic, ...]:
    """Return the findings of a file as they are shown, the errors first.

    Args:
        groups: equal findings.
        file: the name of the file.
        most: how many of each severity to show; None: all of them.

    """
    found = [_diagnostic(group, file) for group in groups if group.examples]
    by_severity: Counter[Severity] = Counter()
    kept = []
    for one in errors_first(found):
        by_severity[one.severity] += 1
        if most is None or by_severity[one.severity] <= most:
            kept.append(one)
    return tuple(kept)


def errors_first(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return findings of one file in the order in which they are shown."""
    return sorted(found, key=lambda one: (_ORDER[one.severity], one.span.line))


def counted(groups: Iterable[Group], unseen: Counter[Severity]) -> dict[Severity, int]:
    """Return how many findings there are, in groups or in none."""
    counts = Counter(unseen)
    for group in groups:
        counts[group.severity] += group.count
    return {severity: counts[severity] for severity in Severity if counts[severity]}


def _diagnostic(group: Group, file: str) -> Diagnostic:
    first, *others = [_placed(*example[:2], file) for example in group.examples]
    if group.count == 1:
        return first
    same = {first.message}
    examples = []
    for other in others:
        if other.message not in same:
            same.add(other.message)
            examples.append(Related(other.span, other.message))
    return replace(
        first,
        count=group.count,
        lines=tuple(line + 1 for line in group.lines),
        related=(*first.related, *examples),
    )


def _placed(place: int, finding: Finding, file: str) -> Diagnostic:
    line = place + 1
    span = (finding.span or _START)._replace(line=line, end_line=line, document=file)
    return diagnose(replace(finding, span=None), span)
