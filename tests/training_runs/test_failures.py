"""What may go wrong is named, nothing half is left, and what passes can be resumed."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from training_jobs import FULL, LORA, METHODS, NAME, entries, job, of, payload, points, row, train

from sftc.jobfolder import Entry, Exit, JobFolder, Kind

Trained = Callable[[str], JobFolder]


def last(folder: JobFolder) -> Entry:
    return entries(folder)[-1]


def test_a_loss_that_is_no_number_is_named(tmp_path: Path, models: Path) -> None:
    folder = job(tmp_path / "job", METHODS["full"])
    assert train(folder, models, "lose_the_loss") == Exit.FAILED
    told = last(folder)
    assert (told.kind, told.step) == (Kind.DIVERGED, 3)
    assert told.facts == {"names": ["train.loss"]}
    assert told.message == "train.loss at step 3 is not a number"
    assert not folder.result.exists()


def test_a_gradient_that_is_no_number_is_named(tmp_path: Path, models: Path) -> None:
    folder = job(tmp_path / "job", payload(**{**FULL, "learning_rate": 1e30}))
    assert train(folder, models) == Exit.FAILED
    told = last(folder)
    assert told.kind is Kind.DIVERGED
    assert "train.grad_norm" in told.facts["names"]
    assert told.step == max(points(folder)) + 1


@pytest.mark.parametrize("fill", ["fill_the_disk", "fill_the_disk_as_safetensors_says_it"])
def test_a_full_disk_is_named_and_once_it_has_room_it_goes_on(
    fill: str, uninterrupted: Trained, tmp_path: Path, models: Path
) -> None:
    folder = job(tmp_path / "job", METHODS["full"])
    assert train(folder, models, fill) == Exit.INTERRUPTED
    assert (last(folder).kind, last(folder).code) == (Kind.FAILED, "disk-full")
    assert (
        last(folder).message
        == "the disk is full; free some space, and it resumes when it is restarted"
    )
    left = {path.name for path in folder.checkpoints.iterdir()}
    assert left == {"base.json", "inputs.json", "checkpoint-3"}
    assert train(folder, models) == Exit.DONE
    assert of(folder, Kind.START)[-1].facts["resumed_from"] == 3
    assert points(folder) == points(uninterrupted("full"))


def test_out_of_memory_is_named(tmp_path: Path, models: Path) -> None:
    folder = job(tmp_path / "job", METHODS["LoRA"])
    assert train(folder, models, "fill_memory") == Exit.FAILED
    assert (last(folder).kind, last(folder).code) == (Kind.FAILED, "out-of-memory")


def test_a_defect_is_told_and_has_a_code_of_its_own(tmp_path: Path, models: Path) -> None:
    folder = job(tmp_path / "job", METHODS["LoRA"])
    assert train(folder, models, "break_the_trainer") == Exit.CRASHED
    assert (last(folder).code, last(folder).message) == ("crashed", "RuntimeError: a defect")
    assert "Traceback" in folder.log.read_text()


@pytest.mark.parametrize(
    ("file", "keep"),
    [("optimizer.pt", 1000), ("model.safetensors", 1000), ("trainer_state.json", 0)],
)
def test_a_checkpoint_that_is_cut_off_is_not_used(
    file: str, keep: int, uninterrupted: Trained, tmp_path: Path, models: Path
) -> None:
    folder = job(tmp_path / "job", METHODS["full"])
    assert train(folder, models, "fill_the_disk") == Exit.INTERRUPTED
    assert train(folder, models, "break_the_trainer") == Exit.CRASHED  # it has gone on from 3
    broken = folder.checkpoints / "checkpoint-3" / file
    os.truncate(broken, keep)
    assert train(folder, models) == Exit.DONE
    notes = [entry.message for entry in of(folder, Kind.NOTE)]
    assert f"the checkpoint of step 3 is not used: {file} is truncated" in notes
    assert of(folder, Kind.START)[-1].facts["resumed_from"] is None
    assert points(folder) == points(uninterrupted("full"))


def test_a_training_does_not_go_on_with_another_base_model_or_by_other_files(
    uninterrupted: Trained, tmp_path: Path, models: Path
) -> None:
    folder = job(tmp_path / "job", METHODS["full"])
    assert train(folder, models, "fill_the_disk") == Exit.INTERRUPTED
    template = (models / NAME / "chat_template.jinja").read_text()
    others = with_template(models, tmp_path / "models", template)
    weights = others / NAME / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert train(folder, others) == Exit.REFUSED
    told = last(folder)
    assert (told.kind, told.code, told.pointer) == (Kind.REFUSED, "model-changed", "/model")
    assert told.message
    assert told.message.startswith(
        "the checkpoint of step 3 was trained from another base model: model.safetensors of"
        f" {NAME} in {models / NAME} had the digest "
    )
    assert f", but {NAME} in {others / NAME} has " in told.message
    weights.write_bytes(whole)  # the same model elsewhere
    for file in (folder.payload, folder.training):
        before = file.read_bytes()
        file.write_bytes(before + b"\n")
        assert train(folder, others) == Exit.REFUSED
        assert last(folder).code == "job-changed"
        file.write_bytes(before)
    assert train(folder, others) == Exit.DONE
    assert of(folder, Kind.START)[-1].facts["resumed_from"] == 3
    assert points(folder) == points(uninterrupted("full"))


def test_a_torn_last_line_of_the_journal_is_cut_off(
    uninterrupted: Trained, tmp_path: Path, models: Path
) -> None:
    folder = job(tmp_path / "job", METHODS["full"])
    assert train(folder, models, "fill_the_disk") == Exit.INTERRUPTED
    whole = folder.journal.read_bytes()
    with folder.journal.open("ab") as journal:
        journal.write(b'{"format":1,"kind":"done","at":1')
    assert entries(folder)[-1].kind is Kind.FAILED
    assert train(folder, models) == Exit.DONE
    assert folder.journal.read_bytes().startswith(whole)
    assert points(folder) == points(uninterrupted("full"))


def refusal(folder: JobFolder, models: Path) -> Entry:
    """Return why a job is refused: before anything is trained, and for good."""
    assert train(folder, models) == Exit.REFUSED, folder.log.read_text()
    told = last(folder)
    assert told.kind is Kind.REFUSED
    assert not of(folder, Kind.START)
    return told


def test_a_field_that_cannot_be_trained_is_refused(tmp_path: Path, models: Path) -> None:
    told = refusal(job(tmp_path / "job", payload(**FULL, output_dir="/tmp")), models)  # noqa: S108
    assert (told.code, told.pointer) == ("SFT702", "/hyperparameters/output_dir")


@pytest.mark.parametrize("names", [["nope"], ["q_proj", "nope"]])
def test_a_module_that_the_model_lacks_is_refused(
    names: list[str], tmp_path: Path, models: Path
) -> None:
    told = refusal(job(tmp_path / "job", payload(**LORA, lora_target_modules=names)), models)
    assert told.code == "SFT704"
    assert told.message
    assert told.message.endswith("cannot be trained: the model has no module named nope")


def test_no_payload_is_refused(tmp_path: Path, models: Path) -> None:
    folder = job(tmp_path / "job", METHODS["full"])
    folder.payload.write_text('{"model": 1}')
    assert refusal(folder, models).code == "SFT503"


BAD_ROWS = {
    "no-json": ("{", "SFT467", "the trainer rejects it; run `sftc data` to see why"),
    "refused": (
        json.dumps({"messages": [{"role": "user", "content": "a"}, {"role": "assistant",
                    "content": "refuse"}]}),
        "SFT460",
        "rejects the row: no such answer",
    ),
}  # fmt: skip


def with_template(models: Path, folder: Path, template: str) -> Path:
    """Return a folder of models whose tiny one has another chat template."""
    made = folder / NAME
    made.mkdir(parents=True)
    for path in (models / NAME).iterdir():
        (made / path.name).write_bytes(path.read_bytes())
    (made / "chat_template.jinja").write_text(template)
    return folder


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_row_that_cannot_be_trained_is_named(case: str, tmp_path: Path, models: Path) -> None:
    line, code, words = BAD_ROWS[case]
    template = (models / NAME / "chat_template.jinja").read_text()
    raising = "{% if messages[-1].content == 'refuse' %}"
    raising += "{{ raise_exception('no such answer') }}{% endif %}"
    others = with_template(models, tmp_path / "models", raising + template)
    folder = job(tmp_path / "job", METHODS["full"])
    with folder.training.open("a") as rows:
        rows.write(f"\n{line}\n")
    told = refusal(folder, others)
    assert (told.code, told.facts["line"]) == (code, 14)
    assert told.message
    assert told.message.startswith("train.jsonl, line 14: ")
    assert words in told.message


def test_a_template_that_does_not_tell_what_is_learned_is_refused(
    tmp_path: Path, models: Path
) -> None:
    template = (
        "{{ messages | length }}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    )
    others = with_template(models, tmp_path / "models", template)
    told = refusal(job(tmp_path / "job", METHODS["full"]), others)
    assert told.code == "SFT463"
    assert told.message
    assert "labels of this row cannot be derived from the chat template" in told.message


def test_rows_with_nothing_to_learn_are_dropped_and_told(tmp_path: Path, models: Path) -> None:
    silent = {"messages": [{"role": "user", "content": "What?"}]}
    rows = [row(1), silent, row(2), row(3), silent, row(4)]
    folder = job(tmp_path / "job", payload(**FULL, sequence_length=40), rows)
    assert train(folder, models) == Exit.DONE
    told = of(folder, Kind.DATA)[0].facts
    assert (told["rows"], told["dropped"], told["cut"]) == (4, 2, 4)
    assert told["tokens"] == 160
    folder = job(tmp_path / "other", payload(**FULL, sequence_length=8), rows)
    assert refusal(folder, models).message == "train.jsonl has no row with a token in the loss"


def test_pickles_and_code_of_models_are_not_loaded(tmp_path: Path, models: Path) -> None:
    others = with_template(models, tmp_path / "pickle", "")
    (others / NAME / "model.safetensors").rename(others / NAME / "pytorch_model.bin")
    told = refusal(job(tmp_path / "job", METHODS["full"]), others)
    assert told.code == "model-unsafe"
    assert told.message == (
        f"{NAME}: loading pytorch_model.bin may run code; only safetensors files are loaded"
    )
    others = with_template(models, tmp_path / "code", "")
    config = others / NAME / "config.json"
    value = json.loads(config.read_bytes())
    value |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Evil"}}
    config.write_text(json.dumps(value))
    told = refusal(job(tmp_path / "job-2", METHODS["full"]), others)
    assert told.code == "model-unsafe"
    assert told.message == (
        f"{NAME} is a evil, which needs code of its own; code that comes with a model is never run"
    )


def test_code_beside_a_known_model_is_not_run(tmp_path: Path, models: Path) -> None:
    template = (models / NAME / "chat_template.jinja").read_text()
    others = with_template(models, tmp_path / "code", template)
    config = others / NAME / "config.json"
    value = json.loads(config.read_bytes())
    value["auto_map"] = {"AutoModelForCausalLM": "evil.Evil", "AutoConfig": "evil.Config"}
    config.write_text(json.dumps(value))
    (others / NAME / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert train(job(tmp_path / "job", METHODS["full"]), others) == Exit.DONE
    assert not (tmp_path / "ran").exists()


def test_a_model_is_never_taken_from_elsewhere(tmp_path: Path, models: Path) -> None:
    (tmp_path / "models" / "test").mkdir(parents=True)
    (tmp_path / "models" / NAME).symlink_to(models / NAME)
    told = refusal(job(tmp_path / "job", METHODS["full"]), tmp_path / "models")
    assert told.code == "model-outside"


def test_a_model_that_is_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    told = refusal(job(tmp_path / "job", METHODS["full"]), tmp_path / "models")
    assert (told.code, told.pointer) == ("model-missing", "/model")
    assert told.message
    assert "does not contain test/tiny, it is not" in told.message
