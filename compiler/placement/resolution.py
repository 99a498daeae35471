"""Claims to homes: who gets a place that several claim, and what is said of each.

The surest reason wins; of two equal ones, the key path that sorts first. So the verdict never
depends on the order of the file.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from ... import schemas
from ...diagnostics import Finding, KeyPath, RelatedKey
from . import Placement, by_hand
from .findings import Verdict, gathered, single
from .lexicon import fits, is_table, known_keys, required_homes
from .meant import Homes, rearranged
from .strays import Claim, Reason, claims, required

_TOGETHER = (Reason.GROUP, Reason.SIGNATURE)


def resolve(config: Mapping[str, Any]) -> Placement:
    """Return what a config was meant to say, in which some key is not at home."""
    homes = Homes(config)
    judged = [_judged(claim, homes) for claim in claims(config)]
    judged += _required(config, homes, judged)
    findings = [*_findings(judged, config), *by_hand.effective_config(config, homes)]
    remedies = [finding.remedy for finding in findings if finding.remedy]
    meant, sources = rearranged(config, remedies)
    claimed = {
        home for verdict in judged for home in verdict.claim.homes if not homes.is_written(home)
    }
    around = {home[:length] for home in claimed for length in range(1, len(home))}
    return Placement(
        config,
        meant,
        tuple(findings),
        sources,
        frozenset((claimed | around).intersection(required_homes())),
    )


def _judged(claim: Claim, homes: Homes) -> Verdict:
    """Return a claim with what becomes of it."""
    home = claim.homes[0]
    written = all(map(homes.is_written, claim.homes))
    fitting = fits(claim.value, home)
    moves = len(claim.homes) == 1 and fitting and homes.take(home, claim.value)
    return Verdict(claim, moves=moves, written=written, fits=fitting)


def _required(config: Mapping[str, Any], homes: Homes, judged: list[Verdict]) -> Iterator[Verdict]:
    """Yield the keys of that name for each required key that nothing else claims."""
    claimed = {home for verdict in judged for home in verdict.claim.homes}
    for home in required_homes():
        if is_table(home) or home in claimed or homes.is_spoken_for(home):
            continue
        claim = required(config, home)
        if claim and fits(claim.value, home):
            # Out of a table that nothing reads it would leave its neighbours behind.
            stays = claim.table is None and len(claim.source) > 1
            verdict = Verdict(claim, moves=False, written=False, fits=True)
            yield verdict if stays else _judged(claim, homes)


def _findings(judged: list[Verdict], config: Mapping[str, Any]) -> Iterator[Finding]:
    alone = [verdict for verdict in judged if not _is_gathered(verdict)]
    for verdict in alone:
        yield replace(single(verdict, config), related=tuple(_in_the_way([verdict], config)))
    together = sorted(filter(_is_gathered, judged), key=_gathering)
    for _, group in groupby(together, key=_gathering):
        verdicts = sorted(group, key=_in_the_schema)
        yield replace(gathered(verdicts, config), related=tuple(_in_the_way(verdicts, config)))


def _in_the_way(group: Iterable[Verdict], config: Mapping[str, Any]) -> Iterator[RelatedKey]:
    """Yield what stands where keys would move to, if they could."""
    for verdict in group:
        home = verdict.claim.homes[0]
        if verdict.moves or len(verdict.claim.homes) > 1:
            continue
        for length in range(1, len(home) + 1):
            there = schemas.value_at(config, home[:length])
            if isinstance(there, dict) and length == len(home):
                yield RelatedKey(home, "is a table already")
            elif there is not None and not isinstance(there, dict):
                yield RelatedKey(home[:length])
                break


def _is_gathered(verdict: Verdict) -> bool:
    """Whether the keys of one table are reported together: knobs that often come in numbers."""
    claim = verdict.claim
    home = schemas.key_schema(claim.homes[0][:-1])
    signature = bool(home.get("x-sftc-signature"))
    return claim.reason in _TOGETHER or (claim.reason is Reason.ELSEWHERE and signature)


def _gathering(verdict: Verdict) -> tuple[Any, ...]:
    home = verdict.claim.homes[0]
    return (
        verdict.claim.source[:-1],
        verdict.claim.reason is Reason.GROUP,
        not verdict.moves,
        home[:-1],
    )


def _in_the_schema(verdict: Verdict) -> tuple[int, KeyPath]:
    """Return the order in which the keys of one table are named: as the schema has them."""
    home = verdict.claim.homes[0]
    return list(known_keys(home[:-1])).index(str(home[-1])), verdict.claim.source
