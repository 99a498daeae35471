"""Plans for people at a terminal: one in full, several as a table."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from ..diagnostics import printable
from ..job.planned import Fits, Planned
from . import words
from .lines import changed_lines
from .values import Plan

_COLOURS: Final = {Fits.FITS: "32", Fits.TIGHT: "33", Fits.DOES_NOT_FIT: "31", Fits.UNKNOWN: "36"}
_NAMES: Final = 13
"""Columns of the names of facts and parts, with the space before them."""

_AMOUNTS: Final = 6
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_NARROW: Final = 30
"""Columns below which text is not made narrower."""


def render(plans: Sequence[Plan], *, colour: bool, width: int) -> str:
    """Return plans as text that ends with a newline.

    Args:
        plans: what to show, in this order.
        colour: whether to use ANSI colours.
        width: columns that there are.

    """
    width = max(width, _NARROW)
    shown = [plan for plan in plans if plan.planned is not None]
    if len(plans) == 1 and shown:
        lines = _full(shown[0], shown[0].planned, colour=colour, width=width)  # type: ignore[arg-type]
    elif len(plans) > 1:
        lines = _table(plans, colour=colour, width=width)
    else:
        return ""
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _full(plan: Plan, planned: Planned, *, colour: bool, width: int) -> Iterator[str]:
    title = f"{plan.file}: {words.heading(planned)}"
    yield from _wrapped(title, "", "  ", width)
    verdict = _wrapped(words.verdict(planned), "  ", "  ", width)
    yield from (_ink(line, _COLOURS[planned.fits], colour=colour) for line in verdict)
    yield ""
    for name, fact in words.facts(plan):
        yield from _wrapped(fact, f"  {name}".ljust(_NAMES), " " * _NAMES, width)
    yield from _memory(planned, width)
    yield from _offers(plan, width)


def _memory(planned: Planned, width: int) -> Iterator[str]:
    need = planned.memory
    if need is None:
        return
    yield ""
    yield from _wrapped(f"Memory of each GPU in GiB, at its peak ({need.phase}):", "", "  ", width)
    found = words.parts(need)
    columns = width - _NAMES - _AMOUNTS - 2
    for part, amount in found:
        bar = _bar(amount / need.expected, columns)
        yield f"  {part}".ljust(_NAMES) + words.gib(amount).rjust(_AMOUNTS) + f"  {bar}"
    total = "  total".ljust(_NAMES) + words.gib(need.expected).rjust(_AMOUNTS)
    spread = f"between {words.gib(need.low)} and {words.gib(need.high)}"
    yield from _wrapped(spread, f"{total}  ", " " * (_NAMES + _AMOUNTS + 2), width)
    for note in need.notes:
        yield from _wrapped(f"{note}.", "  ", "  ", width)


def _bar(share: float, columns: int) -> str:
    whole, eighths = divmod(round(share * columns * 8), 8)
    return "█" * whole + _EIGHTHS[eighths].strip()


def _offers(plan: Plan, width: int) -> Iterator[str]:
    if plan.suggestions:
        yield ""
        yield "To make it fit:" if len(plan.suggestions) == 1 else "To make it fit, either:"
    for number, suggestion in enumerate(plan.suggestions, 1):
        first = f"  {number}  "
        yield from _wrapped(suggestion.title, first, " " * len(first), width)
        for at, line in changed_lines(plan, suggestion):
            yield f"       {at:>5}  {printable(line)}"
        yield from _wrapped(f"then {words.after(suggestion)}", " " * len(first), "     ", width)
    if other := words.alternative(plan):
        yield ""
        yield from _wrapped(other, "", "  ", width)


def _table(plans: Sequence[Plan], *, colour: bool, width: int) -> Iterator[str]:
    states = [_state(plan) for plan in plans]
    left = max(map(len, states))
    for plan, state in zip(plans, states, strict=True):
        planned = plan.planned
        style = _COLOURS[planned.fits] if planned else "31"
        name = printable(plan.file)
        rest = f"{_amount(planned):>15}  {name}" if width > 2 * _NARROW else name
        yield _ink(state.ljust(left), style, colour=colour) + f"  {rest}"
        if planned and planned.memory is None:
            yield from _wrapped(planned.reason, " " * (left + 4), " " * (left + 4), width)
    counts = Counter(states)
    yield ""
    summary = ", ".join(f"{count:,} {state}" for state, count in counts.most_common())
    yield from _wrapped(
        f"{words.counted(len(plans), 'job')}: {summary}. Name one alone to see it in full.",
        "",
        "  ",
        width,
    )


def _state(plan: Plan) -> str:
    return words.VERDICTS[plan.planned.fits] if plan.planned else "has errors"


def _amount(planned: Planned | None) -> str:
    if planned is None or planned.memory is None:
        return ""
    room = f" of {planned.room.memory // words.GIB}" if planned.room else ""
    return f"{words.gib(planned.memory.expected)}{room} GiB"


def _wrapped(text: str, first: str, others: str, width: int) -> list[str]:
    return textwrap.wrap(
        printable(text),
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_on_hyphens=False,
    )


def _ink(text: str, style: str, *, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text
