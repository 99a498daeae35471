"""What is said of the tokens of a dataset: equal findings of many rows are one."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from ...diagnostics import Diagnostic, Finding, Severity, codes
from ...diagnostics.catalogue import CODES
from ..counting.report import counted, errors_first, shown
from ..rows.grouping import Example, Findings, Group
from .row import RowTokens
from .rows import LARGEST, Lines

_LONGEST: Final = 300
"""Characters of a reason that are shown: a template may give any."""


@dataclass(slots=True)
class _Total:
    """What is added up over the rows that one finding is about.

    Attributes:
        group: the rows.
        reason: what is said of the first of them.
        amount: how many tokens this is about.
        kinds: what is left out of them.

    """

    group: Group
    reason: str
    amount: int = 0
    kinds: set[str] = field(default_factory=set)


class Notes:
    """Findings of one file."""

    def __init__(
        self, file: str, template: str, length: int | None, most: int | None, *, judged: bool
    ) -> None:
        """Begin with none.

        Args:
            file: its name.
            template: where the chat template comes from, for people.
            length: rows are cut to so many tokens.
            most: how many kinds of findings of each severity to show; None: each finding alone.
            judged: whether it is said elsewhere that a row has no turn of the assistant.

        """
        self._file, self._template = file, template
        self._length, self._most, self._judged = length, most, judged
        self._rows = Findings(most)
        self._totals: dict[str, _Total] = {}

    def unreadable(self, finding: Finding) -> None:
        """Say why the file cannot be read, or not any further."""
        self._rows.note(0, finding)

    def lost(self, block: Lines) -> None:
        """Say that a row has no tokens, because of what it did to its process, or would."""
        reason = (
            "its process crashed, or took too long"
            if block.text is not None
            else f"it is longer than {LARGEST:,} bytes"
        )
        self._note(block.first, Finding(codes.ROW_NOT_TOKENIZED, (), {"reason": reason}))

    def nothing_learned(self, line: int, learned: int, row: RowTokens | None) -> None:
        """Say that nothing of a row is learned.

        Args:
            line: where it is.
            learned: how many tokens of it would be, were it not cut.
            row: what is odd about it.

        """
        if row and row.untaught:
            if self._judged:
                return
            reason = "it has no assistant message, or all of them have weight 0"
        elif learned:
            reason = f"every trained token is beyond the first {self._length:,}"
        else:
            reason = "the template renders no assistant message"
        self._note(line, Finding(codes.NOTHING_LEARNED, (), {"reason": reason}))

    def odd(self, line: int, row: RowTokens) -> None:
        """Say what is odd about the tokens of a row."""
        if row.refused is not None:
            words = {"template": self._template, "reason": _short(row.refused)}
            self._note(line, Finding(codes.TEMPLATE_REFUSES_ROW, (), words))
        if row.special:
            words = {"tokens": _short(", ".join(f"`{token}`" for token in row.special))}
            self._note(line, Finding(codes.SPECIAL_TOKEN_IN_DATA, (), words))
        if row.dropped:
            self._add(codes.TOOLS_DROPPED, line).kinds |= set(row.dropped)
        if row.begins_twice:
            self._add(codes.BEGINS_TWICE, line)

    def cut(self, line: int, tokens: int) -> None:
        """Say that so many tokens of a row are cut off."""
        self._add(codes.ROWS_CUT, line).amount += tokens

    def labels_unknown(self, line: int, reason: str) -> None:
        """Say that it is unknown what of a row is learned."""
        self._add(codes.LEARNED_UNTOLD, line, reason)

    def stuck(self, line: int) -> None:
        """Say that no more rows were looked at, because the template takes too long."""
        self._note(line, Finding(codes.TEMPLATE_STUCK, (), {"template": self._template}))

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what is shown, errors first: all that is added up, and findings of rows."""
        whole = shown((total.group for total in self._finished()), self._file, None)
        rows = shown(self._rows.groups.values(), self._file, self._most)
        return tuple(errors_first((*whole, *rows)))

    def counts(self) -> dict[Severity, int]:
        """Return how many findings there are, shown or not."""
        totals = (total.group for total in self._totals.values())
        return counted((*totals, *self._rows.groups.values()), Counter(self._rows.unseen))

    def _add(self, code: str, line: int, reason: str = "") -> _Total:
        total = self._totals.setdefault(code, _Total(Group(CODES[code].severity), reason))
        total.group.add(line - 1)
        return total

    def _finished(self) -> list[_Total]:
        """Return what was added up, with the words that it now has."""
        for code, total in self._totals.items():
            finding = Finding(code, (), self._words(total))
            total.group.examples = [Example(total.group.lines[0], finding, None)]
        return list(self._totals.values())

    def _words(self, total: _Total) -> dict[str, str]:
        rows = total.group.count
        return {
            "template": self._template,
            "rows": f"{rows:,} row{'s' if rows > 1 else ''}",
            "tokens": f"{total.amount:,} token{'s' if total.amount > 1 else ''}",
            "length": f"{self._length:,}" if self._length else "",
            "what": " and ".join(sorted(total.kinds, reverse=True)),
            "reason": _short(total.reason),
        }

    def _note(self, line: int, finding: Finding) -> None:
        self._rows.note(line - 1, finding)
        self._rows.drop_unwanted()


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
