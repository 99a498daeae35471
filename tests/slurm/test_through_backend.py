"""Jobs of the backend on a real Slurm: by a script, and a tiny model on two nodes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import served
import training_jobs
import training_server
from served import KEY, Server
from slurm_cluster import Cluster
from training_server import event, living, pids, run_of, until

from sftc.jobfolder import JobFolder

WHOLE = [["start", 4], ["steps", 1, 4], ["done", 4]]
MODEL = Path(__file__).parent.parent / "training_runs" / "tiny.py"


def begun(cluster: Cluster, folder: Path, *options: str, settings: str = "", **more: Any) -> Any:
    """Start a backend that trains on a cluster."""
    folder.mkdir(exist_ok=True)
    file = folder / "backend.toml"
    file.write_text(f'runner = "train"\nengine = "slurm"\ndevice = "cpu"\n{settings}')
    options = ("--settings", str(file), "--slurm-conf", str(cluster.conf), *options)
    return served.begun(folder / "data", *options, **{"command": training_server.COMMAND, **more})


@contextmanager
def serving(cluster: Cluster, folder: Path, *options: str, **more: Any) -> Iterator[Server]:
    process = begun(cluster, folder, *options, **more)
    try:
        yield Server(process, served.first_line(process), KEY)
    finally:
        process.terminate()
        process.communicate()


def started(server: Server, *script: Any, nodes: int = 1, gpu_type: str = "H100") -> str:
    """Start a job that plays a script on some nodes."""
    made = training_server.body(server, *script, per_device_batch=1, global_batch=12)
    compute = made["metadata"]["effective_config"]["compute"]
    made["metadata"]["effective_config"]["compute"] = {
        **compute,
        "nodes": nodes,
        "gpu_type": gpu_type,
    }
    return server.started(made)


def queue(cluster: Cluster) -> list[str]:
    return cluster.ask("squeue", "-h", "-o", "%j %T").split("\n")[:-1]


def test_a_job_trains_on_two_nodes(cluster: Cluster, tmp_path: Path) -> None:
    with serving(cluster, tmp_path) as server:
        job = started(server, *WHOLE, nodes=2)
        found = server.over(job)
        assert (found["status"], found["engine"]) == ("succeeded", "slurm")
        assert len(pids(tmp_path / "data", job)) == 2
        log = server.ask("GET", f"/learning/jobs/{job}/log").body["text"]
        assert "sftc: " in log
        assert "Slurm job" in log


def test_jobs_wait_in_the_queue_and_are_cancelled_there(cluster: Cluster, tmp_path: Path) -> None:
    with serving(cluster, tmp_path) as server:
        first = started(server, ["start", 9], ["wait", "never"], nodes=3)
        server.until(lambda: server.job(first)["status"] == "running")
        second = started(server, *WHOLE, nodes=3)
        server.until(lambda: f"{second} PENDING" in queue(cluster))
        server.until(
            lambda: any(each["type"] == "sft.job.waiting" for each in server.events(second))
        )
        assert server.job(second)["status"] == "queued"
        answer = server.ask("POST", f"/learning/jobs/{second}/cancel", {})
        assert answer.body["status"] == "cancelled"
        server.until(lambda: f"{second} PENDING" not in queue(cluster))
        server.ask("POST", f"/learning/jobs/{first}/cancel", {})
        server.until(lambda: not living(tmp_path / "data", first))
        server.until(lambda: not queue(cluster))


def test_what_the_cluster_does_not_have_fails_with_a_reason(
    cluster: Cluster, tmp_path: Path
) -> None:
    with serving(cluster, tmp_path) as server:
        many = started(server, *WHOLE, nodes=4)
        error = server.over(many)["error"]
        assert error["code"] == "engine_refused"
        assert "it asks for more" in error["message"]
        assert event(server, many, "failed")["message"] == error["message"]
        server.until(lambda: not queue(cluster))


def test_a_gpu_that_the_cluster_does_not_have(cluster: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "gpu.toml"
    file.write_text('runner = "train"\nengine = "slurm"\n')
    options = ("--settings", str(file), "--slurm-conf", str(cluster.conf))
    process = served.begun(tmp_path / "data", *options, command=training_server.COMMAND)
    server = Server(process, served.first_line(process), KEY)
    try:
        job = started(server, *WHOLE, gpu_type="A100")
        error = server.over(job)["error"]
        assert (error["code"], "Slurm refuses" in error["message"]) == ("engine_refused", True)
    finally:
        process.terminate()
        process.communicate()


def test_a_second_server_takes_over(cluster: Cluster, tmp_path: Path) -> None:
    process = begun(cluster, tmp_path)
    server = Server(process, served.first_line(process), KEY)
    job = started(server, ["start", 4], ["steps", 1, 2], ["wait", "go"], *WHOLE[1:], nodes=2)
    server.until(lambda: server.job(job)["progress"]["step"] == 2)
    process.kill()
    process.communicate()
    (run_of(tmp_path / "data", job) / "go").touch()
    with serving(cluster, tmp_path) as server:
        assert server.over(job)["status"] == "succeeded"
        assert len(pids(tmp_path / "data", job)) == 2
        losses = [point for point in server.points(job) if point[0] == "train.loss"]
        assert losses == [("train.loss", step, 1 / step) for step in range(1, 5)]


def test_a_controller_that_is_away_is_noted_once(cluster: Cluster, tmp_path: Path) -> None:
    with serving(cluster, tmp_path) as server:
        job = started(server, ["start", 4], ["wait", "go"], *WHOLE[1:])
        server.until(lambda: server.job(job)["status"] == "running")
        cluster.end_controller()

        def notes() -> list[str]:
            found = server.events(job)
            return [each["message"] for each in found if each["type"] == "sft.job.note"]

        server.until(lambda: any("Slurm does not answer" in note for note in notes()))
        (run_of(tmp_path / "data", job) / "go").touch()
        assert server.over(job)["status"] == "succeeded"  # it has written how it ended
        assert sum("does not answer" in note for note in notes()) == 1
        cluster.start_controller()


def test_a_tiny_model_trains_on_two_nodes_as_on_one(cluster: Cluster, tmp_path: Path) -> None:
    models = tmp_path / "models"
    environment = training_jobs.environment(PYTHONSAFEPATH="1")
    subprocess.run(
        [sys.executable, MODEL, models / training_jobs.NAME],
        env=environment,
        check=True,
        capture_output=True,
    )
    asked = training_jobs.payload(validation=False, **training_jobs.FULL, steps=4)
    asked["metadata"]["effective_config"]["compute"]["nodes"] = 2
    for key in ("evaluation_strategy", "eval_steps", "save_best_model_at_end"):
        del asked["hyperparameters"][key]
    for key in ("metric_for_best_model", "greater_is_better"):
        del asked["hyperparameters"][key]
    alone = training_jobs.job(tmp_path / "alone", asked)
    done = subprocess.run(
        training_jobs.command(alone, models), env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    settings = f'models = "{models}"\nenvironment = {{ OMP_NUM_THREADS = "1" }}\n'
    with serving(cluster, tmp_path, settings=settings, command=[str(served.SFTC)]) as server:
        asked["training_file_id"] = server.ready(alone.training.read_bytes())
        job = server.started(asked)
        until(lambda: server.job(job)["finished_at"])
        folder = JobFolder(run_of(tmp_path / "data", job))
        assert server.job(job)["status"] == "succeeded", folder.log.read_text()
        assert event(server, job, "training")["data"]["world"] == 2
        assert training_jobs.points(folder) == training_jobs.points(alone)
        shown = {
            (name, step): value
            for name, step, value in server.points(job)
            if name not in training_jobs.OF_TIME
        }
        told = training_jobs.points(folder)
        assert shown == {
            (name, step): value for step, values in told.items() for name, value in values.items()
        }
