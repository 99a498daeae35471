"""``sftc explain``: each leaf of a payload has a line that causes it, and that is the truth."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli
import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from layouts import configs, layout
from typer.testing import CliRunner

import sftc
from sftc import FromConfig, FromDefault, cli, schemas
from sftc.compiler.inspection import Fate, leaves, pointer
from sftc.review import Side, read_side
from sftc.review.source_map import as_objects, as_text, source_map

CASES = sorted(
    path for path in (Path(__file__).parents[1] / "cases").iterdir() if (path / "job.json").exists()
)
CONFIG = """\
[job]
model = "Qwen/Qwen3-4B"
data = "a.jsonl"
data_path = "b.jsonl"
poll_seconds = 60

[compute]
gpu_type = "H100"

[training.validation]
eval_steps = 20

[hyperparameters]
lora_target_modules = ["q_proj", "v_proj"]

[lora]
alpha_pattern = "x"
"""

each_case = pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)


def explain(*arguments: str, stdin: str = CONFIG) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["explain", "-", *arguments], input=stdin)
    return result.exit_code, result.stdout, result.stderr


def other(value: Any, path: tuple[str | int, ...]) -> Any:
    """Return another value that the schema allows in place of one."""
    choices = schemas.key_schema(path).get("enum")
    match value:
        case _ if choices:
            return next(choice for choice in choices if choice != value)
        case bool():
            return not value
        case int() if value == 3 or value > 2**52:
            return value - 1  # a ZeRO stage, or the largest integer there is
        case int():
            return value + 1
        case float():
            return value / 2 if value else 0.5
        case str():
            return f"{value}x"
        case list():
            return ["x"]
        case _:
            return {"x": "x"}


def with_value(config: Any, path: tuple[str | int, ...], value: Any) -> str:
    """Return a config as TOML, one value of it changed."""
    changed = deepcopy(config)
    table = changed
    for part in path[:-1]:
        table = table[part]
    table[path[-1]] = value
    return tomlkit.dumps(changed)


def silenced(text: str) -> str:
    """Return a config in which no rule stands against compiling; only the shape counts."""
    errors = {d.code for d in sftc.compile_config(text).diagnostics if d.severity == "error"}
    assert all(code.startswith("SFT2") for code in errors), errors
    lines = text.splitlines()
    for diagnostic in sftc.compile_config(text).diagnostics:
        if diagnostic.code in errors:
            lines[diagnostic.span.line - 1] += f" # sftc: ignore[{diagnostic.code}]"
    return "\n".join(lines)


@pytest.mark.slow_but_first
@each_case
def test_each_leaf_changes_with_the_value_that_it_is_said_to_come_from(case: Path) -> None:
    text = (case / "config.toml").read_bytes()
    compiled = sftc.compile_config(text)
    config = tomli.loads(text.decode())
    before = {pointer(path): value for path, value in leaves(compiled.payload)}
    assert compiled.provenance.keys() == before.keys()
    for at, origin in compiled.provenance.items():
        if isinstance(origin, FromDefault):
            given: Any = schemas.load(origin.schema)
            for part in origin.pointer.split("/")[1:]:
                key = part.replace("~1", "/").replace("~0", "~")
                given = given[int(key) if isinstance(given, list) else key]
            assert given == before[at]
            continue
        assert isinstance(origin, FromConfig)
        changed = silenced(with_value(config, origin.path, other(before[at], origin.path)))
        after = sftc.compile_config(changed)
        assert after.payload is not None, (origin, after.diagnostics)
        now = {pointer(path): value for path, value in leaves(after.payload)}
        differing = {p for p in before.keys() | now.keys() if before.get(p) != now.get(p)}
        assert {p for p in differing if p != at and not p.startswith(f"{at}/")} == set()
        assert differing, at


@each_case
def test_each_key_is_explained(case: Path) -> None:
    side = read_side((case / "config.toml").read_bytes(), "config.toml")
    assert isinstance(side, Side)
    found = source_map(side)
    jsonschema.validate(as_objects(found), schemas.load("source-map"))
    config = tomli.loads((case / "config.toml").read_text("utf-8"))
    assert {key.path for key in found.keys} == {path for path, _ in leaves(config)}
    origins = {
        leaf.source.origin.path
        for leaf in found.leaves
        if isinstance(leaf.source.origin, FromConfig)
    }
    assert origins == {key.path for key in found.keys if key.destination.fate is Fate.FORWARDED}


@given(config=configs, data=st.data())
def test_any_config_is_explained(config: dict[str, Any], data: st.DataObject) -> None:
    side = read_side(data.draw(layout(config)).encode(), "config.toml")
    assert isinstance(side, Side)
    found = source_map(side)
    jsonschema.validate(json.loads(json.dumps(as_objects(found))), schemas.load("source-map"))
    assert len(as_text(found).splitlines()) >= len(found.leaves)


QUESTIONS = {
    "/hyperparameters/eval_steps": (
        "/hyperparameters/eval_steps = 20  [training.validation].eval_steps, <stdin>:11:14\n"
    ),
    "/hyperparameters/greater_is_better": (
        "/hyperparameters/greater_is_better = false  default, config.schema.json#/properties/"
        "training/properties/validation/properties/greater_is_better/default\n"
    ),
    "/hyperparameters/lora_target_modules/1": (
        '/hyperparameters/lora_target_modules/1 = "v_proj"  '
        "[hyperparameters].lora_target_modules[1], <stdin>:14:34\n"
    ),
    "training.validation.eval_steps": (
        "<stdin>:11:14: [training.validation].eval_steps → /hyperparameters/eval_steps\n"
    ),
    "[training.validation].eval_steps": (
        "<stdin>:11:14: [training.validation].eval_steps → /hyperparameters/eval_steps\n"
    ),
    "job.poll_seconds": "<stdin>:5:16: [job].poll_seconds stays with the client\n",
    "job.data_path": (
        "<stdin>:4:13: [job].data_path goes nowhere: [job].data sets "
        "/metadata/sftc/files/training/path (SFT306)\n"
    ),
    "lora": "<stdin>:17:17: [lora].alpha_pattern goes nowhere: nothing reads it (SFT305)\n",
    "hyperparameters.eval_steps": (
        "/hyperparameters/eval_steps = 20  [training.validation].eval_steps, <stdin>:11:14\n"
    ),
}


@pytest.mark.parametrize("asked", QUESTIONS)
def test_questions(asked: str) -> None:
    assert explain(asked) == (0, QUESTIONS[asked], "")


def test_what_cannot_be_answered() -> None:
    code, out, err = explain("/hyperparameters/eval_step")
    assert (code, out) == (2, "")
    assert "did you mean `/hyperparameters/eval_steps`?" in err
    code, out, err = explain("gpu_type")
    assert (code, out) == (2, "")
    assert "has `gpu_type`; did you mean `compute.gpu_type`?" in err
    assert explain(stdin="[job]\n")[0] == 1
    payload = (CASES[0] / "job.json").read_text()
    assert "is a payload; name the config" in explain(stdin=payload)[2]


def test_without_a_question_all_is_told() -> None:
    code, out, _ = explain()
    assert code == 0
    for text in QUESTIONS.values():
        assert " →" in text or " ".join(text.split()) in " ".join(out.split())
    found = json.loads(explain("--format", "json")[1])
    jsonschema.validate(found, schemas.load("source-map"))
    assert {key["fate"] for key in found["keys"]} == {"forwarded", "client", "shadowed", "unread"}
