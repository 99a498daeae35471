"""Cross-field rules, by topic: each a function of one job, none of which checks a type again."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from ... import schemas
from ...diagnostics import Finding, KeyPath
from . import batch, flavour, parallelism, paths, validation
from .job import Job, UnsoundError, known_values
from .keys import Placement

RULES: Final = (
    *parallelism.RULES,
    *batch.RULES,
    *flavour.RULES,
    *validation.RULES,
    *paths.RULES,
)


def check(
    config: Mapping[str, Any], shape: Iterable[Finding], unsound: frozenset[KeyPath]
) -> list[Finding]:
    """Return what does not go together in a config.

    The rules judge the config as it was meant: with each key where the findings say that it
    belongs. So a fix takes one finding away and brings no new one.

    Args:
        config: the values of the TOML text.
        shape: what the schema had to say.
        unsound: paths whose values the schema does not allow.

    """
    shape = list(shape)
    settled = {path for finding in shape for path in finding.settles} | unsound
    values = known_values(config)
    placed = list(Placement(config, values, settled).findings())
    stands = _homes_of(shape, placed)
    if stands:
        values = known_values(_as_meant(config, stands))
        unsound = frozenset(path for path in unsound if not _is_mended(path, stands))
    job = Job(values, unsound)
    found: list[Finding] = []
    for rule in RULES:
        try:
            found += rule(job)
        except UnsoundError:
            continue
    return placed + [_where_it_stands(finding, stands) for finding in found]


def _homes_of(*findings: Iterable[Finding]) -> dict[KeyPath, KeyPath]:
    """Return where each misplaced key stands, by where it belongs."""
    return {
        home: source
        for finding in chain(*findings)
        if finding.remedy
        for source, home in finding.remedy.moves
    }


def _as_meant(config: Mapping[str, Any], stands: Mapping[KeyPath, KeyPath]) -> dict[str, Any]:
    """Return the config with its keys moved home."""
    meant = deepcopy(dict(config))
    for home, source in stands.items():
        table: dict[str, Any] = meant
        for part in home[:-1]:
            table = table.setdefault(str(part), {})
        table[str(home[-1])] = deepcopy(schemas.value_at(config, source))
        del schemas.value_at(meant, source[:-1])[source[-1]]
    return meant


def _is_mended(path: KeyPath, stands: Iterable[KeyPath]) -> bool:
    return any(home[: len(path)] == path for home in stands)


def _where_it_stands(finding: Finding, stands: Mapping[KeyPath, KeyPath]) -> Finding:
    for length in range(len(finding.path), 0, -1):
        source = stands.get(finding.path[:length])
        if source:
            return replace(finding, path=(*source, *finding.path[length:]))
    return finding
