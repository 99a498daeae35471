"""What in a job contradicts itself: a function for each, by topic, each with one code.

A docstring says what contradicts what, and who says so. How much a code matters is said in the
catalogue alone: an error is what every trainer refuses.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from ...diagnostics import Finding, Severity
from ..values import Job, UnsoundError
from . import adapters, engines, hardware, naming, pace, validating

ALL = (
    *engines.ALL,
    *hardware.ALL,
    *pace.ALL,
    *adapters.ALL,
    *validating.ALL,
    *naming.ALL,
)
"""Every contradiction, in the order in which they are reported."""


Rule: TypeAlias = Callable[[Job], Iterable[Finding]]
"""What is asked of a job."""


def contradictions(job: Job, more: Iterable[Rule] = ()) -> list[Finding]:
    """Return what in a job contradicts itself; never raises, whatever its payload holds.

    A finding's ``path`` is the field of the payload to point at, which may be absent from it;
    ``covers`` has the other fields that are part of the contradiction.

    Args:
        job: the job.
        more: what else is asked of it.

    """
    found: list[Finding] = []
    for contradiction in (*ALL, *more):
        try:
            found += contradiction(job)
        except UnsoundError:
            continue
    return found


def errors(job: Job) -> list[Finding]:
    """Return the contradictions that every trainer refuses."""
    found = contradictions(job)
    if not found:
        return found
    from ...diagnostics.catalogue import CODES  # a good payload needs none of it

    return [finding for finding in found if CODES[finding.code].severity is Severity.ERROR]
