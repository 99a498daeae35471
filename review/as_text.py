"""Comparisons for people at a terminal: a line for each field, and what it means for the run."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ..diagnostics import dotted, printable
from .comparison import MOST_LINES, Comparison, Effect, Field
from .groups import Group, grouped, is_crowded
from .words import amount, arithmetic, change_texts, counted, moved, paths

_COLOURS: Final = {"+": "32", "-": "31", "~": "33"}
_WIDEST: Final = 60


def render(comparisons: Iterable[Comparison], *, colour: bool) -> str:
    """Return comparisons as text that ends with a newline; empty where nothing differs.

    Args:
        comparisons: what to show, in this order.
        colour: whether to use ANSI colours.

    """
    groups = grouped(comparison for comparison in comparisons if comparison.is_shown)
    in_short = is_crowded(groups)
    blocks = [
        _in_short(group, colour=colour)
        if in_short and group.is_new_or_gone
        else _lines(group, colour=colour)
        for group in groups
    ]
    lines: list[str] = []
    for before, block in zip([[], *blocks], blocks, strict=False):
        if before and (len(before) > 1 or len(block) > 1):
            lines.append("")  # those of one line are a list
        lines += block
    return "".join(f"{line}\n" for line in lines)


def _in_short(group: Group, *, colour: bool) -> list[str]:
    """Return a new or lost payload without its fields."""
    count = counted(len(group.first.fields), "field")
    return [f"{_heading(group, colour=colour)}, {count}", *_notes(group)]


def _lines(group: Group, *, colour: bool) -> list[str]:
    heading = _heading(group, colour=colour)
    return [
        *([heading] if heading else []),
        *_table(group.first.fields, group.causes(), colour=colour),
        *(f"  = {printable(_effect(effect))}" for effect in group.first.effects),
        *_texts(group, colour=colour),
        *_notes(group),
    ]


def _texts(group: Group, *, colour: bool) -> Iterator[str]:
    """Yield how the texts for other systems change."""
    for name, lines in group.first.texts.items():
        yield f"  {name}"
        for line in lines[:MOST_LINES]:
            yield f"    {_ink(printable(line), _COLOURS[line[0]], colour=colour)}"
        if (left := len(lines) - MOST_LINES) > 0:
            yield f"    and {counted(left, 'more line')}"


def _notes(group: Group) -> list[str]:
    return [f"  ! {printable(note)}" for note in group.first.notes]


def _heading(group: Group, *, colour: bool) -> str:
    """Return what is compared; empty for two sides that whoever asks has named."""
    first, count = group.first, len(group.comparisons)
    if not first.title and count == 1:
        return ""
    titles = [printable(" → ".join(paths(c))) for c in group.named]
    if count == 1:
        state = "" if first.old and first.new else _state(first)
        return _ink(titles[0], "1", colour=colour) + state + moved(first)
    names = _ink(", ".join(titles), "1", colour=colour)
    return f"{counted(count, 'payload')}{moved(first, count)}: {names}{group.and_more(len(titles))}"


def _state(comparison: Comparison) -> str:
    if comparison.broken:
        return ": does not compile"
    return ": new" if comparison.new else ": gone"


def _table(fields: Sequence[Field], causes: Sequence[str], *, colour: bool) -> list[str]:
    names = [dotted(field.change.path) for field in fields]
    values = [" → ".join(change_texts(field.change)) for field in fields]
    name_width = min(max(map(len, names), default=0), _WIDEST)
    value_width = min(max(map(len, values), default=0), _WIDEST)
    return [
        f"{_ink(field.change.sign, _COLOURS[field.change.sign], colour=colour)} "
        f"{name:<{name_width}}  {value:<{value_width}}  {printable(cause)}"
        for field, name, value, cause in zip(fields, names, values, causes, strict=True)
    ]


def _effect(effect: Effect) -> str:
    if effect.before is None and effect.after is not None:
        return f"{effect.name} {amount(effect.after)}{arithmetic(effect)}"
    return f"{effect.name} {amount(effect.before)} → {amount(effect.after)}{arithmetic(effect)}"


def _ink(text: str, style: str, *, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text
