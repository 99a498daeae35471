"""A group of comparisons in Markdown: as a section, or as a line where there is no room for one.

Only its place in the whole text says which; that is decided in ``as_markdown.py``.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ..diagnostics import dotted
from .changes import Change
from .code_spans import LONGEST, clipped, code
from .comparison import MOST_LINES, Comparison, Effect, Field
from .groups import Group
from .words import amount, arithmetic, change_texts, counted, moved, paths

FOLD_FROM: Final = 12
"""Fields from which on they are folded away."""
_ALL_NAMED: Final = 6
"""Payloads up to which a heading names all; a longer list is folded away."""
_PROBLEMS: Final = 10
"""Notes and findings of one payload that are shown; `sftc lint` shows all."""
_LONGEST_PROBLEM: Final = 300
_ENDLESS: Final = 1 << 62
_FRAMES: Final = 300
"""Characters for what stands around the lists: their summaries and heads, and what is left out."""
_FEWEST: Final = 5
"""Fields that have to fit, unless there are fewer: a table of less says no more than a line."""
_IN_LINE: Final = 3
"""Fields that a line names."""
_LONGEST_IN_LINE: Final = 100
_LONGEST_KEY: Final = 40
_LONGEST_VALUE: Final = 24
_HEAD: Final = "| | field | old | new | because of |\n|---|---|---|---|---|\n"


def section(group: Group, fold_from: int = FOLD_FROM, room: int = _ENDLESS) -> str:
    """Return a group with its heading and all that differs; empty if there is no room for it.

    Args:
        group: the comparisons.
        fold_from: the number of fields from which on they are folded away.
        room: how many characters it may have. Names and fields are left out to keep to it.

    """
    first = group.first
    heading = f"#### {_heading(group)}"
    items = "\n".join(f"- {_effect(effect)}" for effect in first.effects)
    effects = [items] if items else []
    problems = [f"> :warning: {text}" for text in _problems(first)]
    texts = [_text(name, lines) for name, lines in first.texts.items()]
    room -= sum(len(block) + 2 for block in (heading, *effects, *texts, *problems)) + _FRAMES
    rows = [_row(field, cause) for field, cause in zip(first.fields, group.causes(), strict=True)]
    shown = fitting(rows, room)
    if room < 0 or len(shown) < min(len(rows), _FEWEST):
        return ""
    names = _names(group, room - sum(len(row) + 1 for row in shown))
    table = _table(shown, len(rows), fold_from)
    blocks = [heading, *names, *effects, *table, *texts, *problems]
    return "".join(f"\n{block}\n" for block in blocks)


def line(group: Group, named: Sequence[Comparison]) -> str:
    """Return a group as an item of a list: its names, and the first fields that differ.

    Args:
        group: the comparisons.
        named: those of them whose names are shown.

    """
    first = group.first
    names = ", ".join(_title(c, _LONGEST_IN_LINE) for c in named)
    count = len(group.comparisons)
    if count > 1:
        names = f"{counted(count, 'payload')}: {names}{group.and_more(len(named))}"
        return f"- {names}{moved(first, count)}{_gist(first)}"
    return f"- {names}{_state(first)}{_gist(first)}"


def _gist(comparison: Comparison) -> str:
    problems = _problems(comparison, _LONGEST_IN_LINE)
    parts = problems[:1]
    changes = [field.change for field in comparison.fields]
    if changes and (comparison.old is None or comparison.new is None):
        parts.append(counted(len(changes), "field"))
        changes = []
    keys = [_key(change, 1) for change in changes[:_IN_LINE]]
    for key, change in zip(keys, changes, strict=False):
        # Two files have a digest each: their last key does not tell which one changed.
        parts.append(code(_change(key if keys.count(key) == 1 else _key(change, 2), change)))
    left = len(changes) - len(keys)
    more = f" and {counted(left, 'more field')}" if left else ""
    return f": {', '.join(parts)}{more}" if parts else ""


def _key(change: Change, keys: int) -> str:
    """Return the last keys of a path, with the indexes after them."""
    names = [n for n, part in enumerate(change.path) if isinstance(part, str)]
    return clipped(dotted(change.path[names[-keys:][0] :] if names else ()), _LONGEST_KEY)


def _change(key: str, change: Change) -> str:
    sign = "" if change.sign == "~" else f"{change.sign} "
    return f"{sign}{key} {' → '.join(change_texts(change, _LONGEST_VALUE))}"


def _heading(group: Group) -> str:
    count, first = len(group.comparisons), group.first
    if count == 1:
        return f"{_title(first)}{_state(first)}"
    named = group.comparisons if count <= _ALL_NAMED else group.named
    names = ", ".join(map(_title, named))
    return f"{counted(count, 'payload')}{moved(first, count)}: {names}{group.and_more(len(named))}"


def _title(comparison: Comparison, longest: int = LONGEST) -> str:
    return " → ".join(code(path, longest) for path in paths(comparison))


def _state(comparison: Comparison) -> str:
    if comparison.broken:
        return " does not compile"
    if comparison.old and comparison.new:
        return moved(comparison)
    return " is new" if comparison.new else " is gone"


def _names(group: Group, room: int) -> Iterator[str]:
    """Yield the list of all names where the heading has only some, as far as there is room."""
    count = len(group.comparisons)
    if count <= _ALL_NAMED:
        return
    names = fitting([f"- {_title(comparison)}" for comparison in group.comparisons], room)
    if not names:
        return
    whole = f"{'All ' if len(names) == count else ''}{counted(count, 'payload')}"
    items = "\n".join([*names, *([f"-{group.and_more(len(names))}"] if len(names) < count else [])])
    yield f"<details><summary>{whole}</summary>\n\n{items}\n\n</details>"


def _table(rows: Sequence[str], count: int, fold_from: int) -> Iterator[str]:
    if not rows:
        return
    left = f"\n\nand {count - len(rows):,} more" if count > len(rows) else ""
    table = _HEAD + "\n".join(rows) + left
    if count < fold_from:
        yield table
    else:
        yield f"<details><summary>{counted(count, 'field')}</summary>\n\n{table}\n\n</details>"


def _text(name: str, lines: Sequence[str]) -> str:
    """Return how the text for another system changes, folded away."""
    items = [f"- {code(line)}" for line in lines[:MOST_LINES]]
    if (left := len(lines) - MOST_LINES) > 0:
        items.append(f"- and {counted(left, 'more line')}")
    summary = f"<details><summary>{name}: {counted(len(lines), 'line')}</summary>"
    return f"{summary}\n\n" + "\n".join(items) + "\n\n</details>"


def _row(field: Field, cause: str) -> str:
    change = field.change
    values = [code(text) for text in change_texts(change)]
    old, new = {"+": ["", *values], "-": [*values, ""], "~": values}[change.sign]
    cells = (change.sign, code(dotted(change.path)), old, new, code(cause))
    return f"| {' | '.join(cells)} |"


def _problems(comparison: Comparison, longest: int = _LONGEST_PROBLEM) -> list[str]:
    problems = [*comparison.notes, *(f"{d.code}: {d.message}" for d in comparison.broken)]
    # A backtick in a message quotes a name; as an escape nobody could read it.
    shown = [code(problem.replace("`", "'"), longest) for problem in problems[:_PROBLEMS]]
    left = len(problems) - len(shown)
    return [*shown, f"and {left:,} more"] if left else shown


def _effect(effect: Effect) -> str:
    old = f"{amount(effect.before)} → " if effect.before else ""
    return f"{effect.name} **{old}{amount(effect.after)}**{arithmetic(effect)}"


def fitting(items: Sequence[str], room: int) -> list[str]:
    """Return the first items that fit into a number of characters, a line end after each."""
    shown = []
    for item in items:
        room -= len(item) + 1
        if room < 0:
            break
        shown.append(item)
    return shown


def fits(items: Sequence[str], room: int) -> bool:
    """Whether all items fit into a number of characters, a line end after each."""
    return sum(len(item) + 1 for item in items) <= room
