"""A node of a job on machines that others started: which one it is, its folder, what is kept."""

import gzip
import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from sftc.jobfolder import Entry, JobFolder, Kind
from sftc.training.nodes.keeping import Kept
from sftc.training.nodes.making import RefusedError, checked, clear, make, pinned
from sftc.training.nodes.place import Placed, PlaceError, placed

SKYPILOT = {
    "SKYPILOT_NODE_RANK": "1",
    "SKYPILOT_NUM_NODES": "2",
    "SKYPILOT_NODE_IPS": "10.0.0.1\n10.0.0.2\n",
    "SKYPILOT_NUM_GPUS_PER_NODE": "8",
}
KUBEFLOW = {
    "PET_NODE_RANK": "1",
    "PET_NNODES": "2",
    "PET_NPROC_PER_NODE": "8",
    "PET_MASTER_ADDR": "job-node-0-0.job",
    "PET_MASTER_PORT": "29400",
}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (SKYPILOT, Placed(1, 2, 8, "10.0.0.1", 29500)),
        ({**SKYPILOT, "SKYPILOT_NUM_GPUS_PER_NODE": "0"}, Placed(1, 2, None, "10.0.0.1", 29500)),
        ({**SKYPILOT, "MASTER_PORT": "7"}, Placed(1, 2, 8, "10.0.0.1", 7)),
        (KUBEFLOW, Placed(1, 2, 8, "job-node-0-0.job", 29400)),
        ({**KUBEFLOW, "PET_NPROC_PER_NODE": "auto"}, Placed(1, 2, None, "job-node-0-0.job", 29400)),
        ({}, Placed(0, 1, None, "127.0.0.1", 29500)),
    ],
)
def test_which_node_this_is(environment: dict[str, str], expected: Placed) -> None:
    assert placed(environment) == expected


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"SKYPILOT_NODE_RANK": "2"}, "node 2 of 2"),
        ({"SKYPILOT_NODE_RANK": "-1"}, "SKYPILOT_NODE_RANK"),
        ({"SKYPILOT_NUM_NODES": ""}, "SKYPILOT_NUM_NODES"),
        ({"SKYPILOT_NODE_IPS": ""}, "SKYPILOT_NODE_IPS"),
    ],
)
def test_variables_that_say_nothing_are_named(changed: dict[str, str], name: str) -> None:
    with pytest.raises(PlaceError, match=name):
        placed({**SKYPILOT, **changed})


def test_a_changed_payload_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    path.write_text('{"model": "a"}')
    with pytest.raises(RefusedError, match="its digest is"):
        checked(path, "0" * 64)
    with pytest.raises(RefusedError, match="training_type"):
        checked(path, None)


def test_the_folder_is_made_once_of_plain_rows(tmp_path: Path) -> None:
    rows = b'{"messages": []}\n'
    source = tmp_path / "rows.jsonl.gz"
    source.write_bytes(gzip.compress(rows))
    folder = JobFolder(tmp_path / "job")
    digest = hashlib.sha256(rows).hexdigest()
    make(folder, b"{}", {folder.training: (source, digest)})
    assert folder.training.read_bytes() == rows
    source.unlink()
    make(folder, b"{}", {folder.training: (source, digest)})  # another start
    assert sorted(path.name for path in folder.root.iterdir()) == ["job.json", "train.jsonl"]
    (tmp_path / "job" / "mine").touch()
    clear(folder)
    assert [path.name for path in folder.root.iterdir()] == ["mine"]


def test_rows_that_nobody_reviewed_are_refused(tmp_path: Path) -> None:
    source, folder = tmp_path / "rows.jsonl", JobFolder(tmp_path / "job")
    source.write_text("{}\n")
    with pytest.raises(RefusedError, match="not the file that was reviewed"):
        make(folder, b"{}", {folder.training: (source, "0" * 64)})
    with pytest.raises(RefusedError, match="absent"):
        make(folder, b"{}", {folder.training: (tmp_path / "absent", "")})
    assert list(folder.root.iterdir()) == []
    pins = {"training": {"path": "x", "sha256": "1", "head": 3}}
    with pytest.raises(RefusedError, match="first 3 rows"):
        pinned({"metadata": {"sftc": {"files": pins}}}, "training")


def node(tmp_path: Path, number: int, nodes: int = 2) -> Kept:
    folder = JobFolder(tmp_path / f"node-{number}")
    return Kept(tmp_path / "bucket", folder, number, nodes, 1)


