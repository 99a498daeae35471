"""Each field of the payload's schema has a say: what it may hold is read from the schema.

A field that is added to the schema and not to the mapping fails here.
"""

import json
from typing import Any

import pytest
from edited_payloads import GOOD
from payload_leaves import DIGEST, LEAVES, values, with_values

from sftc.diagnostics import KeyPath, codes
from sftc.diagnostics.pointers import pointer
from sftc.payloads import fields, misfits
from sftc.training.recipe import Recipe, World, recipe_for
from sftc.training.recipe.keys import KEYS

TOKENS = {"tokenizer": "t", "tokens": 3, "tokens_cut": 1, "trained_tokens": 1}
PIN = {"path": "b.jsonl", "sha256": DIGEST, "bytes": 1, "examples": 1, "head": 1, **TOKENS}


EVALUATED: dict[KeyPath, Any] = {
    fields.VALIDATION_ENABLED: True,
    fields.EVAL_STEPS: 20,
    fields.SAVE_BEST_MODEL_AT_END: True,
    fields.FILES: {"training": {**PIN, "path": "a.jsonl"}, "validation": PIN},
    fields.FORMAT: 1,
}
SHARDED: dict[KeyPath, Any] = {
    fields.GPU_COUNT: 4,
    fields.FSDP: True,
    fields.ACTIVATION_CHECKPOINTING: True,
}
CONTEXTS: dict[str, dict[KeyPath, Any]] = {
    "a payload that says little": {},
    "QLoRA, evaluated": {**EVALUATED, fields.USE_QLORA: True},
    "sharded": {**EVALUATED, **SHARDED, fields.N_EPOCHS: 1},
    "DeepSpeed": {fields.USE_DEEPSPEED: True, fields.DEEPSPEED_STAGE: 2, fields.GPU_COUNT: 4},
}


def words(recipe: Recipe, path: KeyPath) -> list[Any]:
    every: list[Any] = [*recipe.set, *recipe.noted, *recipe.refused]
    return [word for word in every if word.pointer == pointer(path)]


def made(context: str, path: KeyPath, value: Any) -> Recipe | None:
    payload = with_values(with_values(GOOD, CONTEXTS[context]), {path: value})
    return None if misfits(payload) else recipe_for(payload)


def test_the_mapping_has_each_field_of_the_schema() -> None:
    assert sorted(KEYS) == sorted(LEAVES)


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("path", LEAVES, ids=pointer)
def test_a_field_has_exactly_one_word_whatever_it_holds(path: KeyPath, context: str) -> None:
    for value in values(path):
        recipe = made(context, path, value)
        if recipe is not None:
            found = words(recipe, path)
            assert len(found) == 1, (path, value, found)
            assert codes.NO_TRAINER_SETTING not in {r.code for r in recipe.refused}


@pytest.mark.parametrize("path", LEAVES, ids=pointer)
def test_a_change_changes_the_recipe_or_is_noted_or_refused(path: KeyPath) -> None:
    for context in CONTEXTS:
        recipes = [made(context, path, value) for value in values(path)]
        fitting = [recipe for recipe in recipes if recipe]
        for after in fitting[1:]:
            if after == fitting[0]:
                assert not any(hasattr(word, "value") for word in words(after, path)), path


@pytest.mark.parametrize("path", [p for p in KEYS if KEYS[p].becomes], ids=pointer)
def test_a_field_becomes_what_the_mapping_says(path: KeyPath) -> None:
    found: set[str] = set()
    for context in CONTEXTS:
        for value in values(path):
            recipe = made(context, path, value)
            if recipe is not None:
                found |= {word.name for word in words(recipe, path) if hasattr(word, "name")}
    assert found == set(KEYS[path].becomes)


@pytest.mark.parametrize("path", [p for p in KEYS if not KEYS[p].becomes], ids=pointer)
def test_what_becomes_nothing_is_noted(path: KeyPath) -> None:
    recipe = made("QLoRA, evaluated", path, values(path)[0])
    assert recipe is not None
    assert [word.reason for word in words(recipe, path)] == [KEYS[path].words]


def test_the_recipe_is_the_same_each_time() -> None:
    payload = with_values(GOOD, CONTEXTS["sharded"])
    shuffled = json.loads(json.dumps(payload, sort_keys=True))
    assert recipe_for(payload).to_json() == recipe_for(shuffled, World()).to_json()
