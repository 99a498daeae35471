"""What is said of the tokens of a dataset: of a row where it is a matter of the row, else once."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from ...diagnostics import Diagnostic, Finding, Severity, Span, codes
from ...diagnostics.catalogue import CODES, diagnose
from .row import RowTokens
from .rows import LARGEST, Lines

_LONGEST: Final = 300
"""Characters of a reason that are shown: a template may give any."""


@dataclass(slots=True)
class _Once:
    """What is said once of many rows.

    Attributes:
        line: the first of them.
        reason: what is said of it.
        rows: how many they are.
        amount: how many tokens this is about.

    """

    line: int
    reason: str = ""
    rows: int = 0
    amount: int = 0
    kinds: dict[str, None] = field(default_factory=dict)


class Notes:
    """Findings of one file: the first ones kept, the others counted."""

    def __init__(self, file: str, tokenizer: str, length: int | None, most: int) -> None:
        """Begin with none."""
        self._file, self._tokenizer = file, tokenizer
        self._length, self._most = length, most
        self._kept: list[Diagnostic] = []
        self._unseen: Counter[Severity] = Counter()
        self._once: dict[str, _Once] = {}

    def unreadable(self, finding: Finding) -> None:
        """Say why the file cannot be read, or not any further."""
        self._note(1, finding)

    def lost(self, block: Lines) -> None:
        """Say that a row has no tokens, because of what it did to its process, or would."""
        reason = (
            "its process died, or took too long"
            if block.text is not None
            else f"it has more than {LARGEST:,} bytes"
        )
        self._note(block.first, Finding(codes.ROW_NOT_TOKENIZED, (), {"reason": reason}))

    def nothing_learned(self, line: int, learned: int) -> None:
        """Say that nothing of a row is learned; before it was cut, it was so many tokens."""
        reason = (
            f"its {learned:,} learned tokens are behind the first {self._length:,}"
            if learned
            else "the template shows no turn of the assistant"
        )
        self._note(line, Finding(codes.NOTHING_LEARNED, (), {"reason": reason}))

    def odd(self, line: int, row: RowTokens) -> None:
        """Say what is odd about the tokens of a row."""
        if row.refused is not None:
            words = {"tokenizer": self._tokenizer, "reason": _short(row.refused)}
            self._note(line, Finding(codes.TEMPLATE_REFUSES_ROW, (), words))
        if row.special:
            words = {"tokens": _short(", ".join(f"`{token}`" for token in row.special))}
            self._note(line, Finding(codes.SPECIAL_TOKEN_IN_DATA, (), words))
        if row.dropped:
            self._count(codes.TOOLS_DROPPED, line).kinds |= dict.fromkeys(row.dropped)
        if row.begins_twice:
            self._count(codes.BEGINS_TWICE, line)

    def cut(self, line: int, tokens: int) -> None:
        """Say that so many tokens of a row are cut off."""
        self._count(codes.ROWS_CUT, line).amount += tokens

    def untold(self, line: int, reason: str) -> None:
        """Say that it cannot be told what of a row is learned."""
        self._count(codes.LEARNED_UNTOLD, line, reason)

    def stuck(self, line: int) -> None:
        """Say that no more rows were looked at, because the template takes too long."""
        self._count(codes.TEMPLATE_STUCK, line)

    @property
    def of_rows(self) -> tuple[Diagnostic, ...]:
        """The first findings about single rows, by line."""
        return tuple(self._kept)

    @property
    def unseen(self) -> dict[Severity, int]:
        """How many more of those there are, by severity."""
        return dict(self._unseen)

    @property
    def of_file(self) -> tuple[Diagnostic, ...]:
        """The findings that are said once, each at the first row that it is about."""
        return tuple(
            self._diagnosed(once.line, Finding(code, (), self._words(once)))
            for code, once in self._once.items()
        )

    def _words(self, once: _Once) -> dict[str, str]:
        return {
            "tokenizer": self._tokenizer,
            "rows": f"{once.rows:,} row{'s' if once.rows > 1 else ''}",
            "tokens": f"{once.amount:,} token{'s' if once.amount > 1 else ''}",
            "length": f"{self._length:,}" if self._length else "",
            "what": " and ".join(sorted(once.kinds, reverse=True)),
            "reason": _short(once.reason),
        }

    def _count(self, code: str, line: int, reason: str = "") -> _Once:
        once = self._once.setdefault(code, _Once(line, reason))
        once.rows += 1
        return once

    def _note(self, line: int, finding: Finding) -> None:
        if len(self._kept) < self._most:
            self._kept.append(self._diagnosed(line, finding))
        else:
            self._unseen[CODES[finding.code].severity] += 1

    def _diagnosed(self, line: int, finding: Finding) -> Diagnostic:
        return diagnose(finding, Span(line, 1, line, 1, self._file))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
