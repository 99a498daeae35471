"""Plans of texts and values, from Python and from the command line."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning_jobs import FULL, ROW, TOO_LARGE, config, objects, run
from typer.testing import CliRunner

import sftc
from sftc import cli
from sftc.compiler.inspection import apply
from sftc.job import models
from sftc.job.memory import Part
from sftc.job.planned import room_of

jobs = st.fixed_dictionaries(
    {
        "model": st.sampled_from(
            [
                "Qwen/Qwen3-4B",
                "meta-llama/Llama-3.1-8B",
                "Qwen/Qwen3-30B-A3B",
                "google/gemma-3-4b-it",
            ]
        ),
        "gpu": st.sampled_from(["T4", "RTX 4090", "A100-40GB", "A100", "H100", "MI300X"]),
        "count": st.sampled_from([1, 2, 3, 8]),
        "batch": st.integers(1, 24),
        "accumulation": st.integers(1, 12),
        "length": st.sampled_from([256, 1024, 4096, 16384]),
        "mode": st.just("lora"),
        "qlora": st.sampled_from(["true", "false"]),
        "kind": st.just("peft"),
    }
).flatmap(lambda job: st.sampled_from([job, {**job, **FULL}]))


@settings(max_examples=40, deadline=None)
@given(job=jobs, rows=st.none() | st.integers(1, 10**6))
def test_what_is_offered_was_tried(job: dict[str, Any], rows: int | None) -> None:
    text = config(**job)
    before = sftc.plan(text, rows=rows)
    assert before == sftc.plan(text, rows=rows)
    assert before.planned is not None
    assert len(before.suggestions) <= 3
    if before.planned.fits in {"fits", "unknown"}:
        assert before.suggestions == ()
    for suggestion in before.suggestions:
        after = sftc.plan(apply(text, suggestion.edits), rows=rows)
        assert after.planned == suggestion.planned
        assert after.planned.fits == "fits"
        assert after.planned.batch == before.planned.batch
        assert after.planned.rhythm.total == before.planned.rhythm.total
        known = {one.code for one in sftc.lint_config(text)}
        assert {one.code for one in sftc.lint_config(apply(text, suggestion.edits))} <= known


@settings(max_examples=30, deadline=None)
@given(job=jobs)
def test_a_payload_is_planned_as_its_config(job: dict[str, Any]) -> None:
    text = config(**job)
    payload = sftc.compile_config(text).payload
    assert payload is not None
    one, other = sftc.plan(text), sftc.plan(payload)
    assert one.planned == other.planned
    # A stage of the compiler may know more of a config than of its payload.
    assert {s.title for s in one.suggestions} <= {s.title for s in other.suggestions}
    assert all(suggestion.edits == () for suggestion in other.suggestions)
    assert sftc.plan(json.dumps(payload), filename="job.json").planned == one.planned


@settings(max_examples=30, deadline=None)
@given(
    payload=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_values_are_planned_or_refused(payload: Any) -> None:
    good = sftc.compile_config(config()).payload
    for values in ({"model": payload}, {**(good or {}), "hyperparameters": payload}):
        with suppress(sftc.InvalidInputError):
            assert sftc.plan(values).planned


def test_rows_make_steps() -> None:
    planned = sftc.plan(config(), rows=100).planned
    assert planned is not None
    assert (planned.rhythm.per_epoch, planned.rhythm.total) == (13, 26)
    assert planned.rhythm.tokens == 200 * 1024
    assert planned.rhythm.tokens_at_most


def test_arguments_that_cannot_be() -> None:
    wrong: list[dict[str, Any]] = [{"gpu": "abacus"}, {"rows": 0}, {"model_config": {}}]
    for arguments in wrong:
        with pytest.raises(ValueError, match=r"gpu|rows|model_type"):
            sftc.plan(config(), **arguments)
    with pytest.raises(sftc.InvalidInputError):
        sftc.plan("[job]\n")


def test_another_gpu() -> None:
    text = config(**TOO_LARGE)
    plan = sftc.plan(text, gpu="H200")
    assert plan.planned is not None
    assert (plan.planned.fits, plan.planned.room) == ("fits", room_of("H200"))
    assert "gpu_type" not in str(sftc.plan(text, gpu="RTX 3090").suggestions)


def test_a_comment_silences_that_it_does_not_fit(folder: Path) -> None:
    text = config(**TOO_LARGE)
    silenced = text.replace('"RTX 4090"', '"RTX 4090"  # sftc: ignore[SFT751]')
    (folder / "a.toml").write_text(text)
    (folder / "b.toml").write_text(silenced)
    assert run("a.toml").exit_code == 1
    assert run("b.toml").exit_code == 0
    assert "It does not fit" in run("b.toml").stdout
    assert objects(run("a.toml", "--format", "json"))[0]["findings"][0]["code"] == "SFT751"
    assert objects(run("b.toml", "--format", "json"))[0]["findings"] == []
    assert sftc.lint_config(silenced) == ()  # it is not unused: nobody asked


def test_lint_says_it_where_it_is_selected(folder: Path) -> None:
    (folder / "a.toml").write_text(config(**TOO_LARGE))
    (folder / "train.jsonl").touch()

    def linted(*options: str) -> str:
        return CliRunner().invoke(cli.app, ["lint", "a.toml", *options]).stderr

    assert linted() == ""
    assert "SFT751" in linted("--select", "SFT7")
    assert "SFT751" in linted("--select", "SFT")
    assert linted("--select", "SFT2") == ""
    assert linted("--select", "SFT", "--ignore", "SFT75") == ""
    (folder / "sftc.toml").write_text('select = ["SFT"]\n')
    assert "SFT751" in linted()


def test_a_diff_says_what_changes() -> None:
    found = sftc.diff(config(), config(batch=16))
    effects = {effect.name: effect for effect in found.effects}
    assert "memory per GPU" in effects
    assert "trainable parameters" not in effects
    after = effects["memory per GPU"].after
    assert after is not None
    assert "H100" in after.how
    unknown = sftc.diff(config(model="a/b"), config(model="a/b", batch=16))
    assert "memory per GPU" not in {effect.name for effect in unknown.effects}


def test_steps_from_the_dataset_where_it_is(folder: Path) -> None:
    (folder / "a.toml").write_text(config())
    assert objects(run("a.toml", "--format", "json"))[0]["total_steps"] is None
    (folder / "train.jsonl").write_text(ROW * 100)
    found = objects(run("a.toml", "--format", "json"))[0]
    assert (found["rows"], found["total_steps"]) == (100, 26)
    (folder / "train.jsonl").write_text("{}\n")
    result = run("a.toml")
    assert result.exit_code == 1
    assert "train.jsonl:1" in result.stderr


def test_steps_from_the_pin_of_an_artifact(folder: Path) -> None:
    (folder / "train.jsonl").write_text(ROW * 100)
    (folder / "a.toml").write_text(config())
    CliRunner().invoke(cli.app, ["compile", "--pin", "--write", "a.toml"])
    (folder / "train.jsonl").unlink()
    for name in ("a.toml", "a.job.json"):
        assert objects(run(name, "--format", "json"))[0]["total_steps"] == 26


def test_a_folder_has_a_line_for_each(folder: Path) -> None:
    (folder / "fits.toml").write_text(config())
    (folder / "large.toml").write_text(config(**TOO_LARGE))
    (folder / "wrong.toml").write_text(config(batch=0))
    (folder / "unknown.toml").write_text(config(model="a/b"))
    (folder / "other.toml").write_text("[project]\n")
    result = run(".")
    assert result.exit_code == 1
    assert "wrong.toml:" in result.stderr
    assert "Skipped other.toml" in result.stderr
    assert "4 jobs: 1 fits, 1 does not fit, 1 unknown, 1 has errors" in result.stdout
    assert [found["file"] for found in objects(run(".", "--format", "json"))] == [
        "fits.toml",
        "large.toml",
        "unknown.toml",
        "wrong.toml",
    ]
    assert run("--format", "markdown", ".").stdout.count("\n") == 6


def test_standard_input() -> None:
    assert objects(run("-", "--format", "json", text=config()))[0]["file"] == "<stdin>"
    payload = sftc.compile_config(config()).payload_bytes
    assert payload is not None
    assert objects(run("-", "--format", "json", text=payload.decode()))[0]["fits"] == "fits"


def test_time_and_cost(folder: Path) -> None:
    (folder / "train.jsonl").write_text(ROW * 1000)
    (folder / "a.toml").write_text(config())
    found = objects(run("a.toml", "--format", "json"))[0]
    assert found["time"]["assumed"]["tokens"] == found["tokens"]
    assert found["cost"] is None
    (folder / "sftc.toml").write_text('[plan]\ncurrency = "€"\n[plan.prices]\nh100 = 2\n')
    found = objects(run("a.toml", "--format", "json"))[0]
    assert found["cost"]["expected"] == pytest.approx(2 * found["time"]["gpu_hours"]["expected"])
    assert "€2.00 a GPU-hour" in run("a.toml").stdout
    (folder / "sftc.toml").write_text("[plan.prices]\nh100 = inf\n")
    assert run("a.toml").exit_code == 1
    other = objects(run("a.toml", "--gpu", "MI308X", "--format", "json"))[0]
    assert other["time"] is None  # its peak is in no table


def test_a_model_config_for_all(folder: Path) -> None:
    (folder / "a.toml").write_text(config(model="a/b"))
    table = json.loads(Path(models.__file__).with_name("shapes.json").read_bytes())
    (folder / "m.json").write_bytes(orjson.dumps(table["qwen3-4b"]["config"]))
    known = objects(run("a.toml", "--model-config", "m.json", "--format", "json"))[0]
    assert known["parameters"] == 4_022_468_096
    (folder / "m.json").write_text("{}")
    result = run("a.toml", "--model-config", "m.json")
    assert result.exit_code == 2
    assert "m.json has no supported model shape" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--gpu", "abacus"],
        ["--models", "nowhere"],
        ["--chat-template", "x"],
        ["none.toml"],
        ["--format", "yaml"],
    ],
)
def test_usage(arguments: list[str], folder: Path) -> None:
    (folder / "a.toml").write_text(config())
    named = [] if arguments == ["none.toml"] else ["a.toml"]
    assert run(*arguments, *named).exit_code == 2


@pytest.mark.parametrize("batch", [10**9, 2**40, 10**18, 3**30])
def test_a_batch_that_nobody_has_is_planned_as_fast(batch: int) -> None:
    found = sftc.plan(config(**TOO_LARGE, batch=batch))
    assert found.planned is not None
    assert found.planned.fits == "does_not_fit"


def test_what_is_beyond_64_bits_is_json_all_the_same(folder: Path) -> None:
    (folder / "a.toml").write_text(config(length=10**14))
    (folder / "b.toml").write_text(config())
    large, plain = objects(run("a.toml", "b.toml", "--format", "json"))
    assert large["memory"]["high"] > 2**53
    assert plain["fits"] == "fits"


def test_4_bit_weights_are_not_divided_by_tensor_parallelism() -> None:
    divided = "bf16 = true\ntensor_parallel_size = 2"
    job = {"model": "Qwen/Qwen3-32B", "gpu": "A100-40GB", "count": 2, "length": 4096}
    text = config(**{**job, "qlora": "false"}).replace("bf16 = true", divided)
    assert not [each for each in sftc.plan(text).suggestions if "QLoRA" in each.title]
    quantized = config(**job)
    weights = []
    for each in (
        quantized.replace("count = 2", "count = 1"),
        quantized.replace("bf16 = true", divided),
    ):
        found = sftc.plan(each).planned
        assert found is not None
        assert found.memory is not None
        weights.append(found.memory.parts[Part.WEIGHTS].expected)
    assert weights[0] == weights[1]


def test_rows_are_read_as_often_as_there_are_epochs() -> None:
    found = sftc.plan(config(batch=8, accumulation=4, length=100), rows=7).planned
    assert found is not None
    assert found.rhythm.tokens == 7 * 2 * 100


def test_the_exact_name_of_a_gpu_has_its_price(folder: Path) -> None:
    (folder / "sftc.toml").write_text('[plan.prices]\nA100 = 1.5\n"A100-80GB" = 2.5\n')
    (folder / "train.jsonl").write_text(ROW * 40)
    (folder / "a.toml").write_text(config(gpu="A100-80GB"))
    (found,) = objects(run("a.toml", "--format", "json"))
    assert found["cost"]["per_gpu_hour"] == 2.5


@pytest.mark.parametrize("sharding", ["fsdp = true", "use_deepspeed = true\ndeepspeed_stage = 3"])
def test_a_4_bit_base_is_loaded_whole_before_it_is_divided(sharding: str) -> None:
    job = {"model": "meta-llama/Llama-3.3-70B-Instruct", "gpu": "RTX 4090", "count": 8}
    text = config(**job).replace(
        "bf16 = true", f"bf16 = true\nactivation_checkpointing = true\n{sharding}"
    )
    found = sftc.plan(text).planned
    assert found is not None
    assert found.memory is not None
    assert found.memory.phase == "loading"
    assert found.memory.parts[Part.WEIGHTS].expected > 36 * 2**30
    assert found.fits == "does_not_fit"
