"""Manifests carry a whole payload: to Kubeflow's models, and back with what else was changed."""

import os
import re
from pathlib import Path
from random import Random

import other_systems
import pytest
import yaml

from sftc import targets
from sftc.compiler import compile_config
from sftc.diagnostics import codes
from sftc.targets.quantities import quantities
from sftc.workspace.porting import GpuSaidError, compile_for, lift_from

CONFIG = Path(__file__).parent / "cases" / "qlora" / "config.toml"
each_manifest = pytest.mark.parametrize("name", ["skypilot", "trainjob"])


def compiled(name: str, **changed: str) -> str:
    text = CONFIG.read_text()
    for old, new in changed.items():
        text = text.replace(old, new)
    made = compile_for(targets.load(name), text, filename="config.toml")
    assert made.text is not None, made.diagnostics
    return made.text


@pytest.mark.slow
def test_kubeflows_models_take_drawn_jobs_and_refuse_spoiled_ones() -> None:
    texts, random = other_systems.written("trainjob", 60), Random(1)
    spoiled = [other_systems.spoiled_text(text, "yaml", random) for text in texts[:20]]
    verdicts = other_systems.verdicts("trainjob", [*texts, *spoiled])
    assert [wrong for wrong in verdicts[:60] if wrong] == []
    assert all(verdicts[60:])


@each_manifest
def test_what_was_compiled_is_lifted_without_a_word(name: str) -> None:
    lifted = lift_from(compiled(name).encode(), None, name="job.yaml")
    assert lifted.diagnostics == ()
    assert lifted.text is not None
    again = compile_config(lifted.text).payload_bytes
    assert again == compile_config(CONFIG.read_bytes()).payload_bytes


@each_manifest
@pytest.mark.parametrize("old", ['"eval_steps": 20', '"hyperparameters": {', "lora_rank"])
def test_a_payload_that_somebody_changed_is_not_lifted(name: str, old: str) -> None:
    text = compiled(name).replace(old, f"{old}1", 1)
    lifted = lift_from(text.encode(), targets.load(name), name="job.yaml")
    assert lifted.text is None
    assert [found.code for found in lifted.diagnostics] == [codes.SOURCE_UNREADABLE]


@each_manifest
def test_what_no_config_expresses_is_named(name: str) -> None:
    payload = compile_config(CONFIG.read_bytes()).payload or {}
    text = targets.emit({**payload, "training_file_id": "file-1"}, targets.load(name)).text or ""
    (found,) = lift_from(text.encode(), None, name="job.yaml").diagnostics
    assert (found.code, "/training_file_id" in found.message) == (codes.NOT_EXPRESSIBLE, True)


def test_a_payload_that_is_written_otherwise_is_the_same() -> None:
    text = compiled("skypilot").replace('"eval_steps": 20', '"eval_steps":   20')
    assert lift_from(text.encode(), None, name="job.yaml").diagnostics == ()


@pytest.mark.parametrize("text", ["run: 1\n", "run: '<<''SFTC_PAYLOAD'''\n", "num_nodes: 2\n"])
def test_a_task_without_a_payload_is_another_kind_of_job(text: str) -> None:
    lifted = lift_from(text.encode(), targets.load("skypilot"), name="task.yaml")
    assert [found.code for found in lifted.diagnostics] == [codes.ANOTHER_KIND_OF_JOB]


def test_a_lone_surrogate_is_no_payload() -> None:
    text = 'run: "<<\'SFTC_PAYLOAD\'\\n\\"\\ud800\\"\\nSFTC_PAYLOAD\\n"\n'
    lifted = lift_from(text.encode(), targets.load("skypilot"), name="task.yaml")
    assert [found.code for found in lifted.diagnostics] == [codes.SOURCE_UNREADABLE]


@pytest.mark.parametrize(
    ("gpu", "asked"),
    [
        ("H100", "H100:8"),
        ("NVIDIA A100-SXM4-80GB", "A100-80GB:8"),
        ("a100", ["A100:8", "A100-80GB:8"]),
        ("RTX A6000", ["A6000:8", "RTXA6000:8"]),
        ("l40s", "L40S:8"),
    ],
)
def test_gpus_are_asked_for_as_skypilot_calls_them(gpu: str, asked: object) -> None:
    task = yaml.safe_load(compiled("skypilot", H100=gpu))
    assert task["resources"]["accelerators"] == asked


def test_a_gpu_that_skypilot_has_no_name_for_is_an_error_at_its_line() -> None:
    text = CONFIG.read_text().replace("H100", "GTX 1080")
    made = compile_for(targets.load("skypilot"), text, filename="config.toml")
    assert made.text is None
    (found,) = [d for d in made.diagnostics if d.code == codes.UNDECIDED_FOR_TARGET]
    assert (found.span.line, found.hint) == (6, "`sky gpus list` lists the GPUs it supports")


