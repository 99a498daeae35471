"""Remedies to edits of the text: a fix is offered only if it was tried and works.

It works if the text afterwards reads as exactly the values that the remedy means, to the type
and the bit. All fixes of a text are tried together; only if they do not work is it asked which
of them is at fault.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from ... import schemas
from ...diagnostics import Edit, Finding, Fix, KeyPath
from ...diagnostics.toml_places import Places
from ..edits import apply
from ..placement.lexicon import brings_defaults
from ..placement.meant import rearranged
from ..source import parse
from .outline import Outline
from .plan import Plan

__all__ = ["Mender", "largest", "same"]


class Mender:
    """Writes remedies into one text."""

    def __init__(self, places: Places, config: Mapping[str, Any]) -> None:
        self._places = places
        self._config = config
        self._tried: dict[tuple[int, ...], tuple[Edit, ...] | None] = {}

    @cached_property
    def _outline(self) -> Outline:
        return Outline(self._places)

    def fix(self, finding: Finding) -> Fix | None:
        """Return the fix of one finding; None if its remedy cannot be written into this text."""
        edits = self.edits([finding])
        if finding.remedy is None or edits is None:
            return None
        return Fix(finding.remedy.title, finding.remedy.safe, edits)

    def untried(self, finding: Finding) -> Fix | None:
        """Return the fix of a finding that is known to work with others."""
        edits = self._planned(Plan(self._outline), [finding])
        if finding.remedy is None or not edits:
            return None
        return Fix(finding.remedy.title, finding.remedy.safe, edits)

    def edits(self, findings: Sequence[Finding]) -> tuple[Edit, ...] | None:
        """Return the edits that make a text read as what all findings mean, or None.

        They were tried: the text after them reads as just that.
        """
        known = tuple(map(id, findings))
        if known not in self._tried:
            first = self._planned(Plan(self._outline), findings)
            if self._works(first, findings):
                self._tried[known] = first
            else:
                second = self._planned(Plan(self._outline, by_key=True), findings)
                self._tried[known] = second if self._works(second, findings) else None
        return self._tried[known]

    def works(self, findings: Sequence[Finding]) -> bool:
        """Whether the fixes of findings work together."""
        return self.edits(findings) is not None

    def _planned(self, plan: Plan, findings: Sequence[Finding]) -> tuple[Edit, ...]:
        plan.add(findings)
        lines = self._places.lines
        return tuple(
            Edit(lines.span(start, end), text) for start, end, text in plan.changes() or ()
        )

    def _works(self, edits: tuple[Edit, ...], findings: Sequence[Finding]) -> bool:
        if not edits:
            return False
        values, _ = parse(apply(self._places.text, edits), self._places.document)
        if values is None:
            return False
        return same(_without_idle_tables(values), _without_idle_tables(self._expected(findings)))

    def _expected(self, findings: Iterable[Finding]) -> dict[str, Any]:
        """Return the values that a text has after the remedies of findings."""
        remedies = [finding.remedy for finding in findings if finding.remedy]
        config: Any = self._config
        if any(remedy.quote for remedy in remedies):
            config = _copied(config)
        for finding in findings:
            if finding.remedy and finding.remedy.quote:
                start, end = self._places.values[finding.path]
                around = config
                for part in finding.path[:-1]:
                    around = around[part]
                around[finding.path[-1]] = self._places.text[start:end]
        return rearranged(config, remedies)[0]


def largest(findings: list[Finding], works: Callable[[list[Finding]], bool]) -> list[Finding]:
    """Return the findings, or as many of them as halving finds to work together."""
    if not findings or works(findings):
        return findings
    if len(findings) == 1:
        return []
    middle = len(findings) // 2
    left, right = largest(findings[:middle], works), largest(findings[middle:], works)
    return [*left, *right] if right and works([*left, *right]) else left or right


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(child) for key, child in value.items()}
    return [_copied(child) for child in value] if isinstance(value, list) else value


def _without_idle_tables(values: Mapping[str, Any], path: KeyPath = ()) -> dict[str, Any]:
    """Return values without the empty tables that say nothing: known ones without defaults.

    A table of dotted keys is gone with the last of them; one with a header stays.
    """
    kept = {}
    for key, value in values.items():
        table = (*path, key)
        if table not in schemas.known_tables() or not isinstance(value, dict):
            kept[key] = value
        elif (inside := _without_idle_tables(value, table)) or brings_defaults(table):
            kept[key] = inside
    return kept


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to TOML: 1, 1.0 and true are three, nan is itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return repr(one) == repr(other) if isinstance(one, float) else bool(one == other)
