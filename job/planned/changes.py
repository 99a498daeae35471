"""What to change so that a job fits its GPU: the cheapest first, each planned again.

The effective batch stays what was reviewed. What costs time alone comes first, then what changes
how the model is trained, then what costs more hardware; shorter rows, which change what is
learned, come last.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from ...diagnostics import KeyPath
from ...payloads import fields
from ..memory.forwarded import EVALUATION_ROWS
from ..rules import contradictions
from ..values import Job
from .levers import (
    Lever,
    as_it_is,
    both,
    cheaper,
    checkpointing,
    shorter,
    smaller_batches,
    smaller_evaluations,
    with_more_hardware,
)
from .outlook import Question, fits, plan_of
from .values import Fits, Planned

_MOST: Final = 3
_BOTH: Final = 2
_NUMBERS: Final = (
    fields.GPU_COUNT,
    fields.PER_DEVICE_BATCH,
    fields.BATCH_SIZE,
    fields.GRADIENT_ACCUMULATION_STEPS,
    fields.SEQUENCE_LENGTH,
    EVALUATION_ROWS,
)
_Fields: TypeAlias = Mapping[KeyPath, Any]


class Change(NamedTuple):
    """What to change so that a job fits.

    Attributes:
        title: what it does, in a few words.
        fields: the new values of the payload's fields.
        documented: keys of a config that only document them, to be changed where they are written.
        planned: the job after it.

    """

    title: str
    fields: _Fields
    documented: _Fields
    planned: Planned


def changed(payload: Mapping[str, Any], values: _Fields) -> dict[str, Any]:
    """Return a payload with other values of fields; the one that is given stays as it is."""
    found = dict(payload)
    for path, value in values.items():
        table = found
        for part in path[:-1]:
            table[str(part)] = dict(table.get(str(part)) or {})
            table = table[str(part)]
        table[str(path[-1])] = value
    return found


def changes(payload: Mapping[str, Any], found: Planned, asked: Question) -> Iterator[Change]:
    """Yield what to change so that a job surely fits, the cheapest first; nothing if it does.

    Args:
        payload: the job's payload.
        found: its plan.
        asked: what it was planned with.

    Raises:
        UnsoundError: a field does not fit the payload's schema.

    """
    if found.fits not in {Fits.TIGHT, Fits.DOES_NOT_FIT}:
        return
    trial = _Trial(payload, asked)
    offered, slower = 0, _MOST
    for bases in (smaller_evaluations, as_it_is, cheaper, with_more_hardware, shorter):
        if offered and bases is with_more_hardware:
            return
        if slower < _MOST and bases is shorter:
            return
        for base in bases(trial.job, found, asked):
            # What changes more than the time has to save some of it.
            for cost, change in trial.with_cheap(base, slower):
                yield change
                offered += 1
                if bases is not with_more_hardware:
                    slower = min(slower, cost)
                if offered == _MOST:
                    return


class _Trial:
    """Changes of one payload, tried."""

    def __init__(self, payload: Mapping[str, Any], asked: Question) -> None:
        self.job = Job(payload)
        self._payload = payload
        self._asked = asked
        self._done: set[frozenset[KeyPath]] = set()  # of several numbers the first that does
        self._known = {finding.code for finding in contradictions(self.job)}
        self._refusals = asked.refusals(payload)

    def with_cheap(self, base: Lever | None, slower: int) -> Iterator[tuple[int, Change]]:
        """Yield a change alone, or else with fewer things that cost time alone than ``slower``.

        Each comes with how many of these it takes.
        """
        kind = frozenset(base.fields) if base else frozenset[KeyPath]()
        if base is not None and kind in self._done:
            return
        if base is not None and (alone := self._tried(base)):
            self._done.add(kind)
            yield 0, alone
            return
        job = Job(changed(self._payload, base.fields) if base else self._payload)
        smaller, again = list(smaller_batches(job)), list(checkpointing(job))
        single = [self._first(base, levers) for levers in (smaller, again) if slower > 1]
        found = [change for change in single if change]
        if found and base:
            self._done.add(kind)
        yield from ((1, change) for change in (found[:1] if base else found))
        if not found and again and slower > _BOTH:
            together = self._first(base, [both(lever, again[0]) for lever in smaller])
            if together:
                self._done.add(kind)
                yield _BOTH, together

    def _first(self, base: Lever | None, levers: Sequence[Lever]) -> Change | None:
        """Return the first change that does, of changes that need less and less memory."""
        whole = [both(base, lever) if base else lever for lever in levers]
        if len(whole) > 1 and not self._fits(whole[-1]):
            return None
        return next(filter(None, map(self._tried, whole)), None)

    def _fits(self, lever: Lever) -> bool:
        job = Job(changed(self._payload, lever.fields), fits=True)  # as the one before it did
        return fits(job, self._asked) is Fits.FITS

    def _tried(self, lever: Lever) -> Change | None:
        """Return a change if the job then fits, and nothing in it contradicts itself anew."""
        if not self._fits(lever):
            return None
        payload = changed(self._payload, lever.fields)
        job = Job(payload, fits=True)
        if {finding.code for finding in contradictions(job)} - self._known:
            return None
        if self._asked.refusals(payload) - self._refusals:
            return None
        return Change(self._title(lever), lever.fields, lever.documented, plan_of(job, self._asked))

    def _title(self, lever: Lever) -> str:
        numbers = [
            f"{path[-1]} {self.job.get(path) or 1} → {lever.fields[path]}"
            for path in _NUMBERS
            if path in lever.fields
        ]
        return "; ".join(filter(None, (", ".join(numbers), *lever.words)))
