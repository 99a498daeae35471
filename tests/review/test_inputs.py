"""Reviews from Python: of texts and of values."""

import json

import pytest

import sftc

CONFIG = """[job]
model = "Qwen/Qwen3-4B"
[compute]
gpu_type = "H100"
[hyperparameters]
n_epochs = 2
"""


def test_diff_takes_configs_payload_texts_and_values() -> None:
    payload = sftc.compile_config(CONFIG).payload
    assert payload
    edited = CONFIG.replace("n_epochs = 2", "n_epochs = 3")
    for old in (CONFIG, CONFIG.encode(), payload, json.dumps(payload)):
        found = sftc.diff(old, edited, names=("a.toml", "b.toml"))
        (field,) = found.fields
        assert (field.change.path, field.change.before, field.change.after) == (
            ("hyperparameters", "n_epochs"),
            2,
            3,
        )
        assert field.new
        assert str(field.new) == "b.toml:6:12"
        assert not sftc.diff(old, CONFIG).is_change


def test_explain_and_its_parts() -> None:
    whole = sftc.explain(CONFIG)
    assert {leaf.path for leaf in whole.leaves} >= {("model",), ("hyperparameters", "n_epochs")}
    part = sftc.explain(CONFIG, "/hyperparameters/n_epochs", filename="a.toml")
    assert [(leaf.value, str(leaf.source)) for leaf in part.leaves] == [(2, "a.toml:6:12")]
    assert [key.path for key in sftc.explain(CONFIG, "job.model").keys] == [("job", "model")]
    with pytest.raises(KeyError):
        sftc.explain(CONFIG, "job.modle")
    with pytest.raises(ValueError, match="its config does"):
        sftc.explain(json.dumps(sftc.compile_config(CONFIG).payload))


def test_lift_is_the_way_back() -> None:
    payload = sftc.compile_config(CONFIG).payload
    assert payload
    lifted = sftc.lift(payload)
    assert lifted.exact
    assert sftc.compile_config(lifted.text).payload == payload
    assert sftc.lift(json.dumps(payload)) == lifted


@pytest.mark.parametrize("text", ["[job]\n", "{", '{"model": 1}', "[job\n", {"model": 1}])
def test_what_has_errors_raises_them(text: str) -> None:
    with pytest.raises(sftc.InvalidInputError, match="SFT") as raised:
        sftc.diff(CONFIG, text)
    assert any(found.severity is sftc.Severity.ERROR for found in raised.value.diagnostics)
