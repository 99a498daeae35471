"""A node of a job on machines that others started: which one it is, its folder, what is kept."""

import errno
import gzip
import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from sftc.jobfolder import Entry, Exit, JobFolder, Kind
from sftc.training.nodes.__main__ import main
from sftc.training.nodes.keeping import Kept
from sftc.training.nodes.making import RefusedError, checked, claim, clear, make, pinned
from sftc.training.nodes.place import Placed, PlaceError, placed
from sftc.training.nodes.telling import Telling

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
        ({"SKYPILOT_NUM_NODES": "3"}, "SKYPILOT_NODE_IPS has 2 nodes, not 3"),
        ({"SKYPILOT_NODE_RANK": ""}, "SKYPILOT_NODE_RANK"),
        ({"SKYPILOT_NUM_NODES": "9" * 5000}, "SKYPILOT_NUM_NODES = '999999999…'"),
        ({"MASTER_PORT": "65536"}, "MASTER_PORT = '65536' is not from 1 to 65535"),
    ],
)
def test_variables_that_say_nothing_are_named(changed: dict[str, str], name: str) -> None:
    with pytest.raises(PlaceError, match=name):
        placed({**SKYPILOT, **changed})


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"PET_NODE_RANK": ""}, "PET_NODE_RANK"),
        ({"PET_MASTER_ADDR": ""}, "PET_MASTER_ADDR"),
        ({"PET_NPROC_PER_NODE": "two"}, "PET_NPROC_PER_NODE = 'two'"),
        ({"PET_NPROC_PER_NODE": "-3"}, "PET_NPROC_PER_NODE"),
        ({"PET_NPROC_PER_NODE": "0"}, "PET_NPROC_PER_NODE"),
        ({"PET_MASTER_PORT": "0"}, "PET_MASTER_PORT"),
    ],
)
def test_what_torchrun_reads_is_not_guessed_at(changed: dict[str, str], name: str) -> None:
    with pytest.raises(PlaceError, match=name):
        placed({**KUBEFLOW, **changed})


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
    claim(folder, b"{}")
    found = make(folder, b"{}", {folder.training: (source, digest)})
    assert found == {"job.json": hashlib.sha256(b"{}").hexdigest(), "train.jsonl": digest}
    assert folder.training.read_bytes() == rows
    source.unlink()
    claim(folder, b"{}")
    assert make(folder, b"{}", {folder.training: (source, digest)}) == found  # another start
    everything = ["job.json", "made.json", "train.jsonl"]
    assert sorted(path.name for path in folder.root.iterdir()) == everything
    (tmp_path / "job" / "mine").touch()
    clear(folder)
    assert sorted(path.name for path in folder.root.iterdir()) == ["made.json", "mine"]


def test_a_folder_is_of_one_job(tmp_path: Path) -> None:
    rows, folder = tmp_path / "rows.jsonl", JobFolder(tmp_path / "job")
    rows.write_text("{}\n")
    files = {folder.training: (rows, "")}
    claim(folder, b"{}")
    make(folder, b"{}", files)
    with pytest.raises(RefusedError, match="the folder of another payload"):
        claim(folder, b"[]")
    with pytest.raises(RefusedError, match=r"job\.json was changed"):
        make(folder, b"[]", files)
    with pytest.raises(RefusedError, match=r"was created without validation\.jsonl"):
        make(folder, b"{}", {**files, folder.validation: (rows, "")})
    rows.write_text("[]\n")
    with pytest.raises(RefusedError, match=r"rows\.jsonl was changed"):
        make(folder, b"{}", files)


@pytest.mark.parametrize("name", ["job.json", "train.jsonl", "result", "checkpoints"])
def test_a_folder_that_is_somebody_elses_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(RefusedError, match=f"contains {name}, which this program"):
        claim(JobFolder(tmp_path), b"mine")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    if name == "job.json":  # from which nothing is removed
        claim(JobFolder(tmp_path), b"mine", clears=False)


