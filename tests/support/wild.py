"""Wild configs: every name that the format or a trainer has, in every table, with any value."""

import datetime as dt
from random import Random
from typing import Any

from hypothesis import strategies as st
from layouts import texts, values

from sftc import schemas

TABLES = [
    *schemas.known_tables(),
    *((name,) for names in schemas.load("config")["x-sftc-groups"].values() for name in names),
    ("hyperparameters", "lora"),
    ("training", "lora"),
    ("training", "peft"),
    ("parallelism",),
    ("validation",),
    ("topology",),
    ("evaluation",),
    ("eval", "deep"),
    ("hyperparams",),
    ("hyperparamters",),
    ("hyperparamters", "paralelism"),
    ("hyperparams", "parallelism"),
    ("trainng", "validation"),
    ("training", "validaton"),
    ("jbo",),
    ("Compute",),
    ("hyperparameters", "parallelism", "deeper"),
    ("metadata", "effective_config"),
    ("metadata", "effective_config", "compute"),
    ("metadata", "effective_config", "training", "validation"),
]


def _slip(word: str) -> str:
    middle = len(word) // 2
    return word[:middle] + word[middle + 1 :]


NAMES = sorted(
    {
        name
        for known in schemas.known_tables().values()
        for key, schema in known.items()
        for name in (
            key,
            _slip(key),
            key.upper(),
            *schema.get("x-sftc-also", ()),
            *(n for names in schema.get("x-sftc-in", {}).values() for n in names),
        )
    }
    | {"lora", "peft", "optimizer", "scheduler", "seed", "a.b", "é", ""}
)

odd = st.one_of(
    st.just(float("nan")),
    st.just(float("inf")),
    st.just(-0.0),
    st.just(10**400),
    st.just(2**63),
    st.just(2**53),
    st.just(-1),
    st.just(0),
    st.just(dt.date(2026, 11, 26)),
    st.just(dt.time(7, 32)),
    st.just(dt.datetime(2026, 11, 26, 7, 32)),  # noqa: DTZ001 - TOML has local ones
    st.just({}),
    st.just([]),
    st.just(""),
    st.just("2e-4"),
    st.just("steps"),
    st.just([dt.date(2026, 1, 1)]),
    st.just({"x": float("nan")}),
    st.just([{"r": 1}, {"r": 2}]),
)
fitting = st.one_of(
    st.booleans(),
    st.integers(1, 64),
    st.sampled_from([0.5, 1e-5, 1.0]),
    st.sampled_from(["x", "no"]),
)
anything = st.recursive(
    st.one_of(fitting, fitting, odd, values),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)

Entry = tuple[tuple[str, ...], str, Any]
entries = st.lists(
    st.tuples(st.sampled_from(TABLES), st.sampled_from(NAMES) | texts, anything), max_size=7
)
bases = st.sampled_from(
    [
        {},
        {"job": {"model": "m/x"}, "compute": {"gpu_type": "H100"}},
        {
            "job": {"model": "m/x", "data": "a.jsonl"},
            "compute": {"gpu_type": "H100", "gpu_count": 8},
            "data": {"validation_path": "b.jsonl"},
            "training": {"use_qlora": True, "validation": {"eval_steps": 5}},
            "hyperparameters": {"learning_rate": 1e-4, "parallelism": {"bf16": True}},
        },
    ]
)


@st.composite
def wild(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a config in which anything may stand anywhere."""
    config: dict[str, Any] = _copy(draw(bases))
    for table, key, value in draw(entries):
        _set(config, table, key, value)
    return config


def _set(config: dict[str, Any], table: tuple[str, ...], key: str, value: Any) -> None:
    place = config
    for part in table:
        below = place.setdefault(part, {})
        if not isinstance(below, dict):
            return
        place = below
    place.setdefault(key, value)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(child) for key, child in value.items()}
    return [_copy(child) for child in value] if isinstance(value, list) else value


def shuffled(value: Any, random: Random) -> Any:
    """Return the same config with the keys of each table in another order."""
    if isinstance(value, dict):
        items = random.sample(list(value.items()), len(value))
        return {key: shuffled(child, random) for key, child in items}
    return [shuffled(child, random) for child in value] if isinstance(value, list) else value
