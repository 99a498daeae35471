"""Render diagnostics as text: one module per format; none of them prints.

Renderers are imported on demand, because most runs report nothing.
"""

from collections.abc import Container, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from ..diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from ..diagnostics.code import Code
    from .rooting import Roots
    from .rows import RowHead


class Format(StrEnum):
    """How a command writes its results; each takes those of one of the types below."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    JSONL = "jsonl"
    GITHUB = "github"
    SARIF = "sarif"
    GITLAB = "gitlab"
    JUNIT = "junit"
    MARKDOWN = "markdown"


FindingsFormat: TypeAlias = Literal[
    Format.TEXT,
    Format.CONCISE,
    Format.JSON,
    Format.GITHUB,
    Format.SARIF,
    Format.GITLAB,
    Format.JUNIT,
]
ComparisonFormat: TypeAlias = Literal[Format.TEXT, Format.JSON, Format.MARKDOWN]
TextOrJson: TypeAlias = Literal[Format.TEXT, Format.JSON]

RowsFormat: TypeAlias = Literal[Format.TEXT, Format.JSONL]

FINDINGS: Final[tuple[FindingsFormat, ...]] = get_args(FindingsFormat)
FORGES: Final = frozenset({Format.GITHUB, Format.GITLAB, Format.SARIF})
"""Formats that a forge reads, which looks for the files in the repository."""


def render(
    form: FindingsFormat,
    diagnostics: Sequence[Diagnostic],
    sources: Mapping[str, str],
    *,
    colour: bool = False,
    version: str = "",
    strict: Container[str] = (),
    roots: "Roots | None" = None,
) -> str:
    """Return diagnostics in a format.

    Args:
        form: the format.
        diagnostics: what to write, in this order.
        sources: the texts of the files that were looked at, by the names that the diagnostics
            give them; JUnit lists these files.
        colour: whether text is coloured for a terminal.
        version: the version of sftc, which SARIF names.
        strict: the files that a warning fails, which JUnit shows.
        roots: where names are read, for the formats that a forge reads.

    """
    if roots and form in FORGES:
        from .rooting import rooted

        diagnostics = rooted(diagnostics, roots)
    match form:
        case Format.TEXT:
            if not diagnostics:
                return ""
            from . import text

            return text.render(diagnostics, sources, colour=colour)
        case Format.CONCISE:
            from . import concise

            return concise.render(diagnostics)
        case Format.JSON:
            from . import json_findings

            return json_findings.render(diagnostics)
        case Format.GITHUB:
            from . import github

            return github.render(diagnostics)
        case Format.SARIF:
            from . import sarif

            return sarif.render(diagnostics, version=version)
        case Format.GITLAB:
            from . import gitlab

            return gitlab.render(diagnostics)
        case Format.JUNIT:
            from . import junit

            return junit.render(diagnostics, sources, strict=strict)


def dataset(
    form: TextOrJson,
    facts: Mapping[str, Any],
    diagnostics: Sequence[Diagnostic],
    *,
    histogram: bool = False,
) -> str:
    """Return what a dataset holds, in a format.

    Args:
        form: the format; JSON is one object on one line.
        facts: what ``datasets.Measured.facts`` gives.
        diagnostics: what is wrong with it, part of the JSON.
        histogram: whether the text draws how long the rows are.

    """
    from . import data

    if form is Format.JSON:
        return data.as_json(facts, diagnostics)
    return data.summary(facts, histogram=histogram)


def unseen(counts: Mapping[Severity, int], options: str) -> str:
    """Return how many findings are not shown, for people; empty if there are none.

    Args:
        counts: how many, by severity.
        options: what shows more of them.

    """
    from . import data

    return data.unseen(counts, options)


def dataset_difference(
    form: TextOrJson,
    facts: Mapping[str, Any],
    shown: Mapping[str, Sequence[Any]],
    *,
    colour: bool = False,
) -> str:
    """Return what two datasets differ in, in a format.

    Args:
        form: the format; JSON is one object on one line.
        facts: what ``datasets.comparing.Difference.facts`` gives.
        shown: what its ``shown`` gives.
        colour: whether text is coloured for a terminal.

    """
    from . import difference

    if form is Format.JSON:
        return difference.as_json(facts, shown["changed"])
    return difference.as_text(facts, shown, colour=colour)


def row_as_text(
    head: "RowHead", parts: Sequence[tuple[str, bool | None]], *, colour: bool = False
) -> str:
    """Return a row as a model sees it, for people."""
    from . import rows

    return rows.as_text(head, parts, colour=colour)


def row_as_json(
    line: int, ids: Sequence[int] | None, labels: Sequence[int] | None, text: str | None
) -> str:
    """Return a row as a model sees it, as one JSON object on one line."""
    from . import rows

    return rows.as_json(line, ids, labels, text)


def tokens_page(datasets: Sequence[Mapping[str, Any]]) -> str:
    """Return the tokens of datasets as a page of HTML that needs nothing else.

    Args:
        datasets: the facts of each, with ``findings`` and ``sample``.

    """
    from . import dataset_page

    return dataset_page.page(datasets)


def dataset_fragment(facts: Mapping[str, Any], findings: Sequence[Diagnostic]) -> str:
    """Return a dataset as a part of a page of HTML, such as a notebook.

    Args:
        facts: what ``datasets.Measured.facts`` gives.
        findings: what is wrong with it.

    """
    from . import dataset_page

    return dataset_page.fragment(facts, findings)


def statistics(diagnostics: Sequence[Diagnostic]) -> str:
    """Return how often each code was found."""
    from . import counts

    return counts.render(diagnostics)


def page(code: "Code") -> str:
    """Return the page of a code, Markdown."""
    from . import pages

    return pages.render(code)


def book() -> str:
    """Return the pages of every code by group, Markdown."""
    from ..diagnostics.catalogue import CODES
    from . import pages

    return pages.book(CODES.values())


def listed_codes(codes: "Sequence[Code]", *, width: int) -> str:
    """Return codes by group, each with its name, severity and message, for people.

    Args:
        codes: the codes, in order.
        width: columns to fit into.

    """
    from . import pages

    return pages.listing(codes, width)


def matching_codes(words: Sequence[str]) -> "list[Code]":
    """Return the codes that mention all words, in order; see ``pages.matching``."""
    from ..diagnostics.catalogue import CODES
    from . import pages

    return pages.matching(CODES.values(), words)


def recipe_as_text(name: str, recipe: Mapping[str, Any]) -> str:
    """Return what a trainer is told, as a table; see ``recipe.schema.json``."""
    from . import recipe as table

    return table.as_text(name, recipe)


def targets(form: TextOrJson, listed: Sequence[Mapping[str, Any]]) -> str:
    """Return the systems that jobs are written for, in a format; see ``targets.schema.json``."""
    from . import systems

    return systems.as_json(listed) if form is Format.JSON else systems.as_text(listed)


def unified_diff(before: str, after: str, name: str) -> str:
    """Return the change of a file as a patch that ``patch -p0`` takes; empty if there is none."""
    from . import patch

    return patch.render(before, after, name)
