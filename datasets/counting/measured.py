"""The frozen values that measuring a dataset gives."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import chain
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
        tokenizer: whose tokens were counted, as it was named; None: none were.
        tokens: tokens of all rows, before any is cut.
        tokens_cut: how many of them are cut off by the sequence length.
        trained_tokens: how many are learned, after rows are cut; None where that is unknown of
            every row.
        sequence_length: rows were cut to so many tokens to count these; None: they were not. The
            payload has that of its own.

    """

    sha256: str
    bytes: int
    examples: int
    head: int | None = None
    tokenizer: str | None = None
    tokens: int | None = None
    tokens_cut: int | None = None
    trained_tokens: int | None = None
    sequence_length: int | None = None

    def facts(self) -> dict[str, str | int]:
        """Return what a payload says beside the path of the file."""
        facts = asdict(self)
        del facts["sequence_length"]
        return {name: fact for name, fact in facts.items() if fact is not None}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a dataset has in tokens.

    Attributes:
        tokenizer: whose tokens they are.
        sequence_length: rows are cut to so many tokens; None: they are not.
        rows: rows that have tokens.
        total: tokens of all these rows, before any is cut.
        cut: how many of them are cut off.
        trained: how many are learned of the rows that tell, after rows are cut; None where none
            does.
        rows_refused: rows that the template refuses.
        rows_cut: rows that are longer than the sequence length.
        rows_without_labels: rows of which nothing is learned, among those that tell; None as above.
        rows_labels_unknown: rows of which it is unknown what is learned.
        rows_tools_dropped: rows whose tools or calls the template leaves out.
        percentiles: tokens of a row, by share of the rows: ``min``, ``p50``, … ``max``.
        histogram: rows by the power of two that their tokens are below.

    """

    tokenizer: str
    sequence_length: int | None
    rows: int
    total: int
    cut: int
    trained: int | None
    rows_refused: int
    rows_cut: int
    rows_without_labels: int | None
    rows_labels_unknown: int
    rows_tools_dropped: int
    percentiles: Mapping[str, int]
    histogram: tuple[tuple[int, int], ...]

    def facts(self) -> dict[str, Any]:
        """Return them as plain values, in the form of ``sftc data``'s JSON."""
        return {
            "tokenizer": self.tokenizer,
            "sequence_length": self.sequence_length,
            "tokens": self.total,
            "tokens_cut": self.cut,
            "trained_tokens": self.trained,
            "rows_tokenized": self.rows,
            "rows_refused": self.rows_refused,
            "rows_cut": self.rows_cut,
            "rows_without_labels": self.rows_without_labels,
            "rows_labels_unknown": self.rows_labels_unknown,
            "rows_tools_dropped": self.rows_tools_dropped,
            "token_percentiles": dict(self.percentiles),
            "token_histogram": [list(bin_) for bin_ in self.histogram],
        }


@dataclass(frozen=True)  # others inherit from it, which slots do not bear
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

    def facts(self) -> dict[str, Any]:
        """Return them as plain values, in the form of ``sftc data``'s JSON."""
        return {
            "roles": dict(self.roles),
            "tools": self.tools,
            "images": self.images,
            "reasoning": self.reasoning,
            "characters": {
                "shortest": self.shortest,
                "median": self.median,
                "longest": self.longest,
            },
            "histogram": [list(bin_) for bin_ in self.histogram],
        }


@dataclass(frozen=True)  # as above
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
        tokens: what they are in tokens; None: nobody counted.

    """

    file: str
    rows: int
    bytes: int
    sha256: str | None
    statistics: Statistics
    diagnostics: tuple[Diagnostic, ...]
    counts: Mapping[Severity, int]
    head: int | None = None
    tokens: Tokens | None = None

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
        counts: Mapping[Severity, int] | None = None,
        *,
        most: int | None = None,
    ) -> "Measured":
        """Return the same with what another pass found: errors first, by line.

        Args:
            found: its findings, equal ones of many rows being one.
            counts: how many there are by severity; None: none that is not among those found.
            most: how many findings of each severity to keep; None: all.

        """
        found = tuple(found)
        more: Counter[Severity] = Counter(counts or {})
        if counts is None:
            for diagnostic in found:
                more[diagnostic.severity] += diagnostic.count
        kept: dict[Severity, list[Diagnostic]] = {severity: [] for severity in Severity}
        for diagnostic in (*self.diagnostics, *found):
            kept[diagnostic.severity].append(diagnostic)
        by_line = (sorted(each, key=lambda one: one.span.line)[:most] for each in kept.values())
        return replace(
            self,
            diagnostics=tuple(chain.from_iterable(by_line)),
            counts=Counter(self.counts) + more,
        )

    def facts(self) -> dict[str, Any]:
        """Return all but the diagnostics as plain values, in the form of ``sftc data``'s JSON."""
        return {
            "file": self.file,
            "valid": self.valid,
            "rows": self.rows,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "head": self.head,
            **self.statistics.facts(),
            "errors": self.counts.get(Severity.ERROR, 0),
            "warnings": self.counts.get(Severity.WARNING, 0),
            "notes": self.counts.get(Severity.NOTE, 0),
            "unseen": {str(severity): count for severity, count in self.unseen.items()},
            **(self.tokens.facts() if self.tokens else {}),
        }

    @property
    def pin(self) -> Pin | None:
        """The identity of the bytes to upload, if the dataset is valid."""
        if not self.valid or self.sha256 is None:
            return None
        pin = Pin(self.sha256, self.bytes, self.rows, self.head)
        if (tokens := self.tokens) is None:
            return pin
        return replace(
            pin,
            tokenizer=tokens.tokenizer,
            tokens=tokens.total,
            tokens_cut=tokens.cut,
            trained_tokens=None if tokens.rows_labels_unknown else tokens.trained,
            sequence_length=tokens.sequence_length,
        )
