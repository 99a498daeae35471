"""There and back, a drawn config still means the same, as our own trainer's recipe has it.

Configs leave keys out here, divide the model, warm up by shares and have knobs that nothing uses:
what a system takes where nothing is said must not slip in.
"""

from typing import Any

import drawn_configs
import pytest

from sftc import targets
from sftc.compiler import compile_config
from sftc.compiler.inspection import lift
from sftc.diagnostics import KeyPath
from sftc.payloads import fields
from sftc.targets.paths import found, put
from sftc.training.recipe import recipe_for
from sftc.training.recipe.keys import KEYS
from sftc.writer import config_text

TEXTS = drawn_configs.texts(60, seed=16)
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
    if sharded := recipe.trainer.get("fsdp_config"):  # which has a setting of its own
        found["trainer.activation_checkpointing"] = sharded["activation_checkpointing"]
    found["launch.global_batch"] = recipe.launch["global_batch"]
    return {
        key: value
        for key, value in found.items()
        if key not in _FACTORS and not key.partition(".")[2].startswith(_NOT_LEARNED)
    }


def sources(setting: str) -> set[KeyPath]:
    """Return the fields that decide a setting."""
    of_schema = {path for path, key in KEYS.items() if setting in key.becomes}
    forwarded: KeyPath = (*fields.HYPERPARAMETERS, setting.partition(".")[2])
    return of_schema | {forwarded} | _ALSO.get(setting, set())


@pytest.mark.parametrize("name", targets.names())
def test_what_comes_back_means_what_went(name: str) -> None:
    target = targets.load(name)
    routed = {path for route in target.routes for path in route.fields}
    number = 0
    for text in TEXTS:
        payload = compile_config(text).payload
        assert payload is not None
        emitted = targets.emit(payload, target)
        if emitted.text is None:
            continue
        understood = targets.understand(emitted.text.encode(), target, name="job")
        assert understood.payload is not None
        put(understood.payload, fields.GPU_TYPE, "H100")
        if target.launch:  # which says how many; a service chooses
            put(understood.payload, fields.COMPUTE, found(payload, fields.COMPUTE))
        lifted = compile_config(config_text(lift(understood.payload)))
        assert lifted.payload is not None, (lifted.diagnostics, text, emitted.text)
        lost = {loss.field for loss in emitted.losses}
        before, after = meaning(payload), meaning(lifted.payload)
        for setting in before.keys() | after.keys():
            by = sources(setting)
            if by & lost or not by & routed:
                continue
            number += 1
            assert before.get(setting) == after.get(setting), (setting, text, emitted.text)
    assert number > 60
