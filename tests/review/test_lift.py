"""``sftc lift``: the config that compiles to a payload, byte for byte, or the reason why not."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from layouts import configs, keys, layout, values
from typer.testing import CliRunner

import sftc
from sftc import FromConfig, cli
from sftc.compiler.inspection import canonical_bytes, leaves
from sftc.payloads import kept_pins
from sftc.review import read_payload
from sftc.review.lifting import Lifted, lift_payload

CASES = sorted(
    path for path in (Path(__file__).parents[1] / "cases").iterdir() if (path / "job.json").exists()
)
MINIMAL = json.loads((Path(__file__).parents[1] / "cases" / "minimal" / "job.json").read_bytes())
PIN = {"sha256": "0" * 64, "bytes": 9, "examples": 3}

each_case = pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)


def lift(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["lift", *arguments], input=stdin)
    return result.exit_code, result.stdout, result.stderr


def compiles_to(text: str, payload: dict[str, Any]) -> bool:
    compiled = sftc.compile_config(text)
    assert compiled.payload is not None, compiled.diagnostics
    pinned = sftc.compile_config(text, pins=kept_pins(compiled.payload, payload))
    return pinned.payload_bytes == canonical_bytes(payload)


def messages(lifted: Lifted) -> list[str]:
    return [f"{diagnostic.code} {diagnostic.message}" for diagnostic in lifted.diagnostics]


@each_case
@pytest.mark.parametrize("described", [False, True])
def test_each_payload_of_the_cases_comes_back(case: Path, *, described: bool) -> None:
    data = (case / "job.json").read_bytes()
    payload = read_payload(data, "job.json")
    assert isinstance(payload, dict)
    lifted = lift_payload(payload, "job.json", described=described)
    assert lifted.exact
    assert compiles_to(lifted.text, payload)
    assert "\n\n\n" not in lifted.text


@given(config=configs, pinned=st.booleans(), data=st.data())
def test_each_payload_that_a_config_produces_comes_back(
    config: dict[str, Any], data: st.DataObject, *, pinned: bool
) -> None:
    compiled = sftc.compile_config(data.draw(layout(config)))
    assert compiled.payload is not None
    payload = deepcopy(compiled.payload)
    for file in payload["metadata"].get("sftc", {}).get("files", {}).values() if pinned else ():
        file.update(PIN)
    lifted = lift_payload(payload, "job.json", described=data.draw(st.booleans()))
    assert lifted.exact
    assert compiles_to(lifted.text, payload)
    has_data_of_the_routed_keys(compiled, config, lifted.text)


def has_data_of_the_routed_keys(
    compiled: sftc.Compilation, config: dict[str, Any], text: str
) -> None:
    """Each key of the config that was forwarded has its value in the lifted one, of its type."""
    before, after = dict(leaves(config)), dict(leaves(tomli.loads(text)))
    again = sftc.compile_config(text).provenance
    for pointer, origin in compiled.provenance.items():
        if isinstance(origin, FromConfig) and before[origin.path] != {}:
            now = again[pointer]
            assert isinstance(now, FromConfig)
            assert repr(after[now.path]) == repr(before[origin.path])


@given(field=keys, value=values | st.none() | st.integers(2**63, 2**70))
def test_any_other_payload_is_lifted_as_far_as_it_goes(field: str, value: Any) -> None:
    payload = json.loads(json.dumps(MINIMAL))
    payload["hyperparameters"].setdefault("parallelism", {})[field] = value
    payload["metadata"]["more"] = {"a": value}
    lifted = lift_payload(payload, "job.json")
    assert sftc.compile_config(lifted.text).ok
    said = "\n".join(messages(lifted))
    assert "no config can express /metadata/more/a" in said
    named = value is None or (isinstance(value, int) and value >= 2**63)
    assert ("no config can express /hyperparameters/parallelism" in said) == named


def test_what_no_config_can_express_is_named() -> None:
    payload = json.loads(json.dumps(MINIMAL))
    del payload["hyperparameters"]["n_epochs"]
    payload["hyperparameters"].update(seed=None, ids=[1, None], big=2**64, fine=1)
    payload["training_file_id"] = "file-1"
    payload["metadata"]["effective_config"]["data"]["validation_files"] = ["file-2"]
    lifted = lift_payload(payload, "job.json")
    assert "fine = 1" in lifted.text
    assert not lifted.exact
    assert messages(lifted) == [
        f"SFT621 no config can express {what}"
        for what in (
            "/hyperparameters/big = 18446744073709551616",
            "/hyperparameters/ids/0 = 1",
            "/hyperparameters/ids/1 = null",
            "/hyperparameters/n_epochs = nothing there",
            "/hyperparameters/seed = null",
            '/metadata/effective_config/data/validation_files/0 = "file-2"',
            '/training_file_id = "file-1"',
        )
    ]
    assert [d.why for d in lifted.diagnostics][3] == "the config compiles to 1"


def test_a_payload_that_contradicts_itself_keeps_its_values() -> None:
    payload = json.loads(json.dumps(MINIMAL))
    payload["hyperparameters"]["parallelism"] = {"bf16": True, "fp16": True}
    lifted = lift_payload(payload, "job.json")
    assert "fp16 = true  # sftc: ignore[SFT202]\n" in lifted.text
    assert lifted.exact
    assert compiles_to(lifted.text, payload)
    assert messages(lifted)[0].startswith("SFT622 SFT202 is suppressed in the config: ")


def test_a_table_that_brings_defaults_is_written_only_where_they_all_are() -> None:
    payload = json.loads(json.dumps(MINIMAL))
    payload["metadata"]["effective_config"]["training"] = {"validation": {"enabled": True}}
    lifted = lift_payload(payload, "job.json")
    assert messages(lifted) == [
        "SFT621 no config can express /metadata/effective_config/training/validation/enabled = true"
    ]
    assert "[training" not in lifted.text


def test_a_payload_that_nests_too_deep_for_a_config() -> None:
    payload = json.loads(json.dumps(MINIMAL))
    for _ in range(100):
        payload["hyperparameters"] = {"deeper": payload["hyperparameters"]}
    payload["hyperparameters"].update(MINIMAL["hyperparameters"])
    lifted = lift_payload(payload, "job.json")
    assert not lifted.exact
    assert messages(lifted) == ["SFT006 tables and arrays are nested deeper than 64 levels"]


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    job = json.loads((CASES[0].parent / "lora" / "job.json").read_bytes())
    job["metadata"]["sftc"]["files"]["training"].update(PIN)
    Path("job.json").write_text(json.dumps(job))
    code, out, err = lift("job.json")
    assert code == 0
    assert out.startswith("#:schema ./config.schema.json\n\n[job]\nmodel = ")
    assert "note[SFT623]: the pin of `data/vision.jsonl` cannot be written in a config" in err
    assert lift("job.json", "-o", "a/b.toml")[:2] == (0, "")
    assert Path("a/b.toml").read_text() == out
    assert Path("a/config.schema.json").exists()
    assert lift("job.json", "-o", "a/b.toml")[0] == 2
    assert lift("job.json", "-o", "a/b.toml", "--force", "--comments")[0] == 0
    assert "# The base model to fine-tune" in Path("a/b.toml").read_text()
    job["training_file_id"] = "x"
    assert lift("-", stdin=json.dumps(job).encode())[0] == 1
    assert "SFT502" in lift("-", stdin=b"{job}")[2]
    assert "SFT819" in lift("-", stdin=b"[job]")[2]  # TOML of some system, so it seems
    ours = b'[job]\nmodel = "m"\n[compute]\ngpu_type = "H100"\n'
    assert "there is nothing to lift: sftc compile" in lift("-", stdin=ours)[2]
    assert "SFT001" in lift("none.json")[2]
