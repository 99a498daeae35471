"""Jobs of the backend on a real Slurm: by a script, and a tiny model on two nodes."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import served
import training_jobs
import training_server
from served import KEY, Server
from slurm_cluster import Cluster
from training_jobs import follows
from training_server import event, living, pids, run_of, until

from sftc.jobfolder import JobFolder, Kind

WHOLE = [["start", 4], ["steps", 1, 4], ["done", 4]]


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
        assert "it requests more" in error["message"]
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
        assert (error["code"], "Slurm rejects" in error["message"]) == ("engine_refused", True)
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

        server.until(lambda: any("Slurm is unreachable" in note for note in notes()))
        (run_of(tmp_path / "data", job) / "go").touch()
        assert server.over(job)["status"] == "succeeded"  # it has written how it ended
        assert sum("Slurm is unreachable" in note for note in notes()) == 1
        cluster.start_controller()


def test_two_nodes_train_as_one_process_though_they_are_killed_and_interrupted(
    cluster: Cluster, tmp_path: Path, models: Path
) -> None:
    """QLoRA with evaluation; a rank is killed, then the server, and a node is interrupted."""
    asked = training_jobs.payload(use_qlora=True, **training_jobs.LORA | {"lora_dropout": 0.0})
    asked["metadata"]["effective_config"]["compute"]["nodes"] = 2
    alone = training_jobs.job(tmp_path / "alone", asked)
    assert training_jobs.train(alone, models) == 0, alone.log.read_text()
    more: dict[str, Any] = {
        "settings": f'models = "{models}"\nenvironment = {{ OMP_NUM_THREADS = "1" }}\n',
        "command": training_server.warm(training_jobs.forks()),
    }
    process = begun(cluster, tmp_path, **more)
    server = Server(process, served.first_line(process), KEY)
    asked["training_file_id"] = server.ready(alone.training.read_bytes())
    validation = server.ready(alone.validation.read_bytes())
    asked["metadata"]["effective_config"]["data"]["validation_files"] = [validation]
    job = server.started(asked)
    folder = JobFolder(run_of(tmp_path / "data", job))
    follows(folder, 1, 2)
    os.kill(rank(folder, 1), signal.SIGKILL)
    follows(folder, 2, 4)
    first = server.job(job)["engine_job"]
    process.kill()
    process.communicate()
    os.kill(rank(folder, 1), signal.SIGTERM)
    with serving(cluster, tmp_path, **more) as server:
        until(lambda: server.job(job)["finished_at"])
        found = server.job(job)
        assert found["status"] == "succeeded", folder.log.read_text()
        assert int(found["engine_job"]) > int(first)  # interrupted, it was submitted again
        starts = training_jobs.of(folder, Kind.START)
        assert [each.facts["world"] for each in starts] == [2, 2, 2]
        shown: dict[int, dict[str, float]] = {}
        for name, step, value in server.points(job):
            if name not in training_jobs.OF_TIME:
                shown.setdefault(step, {})[name] = value
        assert shown == training_jobs.points(folder) == training_jobs.points(alone)


def rank(folder: JobFolder, number: int) -> int:
    """Return the process of a rank of a job."""
    found = [pid for pid in training_jobs.processes(folder) if training_jobs.rank_of(pid) == number]
    assert len(found) == 1
    return found[0]
