"""Plans for a pull request: one in full, several as a table."""

from collections.abc import Iterator, Sequence

from ..job.planned import Fits, Planned
from ..review.code_spans import code
from . import words
from .lines import changed_lines
from .values import Plan, Suggestion

_SIGNS = {Fits.FITS: "✅", Fits.TIGHT: "⚠️", Fits.DOES_NOT_FIT: "❌", Fits.UNKNOWN: "❔"}
_BAR = 20


def render(plans: Sequence[Plan]) -> str:
    """Return plans as Markdown that ends with a newline."""
    if len(plans) == 1 and plans[0].planned:
        lines = _full(plans[0], plans[0].planned)
    else:
        lines = _table(plans)
    return "".join(f"{line}\n" for line in lines)


def _full(plan: Plan, planned: Planned) -> Iterator[str]:
    where = code(planned.room.name) if planned.room else "a GPU whose memory is not known"
    count = f"{planned.gpus} × " if planned.gpus else ""
    what = planned.flavour or "a job of no one method"
    yield f"### {code(plan.file)}: {what} of {code(planned.model)} on {count}{where}"
    yield ""
    yield f"{_SIGNS[planned.fits]} {_verdict(planned)}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, fact in words.facts(plan):
        yield f"| {name} | {fact} |"
    yield from _memory(planned)
    yield from _offers(plan)


def _verdict(planned: Planned) -> str:
    if planned.memory is not None:
        return words.verdict(planned)
    return f"Whether it fits is not known: {code(planned.reason)}"


def _memory(planned: Planned) -> Iterator[str]:
    need = planned.memory
    if need is None:
        return
    yield ""
    yield f"| memory at the peak ({need.phase}) | GiB | |"
    yield "|---|---:|---|"
    for part, amount in words.parts(need):
        bar = "█" * max(1, round(_BAR * amount / need.expected))
        yield f"| {part} | {words.gib(amount)} | {bar} |"
    spread = f"between {words.gib(need.low)} and {words.gib(need.high)}"
    yield f"| **total** | **{words.gib(need.expected)}** | {spread} |"
    for note in need.notes:
        yield ""
        yield f"{note}."


def _offers(plan: Plan) -> Iterator[str]:
    if plan.suggestions:
        yield ""
        yield "To make it fit:" if len(plan.suggestions) == 1 else "To make it fit, either:"
        yield ""
    for number, suggestion in enumerate(plan.suggestions, 1):
        yield f"{number}. {suggestion.title} → {words.after(suggestion)}"
        yield from _lines(plan, suggestion)
    if other := words.alternative(plan):
        yield ""
        yield other


def _lines(plan: Plan, suggestion: Suggestion) -> Iterator[str]:
    for at, line in changed_lines(plan, suggestion):
        where = f"line {at.removesuffix('+')}" if at else "field"
        yield f"   - {'after ' if at.endswith('+') else ''}{where}: {code(line.strip())}"


def _table(plans: Sequence[Plan]) -> Iterator[str]:
    yield "| | job | trains | memory per GPU | GPU |"
    yield "|---|---|---|---:|---|"
    for plan in plans:
        planned = plan.planned
        if planned is None:
            yield f"| ❌ has errors | {code(plan.file)} | | | |"
            continue
        need, room = planned.memory, planned.room
        state = f"{_SIGNS[planned.fits]} {words.VERDICTS[planned.fits]}"
        what = f"{planned.flavour or ''} of {code(planned.model)}"
        size = f"{words.gib(need.expected)} GiB" if need else ""
        where = f"{code(room.name)}, {room.memory // words.GIB} GiB" if room else ""
        yield f"| {state} | {code(plan.file)} | {what} | {size} | {where} |"
