"""What a plan may be asked with, what settings say of it, and what its suggestions are held to."""

import os
from pathlib import Path
from typing import Any

import pytest
from planning_jobs import PLAIN, ROW, TOO_LARGE, config, objects, run

import sftc
from sftc.commands.plan import refusals
from sftc.compiler.inspection import apply
from sftc.job.architectures.table import shape_named
from sftc.job.memory import OURS, Memory, Phase
from sftc.job.planned import room_of
from sftc.job.planned.outlook import fits_in
from sftc.planning import Given, planned_text
from sftc.planning.lines import changed_lines

TENSOR = "bf16 = true\ntensor_parallel_size = 2"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Path("sft.toml"), "not PosixPath"),
        (5, "not int"),
        (None, "not NoneType"),
        ([1], "not list"),
    ],
)
def test_what_is_no_config(given: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        sftc.plan(given)


def test_the_name_of_a_file_is_no_text() -> None:
    for name in ("sft.toml", "jobs/a.job.json"):
        with pytest.raises(ValueError, match="is the path of a file"):
            sftc.plan(name)


@pytest.mark.parametrize(
    "facts",
    [
        {"rows": "5"},
        {"rows": True},
        {"rows": 2.5},
        {"gpu": 5},
        {"price": "1"},
        {"model_config": "config.json"},
        {"filename": None},
    ],
)
def test_facts_of_another_type(facts: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=next(iter(facts))):
        sftc.plan(config(), **facts)


@pytest.mark.parametrize(
    "facts",
    [
        *({"price": price} for price in (float("nan"), float("inf"), -1, 10**400, 1e300)),
        *({"rows": rows} for rows in (0, 10**400)),
    ],
)
def test_facts_that_cannot_be(facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(facts))):
        sftc.plan(config(), **facts)


def test_values_that_are_nested_too_deeply() -> None:
    deep: dict[str, Any] = {}
    for _ in range(20_000):
        deep = {"a": deep}
    with pytest.raises(ValueError, match="nested too deeply"):
        sftc.plan({"hyperparameters": deep})


def test_an_evaluation_that_does_not_fit_gets_smaller_batches() -> None:
    rhythm = 'per_device_eval_batch_size = 60\nevaluation_strategy = "steps"\neval_steps = 5\n'
    validation = '[training.validation]\nenabled = true\n[data]\nvalidation_path = "v.jsonl"\n'
    text = config(length=4096).replace("train_kind", f"{rhythm}train_kind") + validation
    found = sftc.plan(text, rows=10_000)
    assert found.planned is not None
    assert found.planned.fits == "does_not_fit"
    (only,) = found.suggestions
    assert only.title.startswith("per_device_eval_batch_size 60 → ")
    assert sftc.plan(apply(text, only.edits), rows=10_000).planned == only.planned


@pytest.mark.parametrize("name", ["T4", "NVIDIA L40S", "P40"])
def test_what_is_above_what_is_there_does_not_fit(name: str) -> None:
    room = room_of(name)
    assert room is not None
    most = {"T4": 15.0, "NVIDIA L40S": 45.0, "P40": 22.5}[name] * 2**30
    for expected, fits in ((most, "tight"), (most + 1, "does_not_fit")):
        need = Memory(0, int(expected), int(expected), {}, Phase.STEP, OURS)
        assert fits_in(need, room) == fits


def test_settings_silence_that_it_does_not_fit(folder: Path) -> None:
    (folder / "a.toml").write_text(config(**TOO_LARGE))
    assert run("a.toml").exit_code == 1
    for ignored in ("SFT751", "SFT75", "sft7"):
        (folder / "sftc.toml").write_text(f'ignore = ["{ignored}"]\n')
        result = run("a.toml", "--format", "json")
        assert result.exit_code == 0
        assert objects(result)[0]["findings"] == []
        assert objects(result)[0]["fits"] == "does_not_fit"


def test_a_pipe_is_no_model_config(folder: Path) -> None:
    (folder / "a.toml").write_text(config(model="a/b"))
    os.mkfifo(folder / "pipe.json")
    (folder / "large.json").write_bytes(b" " * (5 * 2**20))
    for name in ("pipe.json", "/dev/zero", ".", "large.json"):
        result = run("a.toml", "--model-config", name)
        assert result.exit_code == 2
        assert f"{name} " in result.stderr


def test_a_broken_model_folder_is_not_passed_over(folder: Path) -> None:
    (folder / "a.toml").write_text(config())
    place = folder / "models" / PLAIN["model"]
    place.mkdir(parents=True)
    (place / "config.json").write_text("{")
    found = objects(run("a.toml", "--models", "models", "--format", "json"))[0]
    assert found["fits"] == "unknown"
    assert found["unknown"].endswith("config.json has no supported model shape: it is not JSON")


