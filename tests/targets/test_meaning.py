"""There and back, a drawn config still means the same, as our own trainer's recipe has it.

Configs leave keys out here, divide the model, warm up by shares and have knobs that nothing uses:
what a system takes where nothing is said must not slip in.
"""

import json
from math import ceil
from pathlib import Path
from typing import Any

import drawn_configs
import pytest

from sftc import targets
from sftc.compiler import compile_config
from sftc.compiler.inspection import lift
from sftc.diagnostics import KeyPath, Span
from sftc.payloads import fields
from sftc.targets.documents import Document
from sftc.targets.paths import found, put
from sftc.targets.reading import read
from sftc.targets.writing import write
from sftc.training.recipe import recipe_for
from sftc.training.recipe.keys import KEYS
from sftc.writer import config_text

TRANSLATED = [name for name in targets.names() if not targets.load(name).is_manifest]
"""Those that say a job in words of their own; a manifest has the payload in it."""
_NOT_LEARNED = ("log", "save", "disable", "report", "use_cpu", "dataloader", "fsdp", "deepspeed")
"""How settings begin that say how a run goes, and not what is learned."""
_FACTORS = ("trainer.per_device_train_batch_size", "trainer.gradient_accumulation_steps")
_ALSO: dict[str, set[KeyPath]] = {
    "launch.global_batch": {fields.PER_DEVICE_BATCH, fields.GRADIENT_ACCUMULATION_STEPS},
    "trainer.warmup_steps": {(*fields.HYPERPARAMETERS, "warmup_steps")},
    "trainer.num_train_epochs": {fields.TOTAL_STEPS, fields.TRAIN_STEPS, fields.STEPS},
    "trainer.eval_steps": {fields.VALIDATION_PATH},
    "quantized": {fields.USE_QLORA},
}


def meaning(payload: dict[str, Any]) -> dict[str, Any]:
    """Return what decides what is learned, by setting."""
    recipe = recipe_for(payload)
    sections = {"trainer": recipe.trainer, "lora": recipe.lora or {}, "rows": recipe.rows}
    found = {f"{name}.{key}": value for name, s in sections.items() for key, value in s.items()}
    found["method"], found["quantized"] = recipe.method, recipe.quantization is not None
    found["evaluated"] = recipe.evaluated
    found["rows.packing"] = payload["hyperparameters"].get("packing", False)  # others may
    if sharded := recipe.trainer.get("fsdp_config"):  # which has a setting of its own
        found["trainer.activation_checkpointing"] = sharded["activation_checkpointing"]
    found["trainer.optim"] = found["trainer.optim"].removesuffix("_fused")  # quicker, and the same
    found["launch.global_batch"] = recipe.launch["global_batch"]
    return {
        key: value
        for key, value in found.items()
        if key not in _FACTORS and not key.partition(".")[2].startswith(_NOT_LEARNED)
    }


def warmed_up(meant: dict[str, Any], steps: int) -> dict[str, Any]:
    """Return a meaning with a warm-up of steps, where a share of so many says the same."""
    warmup = meant["trainer.warmup_steps"]
    is_share = 0 < warmup < 1 and steps > 0
    return {**meant, "trainer.warmup_steps": ceil(warmup * steps) if is_share else warmup}


def sources(setting: str) -> set[KeyPath]:
    """Return the fields that decide a setting."""
    of_schema = {path for path, key in KEYS.items() if setting in key.becomes}
    forwarded: KeyPath = (*fields.HYPERPARAMETERS, setting.partition(".")[2])
    return of_schema | {forwarded} | _ALSO.get(setting, set())


DEFAULTS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "defaults.json").read_text("utf-8")
)
FLAVOURS = {
    "axolotl": ({}, {"adapter": "lora", "lora_r": 8, "lora_alpha": 8, "lora_target_linear": True}),
    "llamafactory": ({"finetuning_type": "full"}, {}, {"lora_rank": 32}, {"seed": 7}),
    "trl": ({}, {"use_peft": True, "lora_target_modules": "all-linear"}, {"fp16": True}),
    "together": ({"training_type": {"type": "Full"}}, {}),
}
"""Keys of sources that say no more than what is trained."""


def outspoken(target: targets.Target, tree: dict[str, Any]) -> dict[str, Any]:
    """Return a config of a system with its own defaults written out."""
    given = read(Document("job", tree, lambda *_: Span(1, 1, 1, 1, "job")), target).fields
    adapted = given.get(fields.TRAIN_KIND) == "peft"
    usual = {
        key.rstrip("*"): value
        for key, value in DEFAULTS.get(target.name, {}).items()
        if adapted or not key.endswith("*")
    }
    if target.name == "llamafactory":
        usual["lora_alpha"] = 2 * tree.get("lora_rank", 8)
        usual["data_seed"] = tree.get("seed", 42)
    if tree.get("fp16"):
        usual.pop("bf16", None)
    if tree.keys() & {"max_steps", "warmup_steps", "warmup_ratio"}:
        steps, warmups = {"num_epochs", "num_train_epochs"}, {"warmup_steps", "warmup_ratio"}
        for one, others in (("max_steps", steps), *((key, warmups) for key in warmups)):
            usual = {k: v for k, v in usual.items() if one not in tree or k not in others}
    return {**usual, **tree}


def lifted(target: targets.Target, tree: dict[str, Any], compute: Any) -> dict[str, Any]:
    """Return what a config of a system means to our trainer."""
    source = Document("job", tree, lambda *_: Span(1, 1, 1, 1, "job"))
    payload = read(source, target).payload
    put(payload, fields.GPU_TYPE, "H100")
    if target.launch:  # which says how many; a service chooses
        put(payload, fields.COMPUTE, compute)
    again = compile_config(config_text(lift(payload)))
    assert again.payload is not None, (again.diagnostics, tree)
    return meaning(again.payload)


@pytest.mark.slow_but_first
@pytest.mark.parametrize("name", TRANSLATED)
def test_what_comes_back_means_what_went(name: str) -> None:
    """Also where the system's defaults are written out, so that none was relied on."""
    target = targets.load(name)
    routed = {path for route in target.routes for path in route.fields}
    number = 0
    for text in drawn_configs.texts(40, 16, name):
        payload = compile_config(text).payload
        assert payload is not None
        draft = write(payload, target)
        if targets.emit(payload, target).text is None:
            continue
        lost, before = {loss.field for loss in draft.losses}, meaning(payload)
        steps = before["trainer.max_steps"]
        before = warmed_up(before, steps)
        for tree in (draft.tree, outspoken(target, draft.tree)):
            after = warmed_up(lifted(target, tree, found(payload, fields.COMPUTE)), steps)
            for setting in before.keys() | after.keys():
                by = sources(setting)
                if by & lost or not by & routed:
                    continue
                number += 1
                assert before.get(setting) == after.get(setting), (setting, text, tree)
    assert number > 60


@pytest.mark.parametrize("name", sorted(FLAVOURS))
def test_a_silent_source_means_what_its_system_takes(name: str) -> None:
    target = targets.load(name)
    compute = {"gpu_type": "H100"}
    (at,) = {route.at["value"][0] for route in target.routes if route.fields == (fields.MODEL,)}
    for flavour in FLAVOURS[name]:
        tree = {str(at): "m", **flavour}
        silent, said = (lifted(target, one, compute) for one in (tree, outspoken(target, tree)))
        assert silent == said, tree
