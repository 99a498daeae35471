"""Jobs on a real Slurm."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import trainers
from slurm_cluster import Cluster

from sftc.engines import EngineError, Phase, State, UnreachableError
from sftc.engines.slurm import Slurm

FINISHED = State(Phase.ENDED, "finished", 0)
RUNNING = State(Phase.RUNNING, "running")
CANCELLED = State(Phase.ENDED, "cancelled")
URGENT = ("sbatch", "--parsable", "--partition=urgent", "--nodes=3", "--exclusive")


def number(handle: str) -> str:
    return str(json.loads(handle)["job"])


def queued(engine: Slurm, handle: str) -> State:
    """Return the state of a job when it waits."""

    def look() -> State | None:
        state = engine.state(handle)
        assert state.phase is not Phase.ENDED, state
        return state if state.phase is Phase.QUEUED else None

    return trainers.until(look, "a waiting job")


def alive(there: list[int]) -> list[int]:
    return [pid for pid in there if trainers.alive(pid)]


def test_ranks_meet_across_nodes(cluster: Cluster, tmp_path: Path) -> None:
    engine = cluster.engine(gpu_types={"NVIDIA H100": "h100"})
    launch = trainers.launch(
        tmp_path, trainers.MEET, nodes=2, processes=2, gpus=1, gpu_type="NVIDIA H100", cpus=2
    )
    handle = engine.submit(launch)
    assert trainers.ended(engine, handle) == FINISHED, trainers.log(engine, handle)
    first, *others = (tmp_path / "met").read_text().splitlines()
    assert first.startswith("1 1 ")
    assert [line[:4] for line in others] == ["2 0 ", "3 1 "]
    nodes = [line.split()[2] for line in (first, *others)]
    assert nodes[0] != nodes[1] == nodes[2]
    asked = cluster.ask("squeue", "-h", "-t", "all", "-j", number(handle), "-o", "%D %b %C")
    assert asked.split() == ["2", "gres:gpu:h100:1", "4"]


def test_a_job_is_submitted_once(cluster: Cluster, tmp_path: Path) -> None:
    launch = trainers.launch(tmp_path, trainers.WAIT)
    handle = cluster.engine().submit(launch)
    trainers.pid(tmp_path, 0)
    assert cluster.engine().submit(launch) == handle  # as after a crash that lost the handle
    (tmp_path / "go").touch()
    assert trainers.ended(cluster.engine(), handle) == FINISHED
    assert cluster.engine().submit(launch) == handle
    assert (tmp_path / "journal").read_text() == "rank 0 done\n"


def test_of_two_jobs_of_one_name_one_trains(cluster: Cluster, tmp_path: Path) -> None:
    """A server dies while sbatch is on its way, and the next one does not see the job yet."""
    engine = cluster.engine()
    launch = trainers.launch(tmp_path, trainers.WAIT)
    handle = engine.submit(launch)
    trainers.pid(tmp_path, 0)
    options = [f"--job-name={launch.name}", "--dependency=singleton", f"--chdir={tmp_path}"]
    again = cluster.ask("sbatch", "--parsable", *options, "--output=log", f"{tmp_path}/batch.sh")
    twin = json.dumps(json.loads(handle) | {"job": again.strip()})
    assert queued(engine, twin).reason == "it waits for an earlier job of its name (Dependency)"
    (tmp_path / "go").touch()
    assert trainers.ended(engine, handle) == FINISHED

    def over() -> bool:
        word = cluster.ask("squeue", "-h", "-t", "all", "-j", again.strip(), "-o", "%T")
        return word.strip() == "COMPLETED"

    trainers.until(over, "the end of the second job")
    assert (tmp_path / "journal").read_text() == "rank 0 done\n"


def test_cancelling_a_job_that_waits(cluster: Cluster, tmp_path: Path) -> None:
    engine = cluster.engine(arguments=["--hold"])
    launch = trainers.launch(tmp_path, trainers.WAIT)
    handle = engine.submit(launch)
    assert queued(engine, handle) == State(Phase.QUEUED, "it is on hold (JobHeldUser)")
    engine.cancel(handle)
    assert trainers.ended(engine, handle) == CANCELLED
    engine.cancel(handle)
    assert engine.submit(launch) == handle
    assert not cluster.ask("squeue", "-h").strip()


@pytest.mark.parametrize(
    ("program", "ranks"),
    [
        (trainers.STUBBORN, [0, 1, 2, 3]),
        (trainers.ESCAPE, [0, 1, 2, 3, *(f"escaped-{rank}" for rank in range(4))]),
    ],
    ids=["stubborn", "escape"],
)
def test_cancelling_leaves_no_process(
    cluster: Cluster, tmp_path: Path, program: str, ranks: list[int | str]
) -> None:
    engine = cluster.engine()
    handle = engine.submit(trainers.launch(tmp_path, program, nodes=2, processes=2))
    there = [trainers.pid(tmp_path, rank) for rank in ranks]
    assert engine.state(handle) == RUNNING
    engine.cancel(handle)
    assert trainers.ended(engine, handle) == CANCELLED
    assert alive(there) == []


def test_a_killed_rank_is_started_again_in_the_allocation(cluster: Cluster, tmp_path: Path) -> None:
    engine = cluster.engine()
    handle = engine.submit(trainers.launch(tmp_path, trainers.CRASH_ONCE, nodes=2, retries=1))
    assert trainers.ended(engine, handle) == FINISHED, trainers.log(engine, handle)
    assert (tmp_path / "starts").read_text().split().count("0") == 2
    said = trainers.log(engine, handle)
    assert "killed by SIGKILL, perhaps because it ran out of memory; restarting (1 of 1)" in said
    assert "start 2" not in said


def test_what_the_failing_rank_says_counts(cluster: Cluster, tmp_path: Path) -> None:
    program = "import os; os.environ['RANK'] == '1' and os._exit(4)" + trainers.WAIT
    engine = cluster.engine()
    handle = engine.submit(trainers.launch(tmp_path, program, nodes=2, final_codes=(4,)))
    reason = "the trainer failed with exit code 4"
    assert trainers.ended(engine, handle) == State(Phase.ENDED, reason, 4)
    assert "attempt 2" not in trainers.log(engine, handle)


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
def test_after_the_death_of_a_node_a_job_goes_on_elsewhere(
    cluster: Cluster, tmp_path: Path, which: int
) -> None:
    engine = cluster.engine()
    program = (
        "import os; open(f\"{__import__('sys').argv[1]}/node-{os.environ['RANK']}\", 'w')"
        ".write(os.environ['SLURMD_NODENAME'])" + trainers.WAIT
    )
    handle = engine.submit(trainers.launch(tmp_path, program, nodes=2))
    before = [trainers.pid(tmp_path, rank) for rank in (0, 1)]
    dead = (tmp_path / f"node-{which}").read_text()
    for rank in (0, 1):
        (tmp_path / f"pid-{rank}").unlink()
    cluster.kill_node(dead)
    queued(engine, handle)
    trainers.pid(tmp_path, 0)
    trainers.pid(tmp_path, 1)
    assert dead not in {(tmp_path / f"node-{rank}").read_text() for rank in (0, 1)}
    assert alive(before) == []
    (tmp_path / "go").touch()
    assert trainers.ended(engine, handle) == FINISHED, trainers.log(engine, handle)
    assert "start 2" in trainers.log(engine, handle)


def test_a_dead_node_is_not_mistaken_for_one_that_never_was(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.kill_node("n1")
    engine = cluster.engine()
    # Slurm would find out by itself, but takes minutes over a node without jobs.
    cluster.put_down("n1")
    handle = engine.submit(trainers.launch(tmp_path, trainers.SAY, nodes=3))

    def waits() -> State | None:
        state = engine.state(handle)
        return None if "(None)" in state.reason else state

    state = trainers.until(waits)
    assert (state.phase, state.hopeless) == (Phase.QUEUED, False), state
    cluster.start_node("n1")
    assert trainers.ended(engine, handle) == FINISHED


def test_without_a_controller_nothing_changes(cluster: Cluster, tmp_path: Path) -> None:
    engine = cluster.engine()
    launch = trainers.launch(tmp_path, trainers.WAIT, nodes=2)
    handle = engine.submit(launch)
    trainers.pid(tmp_path, 0)
    cluster.end_controller()
    for ask in (lambda: engine.state(handle), lambda: engine.submit(launch)):
        with pytest.raises(UnreachableError, match="Slurm is unreachable: Unable to contact"):
            ask()
    (tmp_path / "go").touch()
    trainers.until((tmp_path / "exit.json").exists, "the end of the job")
    assert engine.state(handle) == FINISHED
    cluster.start_controller()
    assert engine.state(handle) == FINISHED
    assert engine.submit(launch) == handle
    assert sorted((tmp_path / "journal").read_text().splitlines()) == ["rank 0 done", "rank 1 done"]


def test_cancelling_without_a_controller(cluster: Cluster, tmp_path: Path) -> None:
    engine = cluster.engine()
    handle = engine.submit(trainers.launch(tmp_path, trainers.STUBBORN))
    rank = trainers.pid(tmp_path, 0)
    cluster.end_controller()
    with pytest.raises(UnreachableError):
        engine.cancel(handle)
    trainers.until(lambda: not trainers.alive(rank), "the end of the rank")
    cluster.start_controller()
    engine.cancel(handle)
    cluster.hurry()
    assert trainers.ended(engine, handle) == CANCELLED


def test_what_no_node_has_is_refused_at_once(cluster: Cluster, tmp_path: Path) -> None:
    refused = (
        "^Slurm rejects the job: Batch job submission failed: Requested node configuration is not"
    )
    launch = trainers.launch(tmp_path, trainers.SAY, gpus=1, gpu_type="B200")
    with pytest.raises(EngineError, match=refused):
        cluster.engine().submit(launch)
    with pytest.raises(EngineError, match=refused):
        cluster.engine().submit(trainers.launch(tmp_path, trainers.SAY, gpus=9, gpu_type="H100"))
    assert cluster.engine().submit(replace(launch, gpu_type="h100"))  # the name is still free
    with pytest.raises(EngineError, match="gpu_types do not name the GPU 'NVIDIA H100 80GB'"):
        cluster.engine().submit(replace(launch, name="x", gpu_type="NVIDIA H100 80GB"))
    with pytest.raises(EngineError, match="Invalid partition name specified"):
        cluster.engine(partition="$(touch x)").submit(replace(launch, name="x"))


def test_what_the_partition_can_never_give_is_said(cluster: Cluster, tmp_path: Path) -> None:
    engine = cluster.engine()
    launch = trainers.launch(tmp_path, trainers.SAY, nodes=5)
    handle = engine.submit(launch)

    def hopeless() -> State | None:
        state = engine.state(handle)
        return state if state.hopeless else None

    state = trainers.until(hopeless, "that it can never start")
    assert state.phase is Phase.QUEUED
    assert state.reason.startswith("it can never start: it requests more")
    engine.cancel(handle)
    assert trainers.ended(engine, handle) == CANCELLED


def test_preemption_is_no_success(cluster: Cluster, tmp_path: Path) -> None:
    engine = cluster.engine(arguments=["--exclusive"])
    launch = trainers.launch(tmp_path, trainers.POLITE, nodes=3)
    handle = engine.submit(launch)
    before = [trainers.pid(tmp_path, rank) for rank in range(3)]
    for rank in range(3):
        (tmp_path / f"pid-{rank}").unlink()
    urgent = cluster.ask(
        *URGENT, "--output=/dev/null", f"--wrap=until [ -e {tmp_path}/enough ]; do sleep 0.1; done"
    )
    queued(engine, handle)
    assert alive(before) == []
    assert engine.submit(launch) == handle
    (tmp_path / "enough").touch()
    trainers.pid(tmp_path, 0)
    trainers.until(lambda: engine.state(handle) == RUNNING, f"{urgent} to end")
    (tmp_path / "go").touch()
    assert trainers.ended(engine, handle) == FINISHED, trainers.log(engine, handle)


def test_an_interrupted_job_goes_on_when_it_is_submitted_again(
    cluster: Cluster, tmp_path: Path
) -> None:
    engine = cluster.engine()
    launch = trainers.launch(tmp_path, trainers.POLITE, nodes=2)
    first = engine.submit(launch)
    os.kill(trainers.pid(tmp_path, 1), 15)
    interrupted = State(Phase.ENDED, "interrupted; it can resume", 75, resumable=True)
    assert trainers.ended(engine, first) == interrupted
    (tmp_path / "go").touch()
    second = engine.submit(launch)
    assert number(second) != number(first)
    assert trainers.ended(engine, second) == FINISHED


def test_a_job_that_slurm_has_forgotten(cluster: Cluster, tmp_path: Path) -> None:
    engine = cluster.engine()
    handle = json.dumps({"engine": "slurm", "folder": str(tmp_path), "name": "x", "job": "987654"})
    state = engine.state(handle)
    assert (state.phase, state.code, state.resumable) == (Phase.ENDED, None, True)


def test_a_number_that_slurm_gave_to_another_job(cluster: Cluster, tmp_path: Path) -> None:
    engine = cluster.engine()
    handle = engine.submit(trainers.launch(tmp_path, trainers.WAIT))
    rank = trainers.pid(tmp_path, 0)
    (tmp_path / "other").mkdir()
    other = json.loads(handle) | {"name": "other", "folder": str(tmp_path / "other")}
    engine.cancel(json.dumps(other))
    assert engine.state(handle) == RUNNING
    assert trainers.alive(rank)


@pytest.mark.parametrize("name", ["a b", "$(touch x)", "'; touch x; '", 'é % %j \\ "q"', "a\nb"])
def test_folders_and_arguments_may_have_any_name(
    cluster: Cluster, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    program = "import pathlib, sys; (pathlib.Path(sys.argv[1]) / 'seen').write_text(sys.argv[2])"
    launch = trainers.launch(folder, program)
    engine = cluster.engine()
    handle = engine.submit(replace(launch, argv=(*launch.argv, name), environment={"A": name}))
    assert trainers.ended(engine, handle) == FINISHED, trainers.log(engine, handle)
    assert (folder / "seen").read_text() == name
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_prologues_and_secrets(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFTC_API_KEY", "secret")
    monkeypatch.setenv("SBATCH_PARTITION", "nowhere")
    monkeypatch.setenv("HF_HOME", "/models")
    program = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1] + '/seen', 'w'))"
    engine = cluster.engine(prologue=["export CUDA_HOME=/opt/cuda"])
    handle = engine.submit(trainers.launch(tmp_path, program, environment={"A": "b"}))
    assert trainers.ended(engine, handle) == FINISHED, trainers.log(engine, handle)
    seen = json.loads((tmp_path / "seen").read_text())
    assert "secret" not in seen.values()
    assert (seen["CUDA_HOME"], seen["HF_HOME"], seen["A"]) == ("/opt/cuda", "/models", "b")


def test_a_prologue_that_fails(cluster: Cluster, tmp_path: Path) -> None:
    engine = cluster.engine(
        prologue=["module() { echo no module $2 >&2; exit 1; }", "module load x"]
    )
    handle = engine.submit(trainers.launch(tmp_path, trainers.SAY))
    reason = "it failed before the trainer started; see the log"
    assert trainers.ended(engine, handle) == State(Phase.ENDED, reason, unwritten=True)
    assert trainers.log(engine, handle) == "no module x\n"
