"""The lines that a suggestion changes, as they stand in the config afterwards."""

from collections.abc import Iterator, Sequence

from ..diagnostics import Edit, dotted, value_text
from ..diagnostics.lines import Lines
from .values import Plan, Suggestion


def changed_lines(plan: Plan, suggestion: Suggestion) -> Iterator[tuple[str, str]]:
    """Yield the lines that a change makes: the number of the line, and the line after it.

    A line that comes in between has a plus behind the number of the line before it. For a payload,
    it is the fields.
    """
    if not suggestion.edits:
        for path, value in suggestion.fields.items():
            yield "", f"{dotted(path)} = {value_text(value)}"
        return
    lines = Lines(plan.text, plan.file)
    for edits in _clusters(suggestion.edits):
        yield from _changed(edits, lines)


def _clusters(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Yield the edits that touch the same lines."""
    found: list[Edit] = []
    for edit in sorted(edits):
        if found and edit.span.line > max(one.span.end_line for one in found):
            yield found
            found = []
        found.append(edit)
    yield found


def _changed(edits: Sequence[Edit], lines: Lines) -> Iterator[tuple[str, str]]:
    first, last = edits[0].span.line, max(edit.span.end_line for edit in edits)
    before = [lines.line(number) for number in range(first, last + 1)]
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line) + 1)
    text = "\n".join(before)
    for edit in reversed(edits):
        start = starts[edit.span.line - first] + edit.span.column - 1
        end = starts[edit.span.end_line - first] + edit.span.end_column - 1
        text = text[:start] + edit.text + text[end:]
    after = text.split("\n")
    while before and after and before[0] == after[0]:
        del before[0], after[0]
        first += 1
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    for number, line in enumerate(after, first):
        is_new = number >= first + len(before)
        if line.strip():
            yield f"{first + len(before) - 1}+" if is_new else str(number), line
