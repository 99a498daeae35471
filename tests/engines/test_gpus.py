"""GPUs of this machine, each a job's own; there need not be any for that."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trainers

from sftc.engines import AtLimitError, EngineError, Launch
from sftc.engines.gpus import identities, visible
from sftc.engines.local import Local

WAIT = (
    "import os; open(f\"{__import__('sys').argv[1]}/gpus\", 'w')"
    ".write(os.environ['CUDA_VISIBLE_DEVICES'])" + trainers.WAIT
)
"""Tells which GPUs it sees, and ends when it may."""

GPUS = ("3", "GPU-a/b")


class Jobs:
    """Jobs in folders of their own, ended after the test."""

    def __init__(self, root: Path) -> None:
        self.root, self.handles = root, list[str]()

    def launch(self, name: str, gpus: int) -> Launch:
        folder = self.root / name
        folder.mkdir()
        launch = trainers.launch(folder, WAIT, gpus=gpus)
        self.handles.append(
            json.dumps({"engine": "local", "folder": str(folder), "name": launch.name})
        )
        return launch

    def seen(self, launch: Launch) -> str:
        """Return the GPUs of a job."""
        trainers.pid(launch.folder, 0)
        return (launch.folder / "gpus").read_text()

    def end(self, launch: Launch, handle: str) -> None:
        (launch.folder / "go").touch()
        trainers.ended(Local(), handle)


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # where the locks are
    made = Jobs(tmp_path)
    yield made
    for handle in made.handles:
        Local().cancel(handle)


@pytest.mark.slow
def test_each_job_has_gpus_of_its_own(jobs: Jobs) -> None:
    engine = Local(gpus=GPUS)
    first, second, third = (jobs.launch(name, 1) for name in "abc")
    handle = engine.submit(first)
    engine.submit(second)
    assert [jobs.seen(first), jobs.seen(second)] == [*GPUS]
    for server in (engine, Local(gpus=GPUS)):  # one that was started again knows no less
        with pytest.raises(AtLimitError, match="its GPU is not free yet"):
            server.submit(third)
    assert engine.submit(first) == handle
    jobs.end(first, handle)
    engine.submit(third)
    assert jobs.seen(third) == GPUS[0]


@pytest.mark.slow
def test_a_large_job_is_not_passed_for_ever(jobs: Jobs) -> None:
    engine = Local(gpus=GPUS)
    running, large, small = (jobs.launch("a", 1), jobs.launch("b", 2), jobs.launch("c", 1))
    handle = engine.submit(running)
    with pytest.raises(AtLimitError, match="its 2 GPUs are not free yet"):
        engine.submit(large)
    with pytest.raises(AtLimitError, match="1 job before it waits for GPUs"):
        engine.submit(small)
    jobs.end(running, handle)
    taken = engine.submit(large)
    assert jobs.seen(large) == ",".join(GPUS)
    with pytest.raises(AtLimitError, match="its GPU is not free yet"):
        engine.submit(small)
    engine.cancel(taken)
    engine.submit(small)
    assert jobs.seen(small) == GPUS[0]


@pytest.mark.slow
def test_who_is_cancelled_while_it_waits_is_in_nobodys_way(jobs: Jobs) -> None:
    engine = Local(gpus=GPUS)
    running, large, small = (jobs.launch("a", 1), jobs.launch("b", 2), jobs.launch("c", 1))
    engine.submit(running)
    with pytest.raises(AtLimitError):
        engine.submit(large)
    handle = engine.find(large.folder, large.name)
    assert handle
    engine.cancel(handle)
    engine.submit(small)
    assert jobs.seen(small) == GPUS[1]


@pytest.mark.slow
def test_more_than_there_are_is_refused(jobs: Jobs) -> None:
    launch = jobs.launch("a", 3)
    with pytest.raises(EngineError, match="this machine has 2 GPUs, not 3"):
        Local(gpus=GPUS).submit(launch)
    none = replace(launch, gpus=0)
    handle = Local().submit(none)
    trainers.until((launch.folder / "exit.json").exists)  # it was to see no GPU: no such variable
    assert trainers.ended(Local(), handle).code == 1


def driver(folder: Path, *models: str) -> None:
    """Put a program there that tells of GPUs as the driver's does."""
    lines = "".join(f"{n}, GPU-{n}f-{n}, {model}\\n" for n, model in enumerate(models))
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nprintf '{lines}'\n")
    program.chmod(0o755)


def test_a_gpu_is_the_same_by_all_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    names = ("1", "GPU-1f", "GPU-1f-1", "MIG-2", "7")
    driver(tmp_path, "NVIDIA H100", "NVIDIA H100")
    ids = ["GPU-1f-1", "GPU-1f-1", "GPU-1f-1", "MIG-2", "7"]
    assert [*identities(names).values()] == ids
    assert [*identities(["GPU-"]).values()] == ["GPU-"]  # two are meant
    driver(tmp_path, "NVIDIA A100", "NVIDIA H100")  # which CUDA may number in another order
    assert [*identities(["1", "GPU-1f"]).values()] == ["1", "GPU-1f-1"]
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    assert [*identities(["1"]).values()] == ["GPU-1f-1"]
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\nexit 9\n")
    assert [*identities(["1"]).values()] == ["1"]


@pytest.mark.parametrize(
    ("value", "devices"),
    [
        ("", ()),
        ("-1", ()),
        ("2, 0", ("2", "0")),
        ("GPU-8f,MIG-1", ("GPU-8f", "MIG-1")),
        ("1,-1,0", ("1",)),
        ("0,0,1", ("0", "1")),
    ],
)
def test_what_a_server_sees_is_what_its_jobs_may(value: str, devices: tuple[str, ...]) -> None:
    assert visible({"CUDA_VISIBLE_DEVICES": value}) == devices
    assert visible({}) is None
