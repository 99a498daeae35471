"""The fields of a payload beyond its schema that are set, wherever they stand, and their effects.

A table is looked into, however deep: ``deepspeed = {zero_optimization = {offload_param = …}}``.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from ... import schemas
from ...diagnostics import KeyPath
from ...payloads import fields
from ..flavours import QLORA, decided
from ..precision import bf16, fp16
from ..values import Job
from .names import Effect, effect

_TABLES: Final = (fields.HYPERPARAMETERS, fields.TRAINING)
_OFF: Final = frozenset({"", "false", "none", "no", "off", "null", "disabled", "0"})
_SIZES: Final = ("parallel", "size", "degree")
_STAYS: Final = frozenset({Effect.NONE, Effect.COUNTED})


class Said(NamedTuple):
    """A field that is set."""

    path: KeyPath
    value: Any
    effect: Effect

    @property
    def name(self) -> str:
        """Its name, without its tables."""
        return str(self.path[-1])


def beyond(job: Job) -> tuple[Said, ...]:
    """Return the fields beyond the schema that are set to something.

    Raises:
        UnsoundError: a table is none.

    """
    found: list[Said] = []
    for path in _TABLES:
        found += _within(job, path, job.get(path) or {}, Effect.OPEN)
    return tuple(found)


def is_off(name: str, value: Any) -> bool:
    """Whether a value turns off what a field is for."""
    if isinstance(value, str):
        return value.strip().casefold() in _OFF
    if type(value) is int and value == 1:  # one of what there are several of
        return any(word in name for word in _SIZES)
    return value is None or value in (False, 0, [], {})


def _within(job: Job, path: KeyPath, table: Mapping[str, Any], around: Effect) -> Iterator[Said]:
    waiting = [(path, table, around)]
    while waiting:
        path, table, around = waiting.pop()
        known = _known().get(path, frozenset())
        for name, value in table.items():
            at = (*path, name)
            if at in _known() and type(value) is dict:
                waiting.append((at, value, Effect.OPEN))
                continue
            if name in known or is_off(name, value) or _agrees(job, name, value):
                continue
            kind = effect(name)
            if kind is Effect.OPEN:
                kind = around
            if type(value) is dict:
                waiting.append(
                    (at, _deciding(value, kind), Effect.OPEN if kind in _STAYS else kind)
                )
            if type(value) is not dict or kind is Effect.COUNTED:
                yield Said(at, value, kind)


def _deciding(table: Mapping[str, Any], kind: Effect) -> Mapping[str, Any]:
    """Return what of a table decides: of an offload its device alone, if it says one."""
    if kind is Effect.OFFLOAD and "device" in table:
        return {"device": table["device"]}
    return table


@cache
def _known() -> Mapping[KeyPath, frozenset[str]]:
    """Return the names that the schema has, by the table that they are in."""
    payload = schemas.load("payload")
    found: dict[KeyPath, frozenset[str]] = {}
    for path in (*_TABLES, fields.PARALLELISM, fields.VALIDATION):
        table: Any = payload
        for part in path:
            table = table["properties"][part]
        found[path] = frozenset(table["properties"])
    return found


_Agrees: TypeAlias = Callable[[Job, Any], bool]


def _is_word(*words: str) -> _Agrees:
    return lambda _, value: isinstance(value, str) and value.casefold() in words


def _is_precision(job: Job, value: Any) -> bool:
    if not isinstance(value, str):
        return value is True
    kind = value.casefold().removeprefix("torch.")
    if kind == "auto":
        return True
    return kind in (("bf16", "bfloat16") if bf16(job) else ("fp16", "float16") if fp16(job) else ())


def _is_optimizer(_: Job, value: Any) -> bool:
    return isinstance(value, str) and value.casefold() in {"adamw", "adamw_torch"}


_AGREEING: Final[Mapping[str, _Agrees]] = {
    "sharding_strategy": _is_word("full_shard"),
    "fsdp_sharding_strategy": _is_word("full_shard"),
    "dtype": _is_precision,
    "torch_dtype": _is_precision,
    "mixed_precision": _is_precision,
    "bnb_4bit_compute_dtype": _is_precision,
    "bf16": lambda job, value: value is True and bf16(job),
    "fp16": lambda job, value: value is True and fp16(job),
    "load_in_4bit": lambda job, _: decided(job) == QLORA,
    "bnb_4bit_quant_type": _is_word("nf4"),
    "bnb_4bit_use_double_quant": lambda _, value: value is True,
    "stage": lambda job, value: (
        bool(job.get(fields.USE_DEEPSPEED)) and value == job.get(fields.DEEPSPEED_STAGE)
    ),
    "optimizer": _is_optimizer,
}
"""Values that say again what is counted anyway."""


def _agrees(job: Job, name: str, value: Any) -> bool:
    agrees = _AGREEING.get(name)
    return agrees is not None and agrees(job, value)
