"""Any payload that fits its schema becomes a recipe: no exception, and one word for each field."""

from typing import Any

import pytest
from edited_payloads import GOOD
from hypothesis import given
from hypothesis import strategies as st
from payload_leaves import LEAVES, values, with_values

from sftc import payloads
from sftc.diagnostics import KeyPath
from sftc.diagnostics.pointers import pointer
from sftc.job import Job
from sftc.job.batch import effective_or_least
from sftc.payloads import fields
from sftc.schemas.accepting import acceptor, key_acceptor
from sftc.training.recipe import Library, Recipe, World, recipe_for
from sftc.training.recipe.forwarded import takes
from sftc.training.recipe.making import leaves

NUMBERS = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.integers(0, 70),
    st.floats(allow_nan=False, allow_infinity=False),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8))
ANY = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
SETTINGS = [
    {name: said["enum"] for name, said in takes().items() if "enum" in said},
    takes()["lr_scheduler_kwargs"]["properties"],
]


def known_value(path: KeyPath) -> st.SearchStrategy[Any]:
    fits = key_acceptor(path, "payload")
    return st.one_of(st.sampled_from(values(path)), SCALARS.filter(fits))


KNOWN = st.lists(st.sampled_from(LEAVES), max_size=14, unique=True).flatmap(
    lambda paths: st.fixed_dictionaries({path: known_value(path) for path in paths})
)
TABLES = (
    fields.HYPERPARAMETERS,
    fields.PARALLELISM,
    fields.TOPOLOGY,
    fields.COMPUTE,
    fields.METADATA,
    (),
)
FORWARDED = st.dictionaries(
    st.sampled_from([(*fields.HYPERPARAMETERS, name) for name in takes()]),
    st.one_of(
        SCALARS,
        st.sampled_from([choice for choices in SETTINGS[0].values() for choice in choices]),
        st.dictionaries(st.sampled_from(sorted(SETTINGS[1])), NUMBERS, max_size=3),
    ),
    max_size=4,
)
UNKNOWN = st.dictionaries(
    st.tuples(st.sampled_from(TABLES), st.text(max_size=6)).map(lambda at: (*at[0], at[1])),
    ANY,
    max_size=3,
)
COUNTS = st.none() | st.integers(1, 9) | st.integers(1, 2**40)
WORLDS = st.builds(
    World,
    st.sampled_from(["cuda", "cpu"]),
    COUNTS,
    COUNTS,
    st.lists(st.sampled_from(["H100", "T4", "A100 40GB", "odd"]), max_size=2).map(tuple),
    st.frozensets(st.sampled_from(Library)),
)


@given(KNOWN, FORWARDED, UNKNOWN, WORLDS)
def test_any_payload_becomes_a_recipe(
    known: dict[KeyPath, Any],
    forwarded: dict[KeyPath, Any],
    unknown: dict[KeyPath, Any],
    world: World,
) -> None:
    payload = with_values(GOOD, {**unknown, **forwarded, **known})
    if payloads.misfits(payload):
        return
    recipe = recipe_for(payload, world)
    words: list[Any] = [*recipe.set, *recipe.noted, *recipe.refused]
    pointers = [word.pointer for word in words]
    assert len(pointers) == len(set(pointers))
    assert {pointer(path) for path in leaves(payload)} <= set(pointers)
    assert acceptor("recipe")(recipe.as_object())
    assert Recipe.from_json(recipe.to_json()) == recipe
    launch, trainer = recipe.launch, recipe.trainer
    copies = launch["nodes"] * launch["processes_per_node"] // launch["tensor_parallel"]
    if not recipe.refused:
        assert launch["global_batch"] == (
            trainer["per_device_train_batch_size"] * trainer["gradient_accumulation_steps"] * copies
        )
        assert launch["nodes"] <= (world.nodes or launch["nodes"])
        assert launch["processes_per_node"] <= (world.processes_per_node or 2**64)
        assert not (trainer["bf16"] and trainer["fp16"])
        assert (recipe.lora is None) == (recipe.method == "full fine-tuning")
        assert (recipe.quantization is None) == (recipe.method != "QLoRA")


FEW = st.integers(1, 6)


@given(
    st.fixed_dictionaries(
        {fields.GPU_COUNT: FEW, fields.NODES: FEW, fields.BATCH_SIZE: FEW},
        optional={
            fields.GRADIENT_ACCUMULATION_STEPS: FEW,
            fields.GLOBAL_BATCH: st.sampled_from([12, 24, 60, 720]),
            fields.TENSOR_PARALLEL_SIZE: st.sampled_from([1, 2, 3]),
            fields.FSDP: st.just(value=True),
        },
    ),
    st.builds(World, st.sampled_from(["cuda", "cpu"]), FEW | st.none(), FEW | st.none()),
)
def test_the_global_batch_stays_over_as_many_processes_as_there_are(
    asked: dict[KeyPath, Any], world: World
) -> None:
    payload = with_values(GOOD, asked)
    recipe = recipe_for(payload, world)
    launch, trainer = recipe.launch, recipe.trainer
    if recipe.refused:
        return
    copies = launch["nodes"] * launch["processes_per_node"] // launch["tensor_parallel"]
    batch = trainer["per_device_train_batch_size"] * trainer["gradient_accumulation_steps"]
    assert batch * copies == effective_or_least(Job(payload))
    assert trainer["per_device_train_batch_size"] == asked[fields.BATCH_SIZE]
    assert launch["nodes"] * launch["processes_per_node"] <= (
        asked[fields.NODES] * asked[fields.GPU_COUNT]
    )


def test_what_misses_the_schema_is_no_payload() -> None:
    with pytest.raises(ValueError, match="`hyperparameters` is 1, but must be an object"):
        recipe_for({**GOOD, "hyperparameters": 1})


def test_no_process_trains_nothing() -> None:
    with pytest.raises(ValueError, match="at least one process"):
        World(nodes=0)


@pytest.mark.parametrize("data", ["{}", "[]", '{"format": 2}', "no JSON"])
def test_what_is_no_recipe_is_not_read(data: str) -> None:
    with pytest.raises(ValueError, match=r"not a recipe of format 1|Expecting value"):
        Recipe.from_json(data)
