"""What holds for every target, of drawn configs: nothing is lost in silence, and there and back."""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import drawn_configs
import pytest
import tomli
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sftc import targets
from sftc.compiler import compile_config
from sftc.diagnostics import KeyPath, codes, dotted
from sftc.payloads import fields
from sftc.targets.documents import parse
from sftc.targets.paths import ABSENT, found, leaves, put
from sftc.targets.toml_writing import write_toml
from sftc.targets.values import key_of
from sftc.targets.writing import Draft, write
from sftc.targets.yaml_writing import write_yaml


@cache
def payloads(name: str) -> list[dict[str, Any]]:
    """Return the payloads of drawn configs that have what a target needs."""
    texts = drawn_configs.texts(20, 7, name)
    return [payload for text in texts if (payload := compile_config(text).payload)]


PROBES: tuple[Any, ...] = (
    3,
    0.375,
    True,
    False,
    "x/y.jsonl",
    "epoch",
    "no",
    "cosine",
    "val.x",
    5,
    "fft",
    "peft",
)
each_target = pytest.mark.parametrize("name", targets.names())


def with_value(payload: dict[str, Any], path: KeyPath, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(payload)
    put(changed, path, value)
    return changed


def said(draft: Draft) -> tuple[Any, ...]:
    return draft.tree, [(loss.code, loss.field, loss.words) for loss in draft.losses]


@pytest.mark.slow_but_first
@each_target
def test_each_leaf_of_a_payload_is_written_or_named(name: str) -> None:
    """A leaf is written if another value in its place is written otherwise."""
    target = targets.load(name)
    for payload in payloads(name):
        draft = write(payload, target)
        if any(loss.code == codes.UNDECIDED_FOR_TARGET for loss in draft.losses):
            continue  # nothing is written then
        named = {loss.field for loss in draft.losses}
        for path, value in leaves(payload):
            whole = tuple(part for part in path if isinstance(part, str))
            if whole in named or value in (None, {}, []):
                continue
            others = (p for p in PROBES if p != value and type(p) is type(value))
            assert any(
                said(write(with_value(payload, path, other), target)) != said(draft)
                for other in others
            ), (path, value)


def parsed(text: str, target: targets.Target) -> dict[str, Any]:
    return parse(text.encode(), target.reading_form, "job").tree


def there_and_back(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any], Any, str]]:
    """Yield payloads, what comes back of each, what was lost on the way, and the text."""
    target = targets.load(name)
    for payload in payloads(name):
        emitted = targets.emit(payload, target)
        if emitted.text is None:
            continue
        understood = targets.understand(emitted.text.encode(), target, name="job")
        assert understood.payload is not None
        back = understood.payload
        compute = found(payload, fields.COMPUTE)  # which the systems leave to who starts them
        there = found(back, fields.COMPUTE)
        put(back, fields.COMPUTE, {**compute, **(there if isinstance(there, dict) else {})})
        yield payload, back, emitted, emitted.text


@each_target
def test_what_was_written_reads_back_as_the_same_values(name: str) -> None:
    alone = {
        path
        for route in targets.load(name).routes
        if route.transform in {"same", "dataset", "modules", "opposite", "upload"}
        for path in route.fields
    }
    same = {"adamw_torch_fused": "adamw_torch"}  # of which systems have one
    number = 0
    for payload, back, emitted, _ in there_and_back(name):
        lost = {loss.field for loss in emitted.losses}
        whole = dict(leaves(payload)) if targets.load(name).is_manifest else {}
        for path in whole or alone - lost:
            value = found(payload, path)
            if value is not ABSENT:
                assert found(back, path) in (value, same.get(str(value))), path
                number += 1
    assert number > 20


@pytest.mark.slow_but_first
@each_target
def test_what_was_read_back_is_written_as_the_same_text(name: str) -> None:
    """Defaults of the system may be said besides; what was said stays as it was."""
    target = targets.load(name)
    for _, back, _, text in there_and_back(name):
        again = targets.emit({"training_file_id": None, **back}, target)
        assert again.text is not None, again.losses
        before, after = parsed(text, target), parsed(again.text, target)
        for at, value in leaves(before):
            off = value in ("no", 0) and found(after, at) is ABSENT  # which is what absence means
            assert off or found(after, at) == value, at


@pytest.mark.slow_but_first
@each_target
def test_reading_its_own_output_names_only_what_needs_no_key(name: str) -> None:
    target = targets.load(name)
    usual = {codes.CARRIES_NOTHING, codes.DEFAULT_CARRIED, codes.NOT_IN_SOURCE}
    for _, _, emitted, text in there_and_back(name):
        lost = {loss.field for loss in emitted.losses}
        open_now = {
            dotted(at)
            for route in target.routes
            if lost & {*route.fields}
            for at in route.at.values()
        } | {key_of(path) for path, remark in target.fields.items() if remark.decides}
        findings = targets.understand(text.encode(), target, name="job").findings
        others = [f.words for f in findings if f.code not in usual]
        assert [words for words in others if words["key"] not in open_now] == []


keys = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(["no", "<<", "1", "~"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"))
    | st.text("\n ab#:-", max_size=12)
    | st.sampled_from(
        ["no", "2e-5", "0x1f", "1:30", "2001-01-01", "=", "null", "- a", "a: b", "!x"]
    )
)
trees = st.dictionaries(
    keys,
    st.recursive(
        scalars,
        lambda v: st.lists(v, max_size=3) | st.dictionaries(keys, v, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)


plain = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | keys
tables = st.recursive(
    plain | st.lists(plain, max_size=3),
    lambda v: st.dictionaries(keys, v, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.dictionaries(keys, tables, max_size=5))
def test_toml_reads_back_as_it_was_written(tree: dict[str, Any]) -> None:
    text = write_toml(tree, {(key,): "Said." for key in tree}, "A heading.\nOf two lines.")
    assert repr(tomli.loads(text)) in (repr(tree), repr(_values_first(tree)))


def _values_first(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a tree in the order of TOML, which has tables behind headers."""
    ordered = sorted(tree.items(), key=lambda item: isinstance(item[1], dict))
    return {k: _values_first(v) if isinstance(v, dict) else v for k, v in ordered}


@settings(max_examples=40)
@given(trees)
def test_yaml_reads_back_as_it_was_written(tree: dict[str, Any]) -> None:
    text = write_yaml(tree, {}, "A heading.\nOf two lines.")
    back = yaml.safe_load(text) or {}
    assert back == tree
    assert repr(back) == repr(tree)  # types, too, and the order of keys
