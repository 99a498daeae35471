"""Comparisons as one comment of a pull request: GitHub's and GitLab's Markdown.

Names and values come from strangers. They stand in code spans, where nothing is a link, a
mention or a tag; and what would end a span or a cell is written as an escape.
"""

from collections.abc import Sequence
from typing import Final

from ..diagnostics import dotted, quoted
from .comparison import Comparison, Effect, Field
from .words import amount, arithmetic, because, change_texts

MARK: Final = "<!-- sftc-diff -->"
"""The first line, by which the comment is found again and replaced."""
_ESCAPES: Final = str.maketrans({"`": "\\u0060", "|": "\\u007c"})
_FOLDED: Final = 12
"""Fields of one payload from which on they are folded away."""
_LONGEST: Final = 60_000
"""Characters of a comment; GitHub takes 65,536."""


def render(comparisons: Sequence[Comparison]) -> str:
    """Return comparisons as Markdown that ends with a newline.

    Args:
        comparisons: what to show, in this order; those without a difference or note are not.

    """
    shown = [c for c in comparisons if c.changes or c.notes or c.broken]
    text = f"{MARK}\n### {_summary(shown)}\n"
    for index, comparison in enumerate(shown):
        section = _section(comparison)
        if len(text) + len(section) > _LONGEST:
            left = len(shown) - index
            return f"{text}\nToo long for a comment: {_payloads(left)} more. See `sftc diff`.\n"
        text += section
    return text


def _summary(shown: Sequence[Comparison]) -> str:
    changed = sum(bool(comparison.changes) for comparison in shown)
    if not changed:
        return "No payload changes"
    return f"{_payloads(changed)} change{'s' if changed == 1 else ''}"


def _payloads(count: int) -> str:
    return f"{count:,} payload{'s' if count > 1 else ''}"


def _section(comparison: Comparison) -> str:
    title = _code(comparison.title) if comparison.title else _sides(comparison)
    blocks = [f"#### {title}{_state(comparison)}"]
    if comparison.effects:
        blocks.append("\n".join(f"- {_effect(effect)}" for effect in comparison.effects))
    if comparison.fields:
        blocks.append(_folded(comparison.fields))
    problems = [*comparison.notes, *(f"{d.code}: {d.message}" for d in comparison.broken)]
    problems = [problem.replace("`", "'") for problem in problems]
    blocks += [f"> :warning: {_code(problem)}" for problem in problems]
    return "".join(f"\n{block}\n" for block in blocks)


def _sides(comparison: Comparison) -> str:
    return " → ".join(_code(side.name) for side in (comparison.old, comparison.new) if side)


def _state(comparison: Comparison) -> str:
    if comparison.broken:
        return " does not compile"
    if comparison.old and comparison.new:
        return ""
    return " is new" if comparison.new else " is gone"


def _folded(fields: Sequence[Field]) -> str:
    rows = "\n".join(
        (
            "| | field | old | new | because of |",
            "|---|---|---|---|---|",
            *map(_row, fields),
        )
    )
    if len(fields) < _FOLDED:
        return rows
    return f"<details><summary>{len(fields):,} fields</summary>\n\n{rows}\n\n</details>"


def _row(field: Field) -> str:
    change = field.change
    values = [_code(text) for text in change_texts(change)]
    old, new = {"+": ["", *values], "-": [*values, ""], "~": values}[change.sign]
    cells = (change.sign, _code(dotted(change.path)), old, new, _code(because(field)))
    return f"| {' | '.join(cells)} |"


def _effect(effect: Effect) -> str:
    old = f"{amount(effect.before)} → " if effect.before else ""
    return f"{effect.name} **{old}{amount(effect.after)}**{arithmetic(effect)}"


def _code(text: str) -> str:
    """Return a text as a code span.

    A bar or a backtick stands there inside a JSON or TOML string only, or in the name of a
    file, and is written as both of them escape it.
    """
    if not text.isprintable():
        text = quoted(text)
    return "`" + text.translate(_ESCAPES) + "`"
