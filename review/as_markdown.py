"""Comparisons as one comment of a pull request: GitHub's and GitLab's Markdown.

A comment has a longest length. What does not fit as a section is a line, and what does not fit
as a line is counted.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from .comparison import Comparison
from .groups import Group, grouped, is_crowded
from .moves import MoveKind
from .sections import FOLD_FROM, fits, fitting, line, section
from .words import counted

MARK: Final = "<!-- sftc-diff -->"
"""The first line, by which the comment is found again and replaced."""
_OTHERS: Final = "\n#### Other payloads\n"
_CUT: Final = "\nCut to fit. The job's summary holds more, and `sftc diff` shows everything.\n"
_COUNT: Final = 60
"""Characters for the item that counts the payloads without a line."""


def render(comparisons: Iterable[Comparison], *, max_length: int | None = None) -> str:
    """Return comparisons as Markdown that ends with a newline.

    Args:
        comparisons: what to show, in this order; those without a difference or note are not.
        max_length: how many characters it may have, 1,000 at least; None for any number.

    """
    shown = [comparison for comparison in comparisons if comparison.is_shown]
    head = f"{MARK}\n### {_summary(shown)}\n"
    groups = grouped(shown)
    fold_new = 1 if is_crowded(groups) else FOLD_FROM
    whole = [
        (group, section(group, fold_new if group.is_new_or_gone else FOLD_FROM)) for group in groups
    ]
    if max_length is None or len(head) + sum(len(text) for _, text in whole) <= max_length:
        return head + "".join(text for _, text in whole)
    return head + _fitted(whole, max_length - len(head))


def _summary(shown: Sequence[Comparison]) -> str:
    changed = sum(comparison.is_change for comparison in shown)
    parts = [f"{counted(changed, 'payload') if changed else 'No payload'} "]
    parts[0] += "change" if changed > 1 else "changes"
    kinds = [comparison.moved.kind for comparison in shown if comparison.moved]
    parts += [f"{count:,} {_is(count)} {kind}" for kind in MoveKind if (count := kinds.count(kind))]
    if broken := sum(bool(comparison.broken) for comparison in shown):
        parts.append(f"{broken:,} {'does' if broken == 1 else 'do'} not compile")
    return ", ".join(parts)


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _rank(group: Group) -> int:
    """Return how early a group is shown where not all are: what needs a reviewer most, first."""
    first = group.first
    if first.broken:
        return 0
    if first.effects:
        return 1
    return 2 if first.changes or first.notes else 3


def _fitted(whole: Sequence[tuple[Group, str]], room: int) -> str:
    """Return a line for each group, and sections for as many as there is room for."""
    ranked = sorted(whole, key=lambda item: _rank(item[0]))
    room -= len(_OTHERS) + len(_CUT) + 1
    lines = [line(group, group.comparisons) for group, _ in ranked]
    if not fits(lines, room):
        lines = [line(group, group.named) for group, _ in ranked]
    if not fits(lines, room):
        return _counted([group for group, _ in ranked], lines, room)
    left = room - sum(len(short) + 1 for short in lines)
    sections, others = [], []
    for (group, text), short in zip(ranked, lines, strict=True):
        found = _section(group, text, left + len(short) + 1, room)
        if found:
            sections.append(found)
            left -= len(found) - len(short) - 1
        else:
            others.append(short)
    heading = _OTHERS if sections and others else ""
    items = "\n" + "".join(f"{short}\n" for short in others) if others else ""
    return "".join(sections) + heading + items + _CUT


def _section(group: Group, text: str, room: int, all_room: int) -> str:
    """Return a section that fits, or nothing; only one that is large by itself is shortened."""
    if len(text) <= room:
        return text
    return section(group, room=room) if len(text) > all_room // 2 else ""


def _counted(groups: Sequence[Group], lines: Sequence[str], room: int) -> str:
    """Return the lines that fit, and how many payloads have none."""
    shown = fitting(lines, room - _COUNT)
    left = sum(len(group.comparisons) for group in groups[len(shown) :])
    items = [*shown, f"- and {counted(left, 'more payload')}"]
    return "".join(f"\n{item}" for item in items) + f"\n{_CUT}"