def test_suggestions_bring_no_refusal_of_the_trainer() -> None:
    """Copies of a tensor-parallel model need FSDP, and ZeRO goes with none."""
    for sharding in ("", "\nuse_deepspeed = true\ndeepspeed_stage = 2"):
        job = {"model": "Qwen/Qwen3-32B", "gpu": "A100-40GB", "count": 4, "length": 4096}
        text = config(**{**job, "qlora": "false", "batch": 4}).replace(
            "bf16 = true", TENSOR + sharding
        )
        before = sftc.compile_config(text).payload
        assert before is not None
        known = refusals(before)

        def given(_: object) -> Given:
            return Given(shape_named("qwen3-32b"), refusals=refusals)

        for suggestion in planned_text(text.encode(), "a.toml", given).suggestions:
            after = sftc.compile_config(apply(text, suggestion.edits)).payload
            assert after is not None
            assert refusals(after) <= known
        titles = [each.title for each in sftc.plan(text).suggestions]
        assert not any("ZeRO" in title for title in titles)


def test_the_lines_are_those_of_the_config_afterwards() -> None:
    text = config(**TOO_LARGE, batch=8).replace(
        "\n[hyperparameters.parallelism]\nbf16 = true\n", "parallelism = { bf16 = true } # own\n"
    )
    plan = sftc.plan(text)
    assert plan.suggestions
    for suggestion in plan.suggestions:
        lines = apply(text, suggestion.edits).split("\n")
        for place, line in changed_lines(plan, suggestion):
            assert line in lines
            assert place.endswith("+") or lines[int(place) - 1] == line


def test_a_list_has_no_suggestions_and_json_has(folder: Path) -> None:
    (folder / "a.toml").write_text(config(**TOO_LARGE))
    (folder / "b.toml").write_text(config(**TOO_LARGE))
    assert all(found["suggestions"] for found in objects(run(".", "--format", "json")))
    (folder / "b.toml").write_text("[project]\n")
    assert "To make it fit" in run(".").stdout  # the other one is no config


def test_the_cheapest_gpu_by_the_prices(folder: Path) -> None:
    (folder / "a.toml").write_text(config(**TOO_LARGE, batch=2))
    prices = "[plan]\ncurrency = '€'\n[plan.prices]\nL40S = 1.8\nH100 = 2.5\nA100-80GB = 1.2\n"
    (folder / "sftc.toml").write_text(prices)
    found = objects(run("a.toml", "--format", "json"))[0]
    assert found["smallest_gpu"]["name"] == "A100-80GB"
    assert "The cheapest GPU that it fits as it is: A100-80GB, 80 GiB, at €1.20" in run(
        "a.toml"
    ).stdout.replace("\n  ", " ")
    (folder / "sftc.toml").write_text("[plan.prices]\nT4 = 0.1\n")
    assert objects(run("a.toml", "--format", "json"))[0]["smallest_gpu"]["name"] == "H100 SXM"


def test_a_price_of_several_gpus_says_so(folder: Path) -> None:
    (folder / "a.toml").write_text(config(gpu="A100-80GB"))
    (folder / "train.jsonl").write_text(ROW * 40)
    (folder / "sftc.toml").write_text("[plan.prices]\nA100 = 1\n")
    words = " ".join(run("a.toml").stdout.split())
    assert "at 1.00 a GPU-hour, the price of any A100" in words
    (folder / "sftc.toml").write_text("[plan.prices]\nA1O0 = 1\n")
    assert "`[plan.prices]` has no price of this GPU" in " ".join(run("a.toml").stdout.split())


def test_time_is_at_most_what_tokens_are(folder: Path) -> None:
    (folder / "train.jsonl").write_text(ROW * 1000)
    (folder / "a.toml").write_text(config())
    found = objects(run("a.toml", "--format", "json"))[0]
    assert (found["tokens_at_most"], found["time"]["at_most"]) == (True, True)
    assert "for so many tokens" in run("a.toml").stdout
    result = objects(run("a.toml", "--gpu", "P40", "--format", "json"))[0]
    assert result["time"] is None
    assert result["time_unknown"] == "there is no data sheet with the speed of the P40"
    assert "there is no data sheet" in run("a.toml", "--gpu", "P40").stdout.replace("\n", " ")
    emulated = objects(run("a.toml", "--gpu", "T4", "--format", "json"))[0]
    assert "has no native bfloat16" in emulated["time_unknown"]
