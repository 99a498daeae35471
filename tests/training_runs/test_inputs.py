"""By which payload and rows a training began: what is noticed of a change."""

from pathlib import Path

from sftc.jobfolder import JobFolder
from sftc.training.program import inputs


def test_other_files_are_noticed(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    folder.payload.write_text("{}")
    folder.training.write_text("{}")
    assert inputs.changed(folder) is None  # nothing has begun, as far as is known
    inputs.record(folder)
    assert inputs.changed(folder) is None
    folder.training.write_text("[]")
    folder.validation.write_text("{}")
    said = "train.jsonl and validation.jsonl changed after this training began"
    assert (inputs.changed(folder) or "").startswith(said)
    (folder.checkpoints / "inputs.json").write_text("[]")
    assert inputs.changed(folder) is None
