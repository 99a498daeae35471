"""The verdict on one row of any kind."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from ...diagnostics import Finding, Severity, Span
from ...diagnostics.catalogue import CODES
from .grouping import Findings, Kind


@dataclass(slots=True)
class Contents:
    """What one good row holds.

    Attributes:
        roles: messages by role, as written.
        tools: whether it has tools.
        images: whether it has images.
        reasoning: whether it has reasoning.
        arguments: the ways in which the arguments of calls are written.

    """

    roles: Counter[str] = field(default_factory=Counter)
    tools: bool = False
    images: bool = False
    reasoning: bool = False
    arguments: set[str] = field(default_factory=set)


class Judged(NamedTuple):
    """What the rules of its kind say of a row.

    Attributes:
        findings: what is wrong with it.
        contents: what it holds.
        familiar: more findings, of which no more examples are needed, by kind.

    """

    findings: list[Finding]
    contents: Contents
    familiar: Mapping[Kind, int] = MappingProxyType({})


class Verdict(NamedTuple):
    """What there is to say of one row.

    Attributes:
        length: its characters; bytes that are none count as one each.
        findings: what is wrong with it.
        contents: what it holds, if no finding is an error.
        familiar: more findings, of which no more examples are needed, by kind.

    """

    length: int
    findings: list[Finding]
    contents: Contents | None = None
    familiar: Mapping[Kind, int] = MappingProxyType({})


class LargeVerdict(NamedTuple):
    """What there is to say of one large row.

    Attributes:
        length: its characters; 0 if it is no row but white space.
        findings: what is wrong with it.
        contents: what it holds, if no finding is an error.
        digest: the XXH64 of its bytes without white space around them.

    """

    length: int
    findings: Findings
    contents: Contents | None
    digest: int


def is_error(finding: Finding) -> bool:
    """Whether a finding makes a dataset invalid."""
    return is_error_code(finding.code)


def is_error_code(code: str) -> bool:
    """Whether findings of a code make a dataset invalid."""
    return CODES[code].severity is Severity.ERROR


def at(column: int) -> Span:
    """Return a place in the line that is looked at; which one it is, the caller knows."""
    return Span(1, column, 1, column + 1, "")
