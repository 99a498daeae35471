"""Full fine-tuning, LoRA and QLoRA, with an evaluation: always the same bits."""

import json
import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from training_jobs import (
    METHODS,
    OF_TIME,
    end,
    entries,
    job,
    of,
    payload,
    points,
    start,
    steps,
    train,
    wait_for,
)

from sftc.jobfolder import Exit, JobFolder, Kind

Trained = Callable[[str], JobFolder]


def test_the_loss_falls(uninterrupted: Trained, method: str) -> None:
    curve = points(uninterrupted(method))
    assert list(curve) == list(range(1, 9))
    losses = [values["train.loss"] for values in curve.values()]
    assert losses[-1] < losses[0] - 0.4
    assert [step for step, values in curve.items() if "val.loss" in values] == [3, 6, 8]
    assert curve[8]["val.loss"] < curve[3]["val.loss"]
    for values in curve.values():
        assert {"train.learning_rate", "train.grad_norm"} <= values.keys()


def test_each_step_has_its_measures(uninterrupted: Trained, method: str) -> None:
    for entry in of(uninterrupted(method), Kind.STEP):
        assert entry.values.keys() >= OF_TIME
        assert all(entry.values[name] > 0 for name in OF_TIME)


def test_the_journal_tells_what_happened(uninterrupted: Trained, method: str) -> None:
    folder = uninterrupted(method)
    kinds = [entry.kind for entry in entries(folder) if entry.kind is not Kind.NOTE]
    step, both = [Kind.STEP], [Kind.EVALUATION, Kind.SAVED]
    ran = step * 3 + both + step * 3 + both + step * 2 + both
    assert kinds == [Kind.DATA, Kind.DATA, Kind.START, *ran, Kind.DONE]
    began = of(folder, Kind.START)[0].facts
    assert (began["resumed_from"], began["total_steps"], began["world"]) == (None, 8, 1)
    assert began["trainable"] == (119_104 if method == "full" else 9_728)
    assert {"python", "torch", "transformers", "sftc"} <= began["versions"].keys()
    training, validation = (entry.facts for entry in of(folder, Kind.DATA))
    assert (training["rows"], validation["rows"]) == (12, 4)
    done = of(folder, Kind.DONE)[0]
    assert done.step == done.facts["best"] == 8
    assert done.values["val.loss"] == done.facts["best_metric"] == points(folder)[8]["val.loss"]


def test_the_same_job_twice_gives_the_same_bits(
    uninterrupted: Trained, method: str, tmp_path: Path, models: Path
) -> None:
    again = job(tmp_path / "job", METHODS[method])
    assert train(again, models) == Exit.DONE
    assert points(again) == points(uninterrupted(method))
    weights = "model.safetensors" if method == "full" else "adapter_model.safetensors"
    first = uninterrupted(method).result / weights
    assert (again.result / weights).read_bytes() == first.read_bytes()


def test_killed_and_resumed_it_is_the_same_curve(
    uninterrupted: Trained, method: str, tmp_path: Path, models: Path
) -> None:
    folder = job(tmp_path / "job", METHODS[method])
    at = random.Random(method).randint(4, 7)
    process = start(folder, models)
    wait_for(lambda: steps(folder) >= at, process)
    assert end(process, signal.SIGKILL) == -signal.SIGKILL
    assert train(folder, models) == Exit.DONE, folder.log.read_text()
    began = of(folder, Kind.START)
    assert [entry.facts["resumed_from"] for entry in began] in ([None, 3], [None, 6])
    assert points(folder) == points(uninterrupted(method))
    metrics = [one.result / "metrics.json" for one in (folder, uninterrupted(method))]
    assert metrics[0].read_bytes() == metrics[1].read_bytes()
    notes = [(entry.message, entry.pointer) for entry in of(folder, Kind.NOTE)]
    assert len(notes) == len(set(notes))  # nothing is told a second time


def test_asked_to_stop_it_saves_and_goes_on(
    uninterrupted: Trained, tmp_path: Path, models: Path
) -> None:
    folder = job(tmp_path / "job", METHODS["QLoRA"])
    process = start(folder, models)
    wait_for(lambda: steps(folder) >= 1, process)
    assert end(process, signal.SIGTERM) == Exit.INTERRUPTED
    last = entries(folder)[-1]
    assert last.kind is Kind.INTERRUPTED
    stopped = steps(folder)
    assert of(folder, Kind.SAVED)[-1].step == stopped
    assert train(folder, models) == Exit.DONE
    assert of(folder, Kind.START)[-1].facts["resumed_from"] == stopped
    assert points(folder) == points(uninterrupted("QLoRA"))


def test_an_evaluation_each_epoch_is_not_moved_by_a_stop(tmp_path: Path, models: Path) -> None:
    each = payload(
        steps=None, n_epochs=2, evaluation_strategy="epoch", eval_steps=None, learning_rate=0.003
    )
    whole, folder = job(tmp_path / "whole", each), job(tmp_path / "stopped", each)
    assert train(whole, models) == Exit.DONE
    process = start(folder, models)
    wait_for(lambda: steps(folder) >= 1, process)
    assert end(process, signal.SIGTERM) == Exit.INTERRUPTED
    assert train(folder, models) == Exit.DONE
    assert points(folder) == points(whole)
    assert [entry.step for entry in of(whole, Kind.EVALUATION)] == [3, 6]


def test_started_again_when_done_it_does_nothing(uninterrupted: Trained, models: Path) -> None:
    folder = uninterrupted("LoRA")
    before = folder.journal.read_bytes()
    assert train(folder, models) == Exit.DONE
    assert folder.journal.read_bytes() == before


def test_killed_before_it_told_the_end_it_tells_it(
    uninterrupted: Trained, tmp_path: Path, models: Path
) -> None:
    folder = job(tmp_path / "job", METHODS["full"])
    shutil.copytree(uninterrupted("full").result, folder.result)
    assert train(folder, models) == Exit.DONE
    assert [entry.kind for entry in entries(folder)] == [Kind.DONE]
    told, first = of(folder, Kind.DONE)[0], of(uninterrupted("full"), Kind.DONE)[0]
    assert (told.step, told.values) == (first.step, first.values)


def test_the_recipe_is_written(uninterrupted: Trained, method: str) -> None:
    folder = uninterrupted(method)
    recipe = json.loads(folder.recipe.read_bytes())
    assert recipe["world"]["device"] == "cpu"
    assert recipe["refused"] == []
    assert (folder.result / "recipe.json").read_bytes() == folder.recipe.read_bytes()
