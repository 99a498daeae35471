"""What a plan says, in the words and units that every form of it uses."""

from collections.abc import Iterator
from typing import Final
from unicodedata import category

from ..job.duration import Duration
from ..job.flavours import FULL
from ..job.memory import Memory, Part
from ..job.planned import Fits, Planned, Rhythm
from ..payloads import fields
from .values import Plan, Price, Suggestion

GIB: Final = 2**30
HOUR: Final = 3600
VERDICTS: Final = {
    Fits.FITS: "fits",
    Fits.TIGHT: "tight",
    Fits.DOES_NOT_FIT: "does not fit",
    Fits.UNKNOWN: "unknown",
}
_SHOWN: Final = 0.05
"""GiB of the smallest part that is shown."""


def gib(amount: float) -> str:
    """Return bytes as GiB, without the unit."""
    size = amount / GIB
    return f"{size:,.1f}" if size < 1000 else f"{size:,.0f}"  # noqa: PLR2004


def counted(count: int, noun: str) -> str:
    """Return how many there are of something."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def large(count: int) -> str:
    """Return a large number with three digits: ``8.03B``, ``41.9M``."""
    for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.3g}{letter}"
    return str(count)


def heading(planned: Planned) -> str:
    """Return what is trained, and on what."""
    what = planned.flavour or "a job of no one method"
    where = planned.room.name if planned.room else "a GPU whose memory is not known"
    if planned.gpus:
        where = f"{planned.gpus} × {where}"
    return f"{what} of {planned.model} on {where}"


def facts(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what a job comes to, apart from its memory: a name and a sentence each."""
    planned = plan.planned
    if planned is None:
        return
    if planned.trainable is not None and planned.shape is not None:
        yield "trains", _trains(planned, planned.trainable, planned.shape.parameters)
    yield "batch", f"{counted(planned.batch, 'row')} a step"
    found = planned.rhythm
    yield "steps", _steps(found)
    if found.tokens is not None:
        yield "tokens", f"{'at most ' if found.tokens_at_most else ''}{large(found.tokens)}"
    if found.evaluations:
        yield "evaluates", "once" if found.evaluations == 1 else f"{found.evaluations:,} times"
    if found.checkpoints:
        yield "saves", _saves(found)
    if planned.duration is not None:
        bound = found.tokens_at_most
        yield "time", _time(planned.duration, at_most=bound) + _without(found)
        if plan.price is not None:
            yield "cost", _cost(planned.duration, plan.price, at_most=bound)
        elif plan.priced:
            yield "cost", "not known: `[plan.prices]` has no price of this GPU"
    elif found.total is not None:
        yield "time", f"not known: {planned.timeless}"


def _trains(planned: Planned, trainable: int, parameters: int) -> str:
    if planned.flavour == FULL:
        return f"all {large(parameters)} parameters"
    share = 100 * trainable / parameters
    return f"{large(trainable)} of {large(parameters)} parameters ({share:.2g} %)"


def _steps(found: Rhythm) -> str:
    if found.total is None:
        return "not known: the rows are in no pin, and the dataset is not here"
    if found.per_epoch is None:
        return f"{found.total:,} in all"
    return f"{found.per_epoch:,} an epoch, {found.total:,} in all ({found.rows:,} rows)"


def _saves(found: Rhythm) -> str:
    count = counted(found.checkpoints or 0, "checkpoint")
    if found.checkpoint_bytes is None:
        return count
    each, kept = found.checkpoint_bytes, found.kept
    if found.checkpoints == 1 or kept is None:
        return f"{count} of about {gib(each)} GiB"
    most = min(kept + 1, found.checkpoints or 0)  # one is written before another is removed
    return f"{count} of about {gib(each)} GiB each, {kept:,} kept: up to {gib(most * each)} GiB"


def _time(took: Duration, *, at_most: bool) -> str:
    share = f"{100 * took.utilisation.expected:.0f} %"
    hours = took.seconds.expected / HOUR
    text = _between(*map(_hours, took.seconds), at_most=at_most)
    if took.gpus > 1:
        text += f", {_number(hours * took.gpus)} GPU-hours"
    return text + f", at {share} of a GPU's peak"