@each_manifest
def test_a_payload_that_is_too_large_is_an_error(name: str) -> None:
    text = CONFIG.read_text() + f'\n[data.topology]\nnotes = "{"x" * 1024 * 1024}"\n'
    made = compile_for(targets.load(name), text, filename="config.toml")
    assert made.text is None
    assert codes.TOO_LARGE_FOR_TARGET in {found.code for found in made.diagnostics}


@pytest.mark.slow
def test_a_large_payload_that_fits_comes_back() -> None:
    text = CONFIG.read_text() + f'\n[data.topology]\nnotes = "{"x" * 300_000}"\n'
    made = compile_for(targets.load("trainjob"), text, filename="config.toml").text or ""
    assert lift_from(made.encode(), None, name="job.yaml").diagnostics == ()


def test_names_are_those_of_kubernetes_and_differ_by_payload() -> None:
    names = set()
    for model in ("Qwen/Qwen3-4B", "org/Modèle-1", "x" * 300, "/", "C:/models/x y", "a"):
        name = quantities({"model": model})["name"]
        assert re.fullmatch("[a-z][-a-z0-9]{0,53}[a-z0-9]", name)
        names.add(name)
    assert len(names) == 6


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("data/train.jsonl", "data/train.jsonl"),
        ("/abs/a.jsonl", "data/training/a.jsonl"),
        ("../x/no.jsonl", "data/training/no.jsonl"),
        ("s3://bucket/x.jsonl", "data/training/x.jsonl"),
    ],
)
def test_rows_are_inside_the_volume(path: str, place: str) -> None:
    text = compiled("trainjob", **{"data/train.jsonl": path})
    _, job = yaml.safe_load_all(text)
    assert f"--training=/sftc/volume/{place}" in job["spec"]["trainer"]["args"]


def with_data(name: str, training: str, validation: str = "v.jsonl") -> str:
    text = re.sub('data = ".*"', f"data = '{training}'", CONFIG.read_text())
    text = re.sub('validation_path = ".*"', f"validation_path = '{validation}'", text)
    return compile_for(targets.load(name), text, filename="config.toml").text or ""


def arguments(manifest: str) -> list[str]:
    *_, job = yaml.safe_load_all(manifest)
    return list(job["spec"]["trainer"]["args"])


def test_kubernetes_expands_nothing_in_a_path() -> None:
    text = with_data("trainjob", "data/$(HOME)/$$x.jsonl")
    assert "--training=/sftc/volume/data/$$(HOME)/$$$$x.jsonl" in arguments(text)
    lifted = lift_from(text.encode(), None, name="job.yaml")
    assert lifted.diagnostics == ()
    assert "data/$(HOME)/$$x.jsonl" in (lifted.text or "")


def test_skypilot_would_expand_a_path_and_is_not_given_one() -> None:
    assert with_data("skypilot", "data/$HOME.jsonl") == ""
    assert with_data("skypilot", "data/home.jsonl", "${SFTC_BUCKET}/v.jsonl") == ""


@pytest.mark.parametrize(
    ("training", "validation"),
    [
        ("/x/rows.jsonl", "data/training/rows.jsonl"),
        ("/x/rows.jsonl", "data/./training"),
        ("data/validation/rows.jsonl", "../rows.jsonl"),
        ("~/rows.jsonl", "/x/rows.jsonl"),
    ],
)
def test_two_datasets_are_two_files_of_the_volume(training: str, validation: str) -> None:
    named = [
        argument.partition("=")[2]
        for argument in arguments(with_data("trainjob", training, validation))
        if argument.startswith(("--training=", "--validation="))
    ]
    one, other = map(Path, map(os.path.normpath, named))
    assert one != other
    assert other not in one.parents
    assert one not in other.parents
    assert "~" not in str(one)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("nvidia.com/gpu: 8", "nvidia.com/gpu: 1"),
        ("configMap:\n +name: .*", "configMap: {name: x}"),
    ],
)
def test_an_edit_that_changes_what_is_trained_is_a_warning(old: str, new: str) -> None:
    text, count = re.subn(old, new, compiled("trainjob"))
    assert count == 1
    (found,) = lift_from(text.encode(), None, name="job.yaml").diagnostics
    assert found.code == codes.NOT_CARRIED


@each_manifest
def test_no_payload_gets_another_gpu(name: str) -> None:
    with pytest.raises(GpuSaidError):
        lift_from(compiled(name).encode(), None, name="job.yaml", gpu_type="A100")
