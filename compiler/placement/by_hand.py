"""``[metadata].effective_config``: a part of the payload, which some configs write by hand."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ... import schemas
from ...diagnostics import Aim, Finding, KeyPath, RelatedKey, Remedy, codes
from .lexicon import fits, turns_on
from .meant import Homes

_EFFECTIVE: Final = ("metadata", "effective_config")


def effective_config(config: Mapping[str, Any], homes: Homes) -> Iterator[Finding]:
    """Find a part of the payload in the config: its keys are read from the tables of their names.

    What agrees with those tables says nothing; what they leave open moves there.
    """
    values = schemas.value_at(config, _EFFECTIVE)
    if not isinstance(values, dict):
        return
    leaves = list(_leaves(values, ()))
    absent = [(path, value) for path, value in leaves if not homes.is_written(path)]
    disagree = [
        RelatedKey(path)
        for path, value in leaves
        if homes.is_written(path) and not _same(schemas.value_at(config, path), value)
    ]
    known = all(schemas.key_schema(path) and fits(value, path) for path, value in leaves)
    remedy = None
    if known and not disagree and all(homes.take(path, value) for path, value in absent):
        moves = tuple(((*_EFFECTIVE, *path), path) for path, _ in absent)
        safe = not any(turns_on(path, value, config) for path, value in absent)
        title = "move the keys to the tables that are read" if moves else "remove it"
        remedy = Remedy(title, safe=safe, moves=moves, removes=(_EFFECTIVE,))
    hint = remedy.title if remedy else "write these keys in the tables of the same names"
    yield Finding(
        codes.EFFECTIVE_CONFIG_BY_HAND,
        _EFFECTIVE,
        aim=Aim.KEY,
        hint=hint,
        remedy=remedy,
        related=tuple(disagree),
    )


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same to TOML: 1, 1.0 and true are three."""
    return type(one) is type(other) and repr(one) == repr(other)


def _leaves(table: Mapping[str, Any], path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value
