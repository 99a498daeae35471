"""A payload and a world become a recipe: each topic says what it has to say of its fields."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...diagnostics import KeyPath, Severity, codes
from ...diagnostics.catalogue import CODES
from ...job import Job, contradictions
from ...payloads import fields, misfits
from ...schemas import key_schema
from . import computing, evaluating, forwarded, launching, method, pace, sharding
from .defaults import ALWAYS
from .draft import Draft
from .keys import KEYS
from .values import Recipe
from .world import World

_REFUSED_WARNINGS: Final = frozenset(
    {
        codes.FLAVOURS_DISAGREE,
        codes.ADAPTER_KNOBS_WITHOUT_ADAPTER,
        codes.UNKNOWN_MODE,
        codes.UNKNOWN_TRAIN_KIND,
        codes.UNKNOWN_EVALUATION_STRATEGY,
        codes.MODEL_IS_NOT_A_NAME,
        codes.MODEL_OF_ANOTHER_FIELD,
    }
)
"""Contradictions that leave open what to train: a reviewer is warned, a trainer cannot choose."""

_FREE: Final = (fields.TOPOLOGY, fields.METADATA)
"""Tables whose other fields are for readers."""
_READ: Final = (fields.EFFECTIVE_CONFIG, fields.SFTC)
"""Tables in those, of which a trainer reads every field."""


def recipe_for(payload: Mapping[str, Any], world: World | None = None) -> Recipe:
    """Return what a trainer is told by a payload, in a world.

    Args:
        payload: plain values that fit the payload's schema.
        world: what there is to train on; None: what the payload asks for.

    Raises:
        ValueError: the payload misses its schema.

    """
    wrong = misfits(payload)
    if wrong:
        raise ValueError(wrong[0].reason)
    job = Job(payload, fits=True)
    draft = Draft(job, world or World())
    draft.put("trainer", **ALWAYS)
    _contradicted(draft)
    pace.course(draft)
    pace.learning(draft)
    pace.sequences(draft)
    computing.precision(draft)
    computing.checkpointing(draft)
    method.method(draft)
    launching.launch(draft)
    launching.says_again(draft)
    sharding.shard(draft)
    evaluating.evaluate(draft)
    forwarded.forward(draft)
    _others(draft, payload)
    return draft.done()


def _contradicted(draft: Draft) -> None:
    """Refuse what contradicts itself, by the rules and the codes of all who read payloads."""
    for finding in contradictions(draft.job):
        is_error = CODES[finding.code].severity is Severity.ERROR
        if is_error or finding.code in _REFUSED_WARNINGS:
            draft.refuse(finding)


def _others(draft: Draft, payload: Mapping[str, Any]) -> None:
    """Say a word of each field of which no topic said one."""
    for path in leaves(payload):
        if draft.has_word(path):
            continue
        key = KEYS.get(path)
        if key and not key.becomes:
            draft.note(path, key.words)
        elif _is_free(path):
            draft.note(path, "kept with the job as information; sets nothing")
        else:
            forwarded.refuse_name(draft, path)


def _is_free(path: KeyPath) -> bool:
    within = [table for table in (*_FREE, *_READ) if path[: len(table)] == table]
    return bool(within) and max(within, key=len) in _FREE


def leaves(payload: Mapping[str, Any]) -> Iterator[KeyPath]:
    """Yield the fields of a payload, but for the tables of its schema."""
    waiting: list[tuple[KeyPath, Mapping[str, Any]]] = [((), payload)]
    for above, table in waiting:
        for key, value in table.items():
            path = (*above, key)
            is_table = isinstance(value, dict)
            if is_table and "properties" in key_schema(path, "payload"):
                waiting.append((path, value))
            else:
                yield path
