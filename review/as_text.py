"""Comparisons for people at a terminal: a line for each field, and what it means for the run."""

from collections.abc import Iterable, Sequence
from typing import Final

from ..diagnostics import dotted, printable
from .comparison import Comparison, Effect, Field
from .words import amount, arithmetic, because, change_texts

_COLOURS: Final = {"+": "32", "-": "31", "~": "33"}
_WIDEST: Final = 60


def render(comparisons: Iterable[Comparison], *, colour: bool) -> str:
    """Return comparisons as text that ends with a newline; empty where nothing differs.

    Args:
        comparisons: what to show, in this order.
        colour: whether to use ANSI colours.

    """
    return "\n".join(block for c in comparisons if (block := _block(c, colour=colour)))


def _block(comparison: Comparison, *, colour: bool) -> str:
    lines = _table(comparison.fields, colour=colour)
    lines += [f"  = {printable(_effect(effect))}" for effect in comparison.effects]
    lines += [f"  ! {printable(note)}" for note in comparison.notes]
    if comparison.title and (lines or comparison.broken):
        state = "" if comparison.old and comparison.new else _state(comparison)
        lines.insert(0, _ink(printable(comparison.title), "1", colour=colour) + state)
    return "".join(f"{line}\n" for line in lines)


def _state(comparison: Comparison) -> str:
    if comparison.broken:
        return ": does not compile"
    return ": new" if comparison.new else ": gone"


def _table(fields: Sequence[Field], *, colour: bool) -> list[str]:
    names = [dotted(field.change.path) for field in fields]
    values = [" → ".join(change_texts(field.change)) for field in fields]
    name_width = min(max(map(len, names), default=0), _WIDEST)
    value_width = min(max(map(len, values), default=0), _WIDEST)
    return [
        f"{_ink(field.change.sign, _COLOURS[field.change.sign], colour=colour)} "
        f"{name:<{name_width}}  {value:<{value_width}}  {printable(because(field))}"
        for field, name, value in zip(fields, names, values, strict=True)
    ]


def _effect(effect: Effect) -> str:
    if effect.before is None and effect.after is not None:
        return f"{effect.name} {amount(effect.after)}{arithmetic(effect)}"
    return f"{effect.name} {amount(effect.before)} → {amount(effect.after)}{arithmetic(effect)}"


def _ink(text: str, style: str, *, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text
