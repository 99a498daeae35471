"""What the systems themselves say of texts: their validators, each in an environment of its own."""

import copy
import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import drawn_configs
import tomli
import yaml

from sftc import targets
from sftc.targets.paths import leaves, put
from sftc.targets.toml_writing import write_toml
from sftc.workspace.porting import compile_for

ROOT = Path(__file__).parents[2]
SERVICES = ("fireworks", "openai", "together")
SCRIPTS = {
    **dict.fromkeys(SERVICES, ("services", "as_sdk.py")),
    "trl": ("trainers", "as_trl.py"),
    "axolotl": ("trainers", "as_axolotl.py"),
    "llamafactory": ("llamafactory", "as_llamafactory.py"),
    "prime-rl": ("prime-rl", "as_prime_rl.py"),
    "skypilot": ("skypilot", "as_skypilot.py"),
    "trainjob": ("trainjob", "as_trainjob.py"),
}
"""By target: the environment, as the Makefile names it, and the script that asks."""


def python(target: str) -> Path:
    """Return the Python of the environment in which a target's validator is."""
    return ROOT / f".venv-targets-{SCRIPTS[target][0]}" / "bin" / "python"


def verdicts(target: str, texts: Iterable[str]) -> list[str | None]:
    """Return what a system says is wrong with each text; None: nothing."""
    environment, script = SCRIPTS[target]
    assert python(target).exists(), f"run: make .venv-targets-{environment}/.ready"
    asked = "".join(json.dumps({"target": target, "text": text}) + "\n" for text in texts)
    path = ROOT / "tests" / "targets" / "validators" / script
    done = subprocess.run(
        [python(target), path],
        input=asked,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line[:1] in {'"', "n"}]
    assert len(answers) == len(asked.splitlines()), done.stderr[-2000:]
    return answers


def written(target: str, number: int) -> list[str]:
    """Return so many drawn configs as a target has them."""
    found: list[str] = []
    seed = 0
    while len(found) < number:
        for text in drawn_configs.texts(100, seed, target):
            made = compile_for(targets.load(target), text, filename="config.toml").text
            found += [made] if made is not None else []
        seed += 1
    return found[:number]


def spoiled_text(text: str, form: str, random: Random) -> str:
    """Return a text, whose last document if there are several has a thing that no system takes."""
    if form == "json":
        return json.dumps(spoiled(json.loads(text), random))
    if form == "toml":
        return write_toml(spoiled(tomli.loads(text), random), {}, "")
    *others, last = yaml.safe_load_all(text)
    return yaml.safe_dump_all([*others, spoiled(last, random)])


def judged(target: str, number: int, broken: int) -> tuple[list[str], list[str]]:
    """Return the complaints about so many drawn configs, and spoiled ones that nobody minds.

    One process answers for all of them, as it takes seconds to start.
    """
    form, random = targets.load(target).form, Random(1)
    texts = written(target, number)
    wrong = [spoiled_text(text, form, random) for text in texts[:broken]]
    answers = verdicts(target, [*texts, *wrong])
    unnoticed = [text for text, answer in zip(wrong, answers[number:], strict=True) if not answer]
    return [answer for answer in answers[:number] if answer], unnoticed


def spoiled(tree: Mapping[str, Any], random: Random) -> Mapping[str, Any]:
    """Return a config with one thing that no system takes: an unknown key, or a wrong type."""
    if random.random() < 0.5:
        return {**tree, "no_such_setting": 1}
    changed = copy.deepcopy(dict(tree))
    numbers = [at for at, value in leaves(changed) if type(value) in {int, float}]
    put(changed, random.choice(numbers), {"a": ["mapping"]})
    return changed
