"""Fixes: what they write, and what must hold of them for every config.

A folder of ``fixes/`` is a config before, ``after.toml`` what the safe fixes make of it, and
``unsafe.toml`` what all of them make of it where that is something else.
``SFTC_REWRITE=1 make test`` rewrites the goldens.
"""

import os
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from layouts import OWN_LINE_COMMENT, configs, layout

import sftc
from sftc.compiler.edits import apply

FIXES = sorted((Path(__file__).parents[1] / "fixes").iterdir())
REWRITE = bool(os.environ.get("SFTC_REWRITE"))


@pytest.mark.parametrize("case", FIXES, ids=lambda path: path.name)
def test_goldens(case: Path) -> None:
    before = (case / "before.toml").read_bytes().decode()
    safe = sftc.fix_config(before).text
    unsafe = sftc.fix_config(before, unsafe=True).text
    if REWRITE:
        (case / "after.toml").write_bytes(safe.encode())
        (case / "unsafe.toml").unlink(missing_ok=True)
        if unsafe != safe:
            (case / "unsafe.toml").write_bytes(unsafe.encode())
    expected = {path.name: path.read_bytes().decode() for path in case.iterdir()}
    assert safe == expected["after.toml"]
    assert unsafe == expected.get("unsafe.toml", safe)
    assert set(expected) <= {"before.toml", "after.toml", "unsafe.toml"}


def rename(table: str, key: str, other: str) -> Any:
    def breakage(config: dict[str, Any]) -> None:
        values = config.get(table, {})
        if key in values and other not in values:
            values[other] = values.pop(key)

    return breakage


def move(table: tuple[str, ...], home: tuple[str, ...], key: str, *, value: Any) -> Any:
    """Put a key below another header than its own."""

    def breakage(config: dict[str, Any]) -> None:
        place: Any = config
        for part in table:
            place = place.setdefault(part, {})
        place[key] = value
        owner: Any = config
        for part in home:
            owner = owner.get(part, {})
        owner.pop(key, None)

    return breakage


BREAKAGES = [
    rename("compute", "gpu_type", "gpu_typ"),
    rename("job", "model", "base_model"),
    rename("job", "data", "data_path"),
    rename("hyperparameters", "learning_rate", "lr"),
    rename("hyperparameters", "n_epochs", "n_epoch"),
    move(("hyperparameters", "parallelism"), ("training", "validation"), "eval_steps", value=5),
    move(("training",), ("training", "validation"), "metric_for_best_model", value="val.loss"),
    move(("hyperparameters",), ("hyperparameters", "parallelism"), "fsdp", value=False),
    move(("training",), ("hyperparameters",), "sequence_length", value=128),
    move(("lora",), ("hyperparameters",), "alpha", value=8),
    move(("parallelism",), ("hyperparameters", "parallelism"), "fp16", value=False),
    lambda config: config.setdefault("lora", {}).update(r=16, dropout=0.1),
    lambda config: config.setdefault("metadata", {}).update(
        effective_config={"compute": {"gpu_type": config["compute"].get("gpu_type", "x")}}
    ),
    lambda config: config.pop("compute", None),
]


@given(
    data=st.data(),
    config=configs,
    breakages=st.lists(st.sampled_from(BREAKAGES), min_size=1, max_size=4, unique=True),
    unsafe=st.booleans(),
)
def test_fewer_findings_and_nothing_lost(
    data: st.DataObject, config: dict[str, Any], breakages: list[Any], *, unsafe: bool
) -> None:
    for breakage in breakages:
        if "compute" in config and isinstance(config.get("lora", {}), dict):
            breakage(config)
    text = data.draw(layout(config))
    before = sftc.lint_config(text)
    mended = sftc.fix_config(text, unsafe=unsafe)
    assert mended.diagnostics == sftc.lint_config(mended.text)
    assert len(mended.diagnostics) <= len(before) - len(mended.applied)
    assert bool(mended.applied) == (mended.text != text)
    assert mended.text.count(OWN_LINE_COMMENT) == text.count(OWN_LINE_COMMENT)
    assert sftc.fix_config(mended.text, unsafe=unsafe).text == mended.text
    assert bool(tomli.loads(mended.text))


@given(data=st.data(), config=configs, breakages=st.lists(st.sampled_from(BREAKAGES), max_size=3))
def test_each_fix_alone_leaves_toml(
    data: st.DataObject, config: dict[str, Any], breakages: list[Any]
) -> None:
    """What an editor or a code scanner offers one at a time is sound one at a time."""
    for breakage in breakages:
        if "compute" in config and isinstance(config.get("lora", {}), dict):
            breakage(config)
    text = data.draw(layout(config))
    for diagnostic in sftc.lint_config(text):
        if diagnostic.fix:
            mended = apply(text, diagnostic.fix.edits)
            assert tomli.loads(mended.replace("\r\n", "\n")), mended


def test_a_wrong_config_is_left_alone_when_no_fix_helps() -> None:
    text = '[job]\nmodel = 1\n[compute]\ngpu_type = "H100"\n'
    assert sftc.fix_config(text).text == text