def checkpoint(kept: Kept, step: int, text: str = "") -> Path:
    """Write a node's part of a checkpoint, as transformers does."""
    path = kept.folder.checkpoints / f"checkpoint-{step}"
    path.mkdir(parents=True)
    if kept.node == 0:
        (path / "model").write_text(f"{step}{text}")
        (path / "trainer_state.json").write_text("{}")
    with zipfile.ZipFile(path / f"rng_state_{kept.node}.pth", "w") as archive:
        archive.writestr("state", text)
    return path


def restored(tmp_path: Path, number: int = 5) -> tuple[list[int], list[str]]:
    new = node(tmp_path / "new", number)
    steps = Kept(tmp_path / "bucket", new.folder, 1, 2, 1).restore()
    files = sorted(path.name for path in new.folder.root.rglob("*") if path.is_file())
    return steps, files


def test_a_checkpoint_counts_when_all_nodes_have_kept_their_parts(tmp_path: Path) -> None:
    first, second = node(tmp_path, 0), node(tmp_path, 1)
    for kept in (first, second):
        checkpoint(kept, 3)
    (first.folder.checkpoints / "base.json").write_text("{}")
    first.folder.journal.write_text("told\n")
    second.store()  # the other one comes first
    first.store()
    assert restored(tmp_path, 5) == ([], ["base.json", "journal.jsonl"])
    second.store()
    everything = ["base.json", "journal.jsonl", "model", "rng_state_0.pth", "rng_state_1.pth"]
    assert restored(tmp_path, 6) == ([3], [*everything, "trainer_state.json"])


def test_a_part_that_is_cut_off_does_not_count(tmp_path: Path) -> None:
    first, second = node(tmp_path, 0), node(tmp_path, 1)
    for kept in (first, second):
        checkpoint(kept, 3)
        kept.store()
    kept_model = first.root / "checkpoints" / "checkpoint-3" / "model"
    kept_model.write_text("")
    assert restored(tmp_path)[0] == []
    clear(first.folder)
    assert first.restore() == []  # and removes it, so that it is kept anew
    checkpoint(first, 3, "again")
    first.store()
    assert kept_model.read_text() == "3again"
    second.store()
    assert restored(tmp_path, 6)[0] == [3]


def test_what_is_half_written_is_not_kept(tmp_path: Path) -> None:
    kept = node(tmp_path, 0)
    path = checkpoint(kept, 3)
    for name in ("trainer_state.json", "rng_state_0.pth"):
        whole = (path / name).read_bytes()
        (path / name).write_bytes(whole[:-1])
        kept.store()
        assert not (kept.root / "checkpoints").exists()
        (path / name).write_bytes(whole)
    kept.store()
    assert (kept.root / "checkpoints" / "checkpoint-3.node-0.json").is_file()


def test_old_checkpoints_go_when_newer_ones_are_kept(tmp_path: Path) -> None:
    first, second = node(tmp_path, 0), node(tmp_path, 1)
    for step in (3, 6):
        for kept in (first, second):
            checkpoint(kept, step)
            kept.store()
    clear(JobFolder(first.folder.root))
    checkpoint(first, 9)  # the trainer has removed those before
    checkpoint(second, 9)
    first.store()
    second.store()
    assert restored(tmp_path)[0] == [9]
    second.store(last=True)
    assert sorted(path.name for path in (first.root / "checkpoints").glob("*-*")) == [
        "checkpoint-9",
        "checkpoint-9.node-0.json",
        "checkpoint-9.node-1.json",
    ]


def test_the_last_checkpoint_is_kept_whichever_node_ends_first(tmp_path: Path) -> None:
    first, second = node(tmp_path, 0), node(tmp_path, 1)
    for kept in (first, second):
        checkpoint(kept, 3)
    second.store(last=True)
    first.store(last=True)
    assert restored(tmp_path)[0] == [3]


def test_the_result_is_kept_before_the_journal_says_so(tmp_path: Path) -> None:
    kept = node(tmp_path, 0)
    kept.folder.result.mkdir(parents=True)
    (kept.folder.result / "adapter").write_text("weights")
    kept.folder.journal.write_text("done\n")
    kept.store(last=True)
    assert (kept.root / "result" / "adapter").read_text() == "weights"
    assert json.loads((kept.root / "result.json").read_text()) == {"files": {"adapter": 7}}
    assert (kept.root / "journal.jsonl").read_text() == "done\n"
    kept.restore()  # that was no journal which says so
    (kept.folder.result / "adapter").write_text("other weights")
    kept.folder.journal.write_bytes(Entry(Kind.DONE, 0).to_line())
    kept.store(last=True)
    assert (kept.root / "result" / "adapter").read_text() == "other weights"
    kept.restore()
    assert (kept.root / "result.json").exists()