def _without(found: Rhythm) -> str:
    """Return what the time leaves out: nobody knows how many validation rows there are."""
    if not found.evaluations:
        return ""
    return f", without {counted(found.evaluations, 'evaluation')}"


def _between(low: str, expected: str, high: str, *, at_most: bool) -> str:
    """Return a range in words; of tokens that are at most so many, no lower bound is known."""
    if at_most:
        return f"up to {high}; about {expected} for so many tokens"
    return f"about {expected} ({low} to {high})"


def _cost(took: Duration, price: Price, *, at_most: bool) -> str:
    money = _money(price.currency)
    amounts = (f"{money}{_amount(hours * price.per_hour)}" for hours in took.gpu_hours)
    rate = f"{money}{price.per_hour:,.2f} a GPU-hour"
    if price.of:
        rate += f", the price of any {price.of}"
    return f"{_between(*amounts, at_most=at_most)}, at {rate}"


def _money(currency: str) -> str:
    return "".join(char for char in currency[:4] if _is_money(char))


def _is_money(char: str) -> bool:
    """Whether a character is of a currency, and nothing to a terminal or to Markdown."""
    return char.isalnum() or category(char) == "Sc"


def _amount(money: float) -> str:
    return f"{money:,.0f}" if money >= 100 else f"{money:,.2f}"  # noqa: PLR2004


def _hours(seconds: float) -> str:
    for size, unit in ((2 * 86_400, "days"), (HOUR, "h"), (60, "min")):
        if seconds >= size:
            return f"{_number(seconds / (86_400 if unit == 'days' else size))} {unit}"
    return f"{_number(seconds)} s"


def _number(amount: float) -> str:
    """Return a number with two digits, or all of them before the point."""
    return f"{amount:,.0f}" if amount >= 10 else f"{amount:.2g}"  # noqa: PLR2004


def parts(memory: Memory) -> list[tuple[Part, float]]:
    """Return the parts of memory that are worth a line, the largest first of their kind."""
    return [
        (part, amount.expected)
        for part, amount in memory.parts.items()
        if amount.expected / GIB >= _SHOWN
    ]


def verdict(planned: Planned) -> str:
    """Return whether a job fits, as a sentence."""
    need, room = planned.memory, planned.room
    if need is None:
        return f"Whether it fits is not known: {planned.reason}."
    if room is None:
        return f"It needs about {gib(need.expected)} GiB; the memory of its GPU is not known."
    about = f"about {gib(need.expected)} GiB of each GPU's {room.memory // GIB}"
    if room.ambiguous:
        about += f" (the smallest {room.name})"
    match planned.fits:
        case Fits.FITS:
            return f"It fits: it needs {about}, at most {gib(need.high)}."
        case Fits.TIGHT:
            return f"It is tight: it needs {about}, but may need {gib(need.high)}."
        case _:
            return f"It does not fit: it needs {about}."


def alternative(plan: Plan) -> str:
    """Return the smallest GPU that a job surely fits; empty if that says nothing new."""
    planned = plan.planned
    if planned is None or planned.memory is None or planned.fits is Fits.FITS:
        return ""
    if any(fields.GPU_TYPE in suggestion.fields for suggestion in plan.suggestions):
        return ""
    if planned.smallest is None:
        return "No GPU of the table has enough memory for it as it is."
    size = planned.smallest.memory // GIB
    name, price = planned.smallest.name, planned.smallest.per_hour
    if price is None:
        return f"The smallest GPU that it fits as it is: {name}, {size} GiB."
    money = _money(plan.currency)
    rate = f"{money}{price:,.2f} an hour"
    return f"The cheapest GPU that it fits as it is: {name}, {size} GiB, at {rate}."


def after(suggestion: Suggestion) -> str:
    """Return what a job needs after a change."""
    need = suggestion.planned.memory
    return f"{gib(need.expected)} GiB, at most {gib(need.high)}" if need else ""
