"""Rows that are found twice, as diagnostics: one for all of them, unless each is asked for."""

from dataclasses import replace

from ...diagnostics import Diagnostic, Finding, Related, Span
from ...diagnostics.catalogue import diagnose
from ..rows.grouping import LINES


class Pairs:
    """Rows, each with its like that stands first: all are counted, and a few are kept."""

    def __init__(self, code: str, files: tuple[str, str], *, each: bool) -> None:
        """Begin with none.

        Args:
            code: what it means that such a row is there; its message takes the ``first`` line.
            files: the names of the file that the rows are in, and of the one of their likes.
            each: give a finding for each row, in memory that grows with them.

        """
        self._code, self._files, self._each = code, files, each
        self._kept: list[tuple[int, int]] = []
        self._count = 0

    def add(self, line: int, first: int) -> None:
        """Add a row by its line and that of its like, from 1."""
        self._count += 1
        if self._each or len(self._kept) < LINES:
            self._kept.append((line, first))

    def diagnostics(self) -> list[Diagnostic]:
        """Return what was found; nothing if no row was."""
        if self._each:
            return [self._diagnostic([pair]) for pair in self._kept]
        if not self._kept:
            return []
        found = self._diagnostic(self._kept)
        if self._count == 1:
            return [found]
        lines = tuple(line for line, _ in self._kept)
        return [replace(found, count=self._count, lines=lines)]

    def _diagnostic(self, pairs: list[tuple[int, int]]) -> Diagnostic:
        here, there = self._files
        related = tuple(
            Related(Span(first, 1, first, 1, there), f"the first row equal to line {line:,}")
            for line, first in pairs
        )
        line, first = pairs[0]
        finding = Finding(self._code, words={"first": f"{first:,}"}, related=related)
        return diagnose(finding, Span(line, 1, line, 1, here))
