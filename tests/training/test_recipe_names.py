"""The names of settings are those that transformers has: its source is read, and not run.

It cannot be imported without torch. What PEFT names is read from its releases: it needs torch to
be installed.
"""

import ast
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from sftc.schemas import load
from sftc.training.recipe.evaluating import METRICS
from sftc.training.recipe.forwarded import SCHEDULES, takes

RECIPES = Path(__file__).parent / "recipes"
LORA: Final = {"r", "lora_alpha", "lora_dropout", "target_modules", "task_type", "bias"}
"""Fields of PEFT's LoraConfig (0.21)."""
OWN_DEFAULTS: Final = {"data_seed", "logging_steps", "optim", "packing", "save_total_limit"}
"""Settings whose default is another one than transformers'."""


@cache
def module(name: str) -> ast.Module:
    found = importlib.util.find_spec("transformers")
    assert found
    assert found.origin
    return ast.parse((Path(found.origin).parent / name).read_text("utf-8"))


def definition(file: str, name: str) -> Any:
    kinds = (ast.ClassDef, ast.FunctionDef)
    return next(
        node for node in ast.walk(module(file)) if isinstance(node, kinds) and node.name == name
    )


def dataclass_fields(file: str, name: str) -> dict[str, Any]:
    """Return the fields of a dataclass, with the defaults that are written as literals."""
    found = {}
    for line in definition(file, name).body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            call = line.value
            values = [call] if not isinstance(call, ast.Call) else []
            if isinstance(call, ast.Call):
                values = [word.value for word in call.keywords if word.arg == "default"]
            found[line.target.id] = (
                values[0].value if values and isinstance(values[0], ast.Constant) else ...
            )
    return found


def members(file: str, name: str) -> dict[str, str]:
    """Return the values of an enum, by the names of its members."""
    return {
        line.targets[0].id: str(line.value.value)
        for line in definition(file, name).body
        if isinstance(line, ast.Assign)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.targets[0], ast.Name)
    }


def choices(file: str, name: str) -> set[str]:
    return set(members(file, name).values())


def parameters(file: str, name: str) -> set[str]:
    return {argument.arg for argument in definition(file, name).args.args}


def recipes() -> Iterator[dict[str, Any]]:
    for case in sorted(RECIPES.iterdir()):
        yield json.loads((case / "recipe.json").read_bytes())


def used(section: str) -> set[str]:
    return {name for recipe in recipes() for name in recipe[section] or ()}


def test_each_setting_of_the_trainer_is_one_of_transformers() -> None:
    fields = dataclass_fields("training_args.py", "TrainingArguments")
    assert len(fields) > 80
    assert used("trainer") <= fields.keys()
    assert set(takes()) - fields.keys() == {"packing"}


def test_defaults_are_those_of_transformers_unless_said() -> None:
    fields = dataclass_fields("training_args.py", "TrainingArguments")
    for name, said in takes().items():
        if "default" in said and name not in OWN_DEFAULTS:
            assert fields[name] == said["default"], name
            assert type(fields[name]) is type(said["default"]), name


def test_schedules_and_optimizers_are_those_of_transformers() -> None:
    schedules = takes()["lr_scheduler_type"]["enum"]
    follow_a_metric = {"reduce_lr_on_plateau", "greedy"}
    assert set(schedules) == choices("trainer_utils.py", "SchedulerType") - follow_a_metric
    assert set(takes()["optim"]["enum"]) <= choices("training_args.py", "OptimizerNames")
    assert set(SCHEDULES) == set(schedules)


def functions_of_schedules() -> dict[str, str]:
    """Return the function of each schedule, from the table of transformers."""
    table = next(
        node.value
        for node in module("optimization.py").body
        if isinstance(node, ast.Assign)
        and any(getattr(t, "id", "") == "TYPE_TO_SCHEDULER_FUNCTION" for t in node.targets)
    )
    assert isinstance(table, ast.Dict)
    names = members("trainer_utils.py", "SchedulerType")
    pairs = zip(table.keys, table.values, strict=True)
    return {names[getattr(key, "attr", "")]: getattr(value, "id", "") for key, value in pairs}


@pytest.mark.parametrize("name", SCHEDULES)
def test_what_a_schedule_takes_are_its_parameters(name: str) -> None:
    own = {"optimizer", "num_warmup_steps", "num_training_steps", "last_epoch"}
    assert set(SCHEDULES[name].needs) <= set(SCHEDULES[name].takes)
    expected = parameters("optimization.py", functions_of_schedules()[name]) - own
    assert set(SCHEDULES[name].takes) == expected


def test_what_schedules_take_is_in_the_schema() -> None:
    told = {name for schedule in SCHEDULES.values() for name in schedule.takes}
    assert set(takes()["lr_scheduler_kwargs"]["properties"]) == told


def test_the_quantizer_has_each_setting() -> None:
    known = {
        argument.arg
        for line in definition("utils/quantization_config.py", "BitsAndBytesConfig").body
        if isinstance(line, ast.FunctionDef) and line.name == "__init__"
        for argument in line.args.args
    }
    assert used("quantization")
    assert used("quantization") <= known


def test_the_adapter_and_the_mesh_have_each_setting() -> None:
    assert used("lora") == LORA
    assert used("parallelism") == {"tp_size", "dp_shard_size"}  # accelerate 1.15


def test_strategies_are_those_of_transformers() -> None:
    strategies = choices("trainer_utils.py", "IntervalStrategy")
    assert {recipe["trainer"]["eval_strategy"] for recipe in recipes()} == strategies
    saving = choices("trainer_utils.py", "SaveStrategy")
    assert {recipe["trainer"]["save_strategy"] for recipe in recipes()} <= saving
    assert all(name.startswith("eval_") for name in METRICS.values())


def test_the_schema_of_recipes_names_each_section() -> None:
    for recipe in recipes():
        assert set(recipe) == set(load("recipe")["required"])


def test_a_recipe_is_made_without_torch_and_without_transformers() -> None:
    program = (
        "import sys\n"
        "import sftc.training.recipe\n"
        "heavy = {'torch', 'transformers', 'trl', 'peft', 'accelerate', 'bitsandbytes', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