@pytest.mark.parametrize(("keep", "folder"), [("a", "a"), ("a/b", "a"), ("a", "a/../a/b")])
def test_a_bucket_and_a_folder_lie_apart(
    tmp_path: Path, keep: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    arguments = ["job.json", "--training", "x", "--folder", folder, "--keep", keep]
    monkeypatch.setattr("sys.argv", ["nodes", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == Exit.USAGE


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
    assert restored(tmp_path)[0] == [6]  # 9 lacks a part
    second.store()
    first.store()
    assert restored(tmp_path, 6)[0] == [9]
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
    mark = json.loads((kept.root / "result.json").read_text())
    assert mark == {"nodes": 1, "files": {"adapter": 7}}
    assert (kept.root / "journal.jsonl").read_text() == "done\n"
    kept.restore()  # that was no journal which says so
    (kept.folder.result / "adapter").write_text("other weights")
    kept.folder.journal.write_bytes(Entry(Kind.DONE, 0).to_line())
    kept.store(last=True)
    assert (kept.root / "result" / "adapter").read_text() == "other weights"
    kept.restore()
    assert (kept.root / "result.json").exists()
    (kept.root / "result.json").write_text('{"files"')  # torn
    kept.store(last=True)
    assert json.loads((kept.root / "result.json").read_text()) == mark | {
        "files": {"adapter": len("other weights")}
    }


def test_a_bucket_is_of_one_job(tmp_path: Path) -> None:
    kept, digests = node(tmp_path, 0), {"job.json": "1", "train.jsonl": "2"}
    kept.claim(digests)
    kept.claim(digests)
    for changed in ({"job.json": "3"}, {"train.jsonl": "3"}, {"validation.jsonl": "3"}):
        with pytest.raises(
            RefusedError, match=f"belongs to another job, with a different {next(iter(changed))}"
        ):
            kept.claim(digests | changed)
    (kept.root / "kept.json").unlink()
    (kept.root / "checkpoints").mkdir()
    with pytest.raises(RefusedError, match="belongs to an unknown job"):
        kept.claim(digests)


def test_the_best_of_the_newest_whole_checkpoint_is_not_forgotten(tmp_path: Path) -> None:
    first, second = node(tmp_path, 0), node(tmp_path, 1)
    state = json.dumps({"best_model_checkpoint": "/elsewhere/checkpoint-3"})
    for kept in (first, second):
        for step in (3, 6, 9):
            checkpoint(kept, step)
    (first.folder.checkpoints / "checkpoint-9" / "trainer_state.json").write_text(state)
    for kept in (first, second):
        kept.store(last=True)
    clear(first.folder)
    checkpoint(first, 12)  # is the best now, and its other part is not there yet
    first.store()
    assert restored(tmp_path)[0] == [3, 9]


def test_a_full_bucket_has_room_for_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = node(tmp_path, 0, 1)
    write = shutil.copyfile

    def full(source: Path, target: Path) -> None:
        if "result" in target.parts and (kept.root / "checkpoints" / "checkpoint-3").exists():
            raise OSError(errno.ENOSPC, "full")
        write(source, target)

    (checkpoint(kept, 3) / "rng_state_0.pth").rename(
        kept.folder.checkpoints / "checkpoint-3" / "rng_state.pth"
    )
    kept.store()
    checkpoint(kept, 6)
    kept.folder.result.mkdir()
    (kept.folder.result / "adapter").write_text("weights")
    kept.folder.journal.write_bytes(Entry(Kind.DONE, 0).to_line())
    monkeypatch.setattr(shutil, "copyfile", full)
    kept.store()  # leaves the end to the end
    assert not (kept.root / "result.json").exists()
    kept.store(last=True)
    assert sorted(path.name for path in kept.root.rglob("*") if path.is_file()) == [
        "adapter",
        "journal.jsonl",
        "result.json",
    ]


def test_what_is_kept_beside_is_compared_by_its_bytes(tmp_path: Path) -> None:
    kept = node(tmp_path, 0)
    kept.folder.checkpoints.mkdir(parents=True)
    for text in ("AAAA", "BBBB"):
        (kept.folder.checkpoints / "base.json").write_text(text)
        kept.folder.journal.write_text(text)
        kept.store(last=True)
        assert (kept.root / "checkpoints" / "base.json").read_text() == text
        assert (kept.root / "journal.jsonl").read_text() == text


@pytest.mark.parametrize(
    "mark",
    [
        "",
        "[1]",
        "5",
        '{"files": {}}',
        '{"nodes": 1}',
        '{"nodes": "x", "files": {}}',
        '{"nodes": 1, "files": []}',
        '{"nodes": 1000000000, "files": {}}',
        '{"nodes": 1, "files": {"../../job.json": 5}}',
        '{"nodes": 1, "files": {"/etc/passwd": 5}}',
        "[" * 100_000,
    ],
)
def test_a_mark_that_is_none_of_ours_marks_nothing(tmp_path: Path, mark: str) -> None:
    kept = node(tmp_path, 0, 1)
    path = checkpoint(kept, 3)
    (path / "rng_state_0.pth").rename(path / "rng_state.pth")
    kept.store()
    (kept.root / "job.json").write_text("other")
    place = kept.root / "checkpoints" / "checkpoint-3.node-0.json"
    whole = place.read_text()
    place.write_text(mark)
    assert restored(tmp_path)[0] == []
    assert not (tmp_path / "new" / "node-5" / "job.json").exists()
    kept.store()
    assert place.read_text() == whole or mark.startswith('{"nodes": 1000')


def test_a_bucket_that_cannot_rename_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(_path: Path, _target: Path) -> None:
        raise OSError(errno.ENOSYS, "no renaming")

    monkeypatch.setattr(Path, "replace", replace)
    node(tmp_path, 0).claim({})
    assert [path.name for path in (tmp_path / "bucket").iterdir()] == ["kept.json"]


def test_the_log_of_a_node_says_which_field_is_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    telling = Telling(JobFolder(tmp_path))
    entries = [
        Entry(Kind.NOTE, 0, message="not set: off", pointer="/a/bf16"),
        Entry(Kind.REFUSED, 0, message="no", code="SFT703", pointer="/a/optim"),
        Entry(Kind.STEP, 0, step=3, values={"train.loss": 2.5}),
    ]
    (tmp_path / "journal.jsonl").write_bytes(b"".join(entry.to_line() for entry in entries))
    telling.look()
    assert capsys.readouterr().out.splitlines() == [
        "note /a/bf16: not set: off",
        "refused /a/optim [SFT703]: no",
        "step 3  train.loss 2.5",
    ]
