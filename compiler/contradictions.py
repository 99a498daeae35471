"""What does not go together in a job, said of the keys of its config.

``job`` judges payloads; here its findings get the keys that the fields come from. Besides, the
one thing that only a config can contradict: what it documents for its readers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from .. import schemas
from ..diagnostics import Finding, KeyPath, RelatedKey, codes, dotted, value_text
from ..job import Job, Rule, errors
from ..job import contradictions as contradictions_of
from ..job.flavours import VARIETIES, witnesses
from ..job.values import UnsoundError
from .lower import FromDefault, Lowered
from .placement import Placement

_VARIETY: Final = ("algorithm", "variety")


def contradictions(
    lowered: Lowered,
    meant: Lowered,
    placed: Placement,
    *,
    fits: bool,
    more: Iterable[Rule] = (),
) -> list[Finding]:
    """Return what in a job contradicts itself, as its config means it.

    What every trainer refuses is refused of the payload as it is, too.

    Args:
        lowered: what the config was lowered to.
        meant: what the meant config was lowered to; the same, if all keys are at home.
        placed: the config, and what it was meant to say.
        fits: whether the payload is known to fit its schema.
        more: what else is asked of the job.

    """
    job = Job(meant.payload, unwritten=_unwritten(meant), fits=fits or None)
    found = contradictions_of(job, more)
    findings = [_of_keys(finding, meant, placed) for finding in found]
    if all(finding.code != codes.FLAVOURS_DISAGREE for finding in found):
        findings += _documented(job, meant, placed)
    if meant is not lowered:
        said = {finding.code for finding in found}
        findings += [
            _of_keys(finding, lowered, Placement(lowered.config, lowered.config))
            for finding in errors(Job(lowered.payload, unwritten=_unwritten(lowered)))
            if finding.code not in said
        ]
    return findings


def _unwritten(lowered: Lowered) -> frozenset[KeyPath]:
    return frozenset(
        target for target, _, origin in lowered.claims if isinstance(origin, FromDefault)
    )


def _of_keys(finding: Finding, lowered: Lowered, placed: Placement) -> Finding:
    return replace(
        finding,
        path=placed.source(lowered.key_for(finding.path)),
        covers=(),
        related=tuple(_set_here(finding.covers, lowered, placed)),
    )


def _set_here(
    targets: Iterable[KeyPath], lowered: Lowered, placed: Placement
) -> Iterator[RelatedKey]:
    """Yield the keys that set fields of the payload; of a field that none sets, nothing."""
    for target in targets:
        key = lowered.key_of(target)
        if key and schemas.value_at(lowered.config, key) is not None:
            yield RelatedKey(placed.source(key))


def _documented(job: Job, meant: Lowered, placed: Placement) -> Iterator[Finding]:
    """Yield that [algorithm] documents another flavour than the job has."""
    variety: Any = schemas.value_at(placed.meant, _VARIETY)
    admits = VARIETIES.get(variety) if isinstance(variety, str) else None
    try:
        found = witnesses(job) if admits else []
    except UnsoundError:
        return
    for witness in found:
        if admits and not admits & witness.admits:
            words: Mapping[str, str] = {
                "later": f"{dotted(_VARIETY)} = {value_text(variety)}",
                "earlier": str(witness),
                "one": " or ".join(sorted(admits)),
                "other": " or ".join(sorted(witness.admits)),
            }
            yield Finding(
                codes.FLAVOURS_DISAGREE,
                placed.source(_VARIETY),
                dict(words),
                related=tuple(_set_here([witness.path], meant, placed)),
            )
            return
