"""Jobs that are trained: by real processes on this machine, which do what a script says."""

import itertools
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import served
import training_server
from served import ROWS, Server
from training_server import event, living, pids, run_of, scripted, training, types, until

from sftc.backend.records import Event, JobStatus
from sftc.backend.store import Database, Jobs
from sftc.engines.folder import read_supervisor
from sftc.jobfolder import JobFolder

WHOLE = [["start", 4], ["steps", 1, 4], ["done", 4]]
"""A training of four steps."""

ENDLESS = [["start", 1000], ["steps", 1, 2], ["wait", "never"]]


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> Iterator[None]:
    """End the trainers of a test, however it ended."""
    yield
    if (tmp_path / "runs").is_dir():
        training_server.end_trainers(tmp_path)


def error(server: Server, job: str) -> tuple[str, str]:
    """Return the code and the message of a job that failed, which its last event has as well."""
    found = server.over(job)
    assert found["status"] == "failed"
    (last,) = [each for each in server.events(job) if each["type"] == "sft.job.failed"]
    shown = found["error"]
    assert (last["level"], last["message"]) == ("error", shown["message"])
    assert last["data"]["code"] == shown["code"]
    return shown["code"], shown["message"]


def test_a_job_is_trained(tmp_path: Path) -> None:
    note = {"message": "not set: 42", "pointer": "/hyperparameters/seed"}
    data = (
        "The training data: 39 rows, 400 tokens, 200 of them in the loss; 2 rows are cut;"
        " 1 row is dropped"
    )
    odd = {"message": "train.jsonl: 2 rows: it contains the text of a special token"}
    facts = {"rows": 39, "dropped": 1, "cut": 2, "tokens": 400, "learned": 200}
    script = [
        ["tell", "note", note],
        ["tell", "data", {"facts": {"name": "training", **facts}}],
        ["tell", "note", odd],
        ["start", 4],
        ["steps", 1, 2],
        ["tell", "evaluation", {"step": 2, "values": {"val.loss": 0.5}}],
        ["saved", 2],
        ["steps", 3, 4],
        ["print", "four steps"],
        ["done", 4],
    ]
    with training(tmp_path) as server:
        name = scripted(server, *script)
        job = server.over(name)
        assert (job["status"], job["mode"], job["engine"]) == ("succeeded", "train", "local")
        assert (job["progress"], job["error"]) == ({"step": 4, "total_steps": 4}, None)
        assert (job["throughput"], bool(job["started_at"])) == (None, True)
        events = server.events(name)
        group = f"process group {job['engine_job']}"
        assert events[2]["data"] == {"engine_job": job["engine_job"]}
        assert [(each["type"], each["level"], each["message"]) for each in events] == [
            ("sft.job.created", "info", "Created to be trained on this machine."),
            ("sft.job.queued", "info", "The job was started and waits for a runner"),
            ("sft.job.started", "info", f"A runner took the job: train, engine local, {group}"),
            ("sft.job.note", "info", "seed: not set: 42"),
            ("sft.job.data", "info", data),
            ("sft.job.note", "warning", odd["message"]),
            ("sft.job.training", "info", "The training of 4 steps starts"),
            ("sft.job.checkpoint", "info", "Saved the checkpoint of step 2"),
            ("sft.job.completed", "info", "The training finished after 4 steps"),
        ]
        assert events[0]["data"].items() > {"mode": "train", "engine": "local"}.items()
        planned = events[0]["data"]["planned"]
        assert (planned["steps"], planned["memory"]) == (40, None)
        assert planned["unknown"].startswith("sequence_length is not set")
        assert events[8]["data"]["planned"] == planned
        assert events[8]["data"]["measured"]["steps"] == 4
        assert events[8]["data"]["measured"]["memory_of"] == "process"
        assert events[3]["data"] == {"pointer": "/hyperparameters/seed"}
        assert events[4]["data"] == {"name": "training", **facts}
        began = {"resumed_from": None, "total_steps": 4, "device": "cpu", "world": 1}
        assert events[6]["data"] == began
        assert events[8]["data"]["values"] == {"train.loss": 0.25}
        assert events[6]["created_at"] == "2001-09-09T01:46:40.000Z"  # as the journal has it
        losses = [point for point in server.points(name) if point[0].endswith("loss")]
        assert losses == [
            ("train.loss", 1, 1.0),
            ("train.loss", 2, 0.5),
            ("val.loss", 2, 0.5),
            ("train.loss", 3, 1 / 3),
            ("train.loss", 4, 0.25),
        ]
        (listed,) = server.ask("GET", "/learning/jobs").body["jobs"]
        assert (listed["mode"], listed["engine"]) == ("train", "local")
        run = run_of(tmp_path, name)
        assert json.loads((run / "job.json").read_text()) == job["payload"]
        assert (run / "train.jsonl").read_bytes() == ROWS


@pytest.mark.slow
def test_the_pace_is_that_of_the_latest_steps(tmp_path: Path) -> None:
    script = [["start", 30], ["steps", 1, 1], ["wait", "on"], ["steps", 2, 24], ["wait", "go"]]
    with training(tmp_path) as server:
        name = scripted(server, *script, *WHOLE[2:])
        server.until(lambda: server.job(name)["progress"]["step"] == 1)
        assert server.job(name)["throughput"] is None
        (run_of(tmp_path, name) / "on").touch()
        server.until(lambda: server.job(name)["progress"]["step"] == 24)
        pace = {"seconds_per_step": 0.5, "tokens_per_second": 80.0, "seconds_left": 3.0}
        assert server.job(name)["throughput"] == pace
        (run_of(tmp_path, name) / "go").touch()
        assert server.over(name)["throughput"] is None


@pytest.mark.slow
def test_several_validation_files_are_joined(tmp_path: Path) -> None:
    lines = ROWS.splitlines()
    with training(tmp_path) as server:
        files = [server.ready(lines[0]), server.ready(lines[1] + b"\n")]
        made = training_server.body(server, *WHOLE)
        effective = made["metadata"]["effective_config"]
        effective["data"]["validation_files"] = files
        effective["training"]["validation"] = {"enabled": True}
        name = server.started(made)
        assert server.over(name)["status"] == "succeeded"
        joined = (run_of(tmp_path, name) / "validation.jsonl").read_bytes()
        assert joined == lines[0] + b"\n" + lines[1] + b"\n"


@pytest.mark.slow
def test_what_the_recipe_refuses_is_refused_at_once(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        made = training_server.body(server, *WHOLE, seed=-1, no_such_thing=1)
        refused = server.ask("POST", "/learning/jobs", made)
        assert (refused.status, refused.code) == (400, "not_trainable")
        details = refused.body["error"]["details"]
        assert {each["pointer"]: each["message"][-8:] for each in details} == {
            "/hyperparameters/seed": "(SFT703)",
            "/hyperparameters/no_such_thing": "(SFT701)",
        }
        assert server.ask("GET", "/learning/jobs").body["total"] == 0


REFUSED = {"message": "no such module", "code": "SFT705", "pointer": "/hyperparameters/x"}
ENDS: dict[str, tuple[list[Any], tuple[str, str]]] = {
    "refused": ([["tell", "refused", REFUSED], ["exit", 1]], ("SFT705", "no such module")),
    "refused twice": (
        [["tell", "refused", REFUSED], ["tell", "refused", REFUSED | {"code": "x"}], ["exit", 1]],
        ("SFT705", "no such module (and 1 more reason)"),
    ),
    "a row": (
        [["tell", "refused", {"message": "m", "code": "x", "facts": {"line": 3}}], ["exit", 1]],
        ("x", "m"),
    ),
    "diverged": (
        [["tell", "diverged", {"step": 7, "message": "train.loss is not a number"}], ["exit", 3]],
        ("diverged", "train.loss is not a number"),
    ),
    "failed": (
        [["tell", "failed", {"message": "the disk is full", "code": "disk-full"}], ["exit", 3]],
        ("disk-full", "the disk is full"),
    ),
    "defect": (
        [["exit", 70]],
        (
            "trainer_failed",
            "the trainer failed with exit code 70, after 2 attempts; see the job's log",
        ),
    ),
    "nothing": ([["exit", 0]], ("trainer_failed", "The trainer ended without a result")),
    "no result": (
        [["tell", "done", {"step": 1}]],
        (
            "result_unreadable",
            "The trainer finished, but its result cannot be read: no such file or directory",
        ),
    ),
}


@pytest.fixture(scope="module")
def once_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return settings by which a trainer is started once more after a crash."""
    path = tmp_path_factory.mktemp("settings") / "backend.toml"
    path.write_text("retries = 1\n")
    return path


@pytest.mark.slow
def test_each_end_has_its_reason(tmp_path: Path, once_again: Path) -> None:
    with training(tmp_path, "--settings", str(once_again)) as server:
        for script, (code, message) in ENDS.values():
            name = scripted(server, *script)
            found = error(server, name)
            assert found == (code, message)
        data = event(server, name, "failed")["data"]
        assert data == {"code": found[0], "message": found[1]}


@pytest.mark.slow
def test_where_it_was_refused_is_told(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        for kind, more in (("refused", {"pointer": REFUSED["pointer"]}), ("a row", {"line": 3})):
            name = scripted(server, *ENDS[kind][0])
            server.over(name)
            data = event(server, name, "failed")["data"]
            assert data.items() >= more.items()


CRASHES = [["once", ["start", 4], ["steps", 1, 3], ["saved", 2], ["steps", 4, 4], ["kill"]]]
GOES_ON = [["start", 4, 2], ["steps", 3, 4], ["done", 4]]


@pytest.mark.slow
def test_a_trainer_that_is_killed_goes_on(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        whole, killed = scripted(server, *WHOLE), scripted(server, *CRASHES, *GOES_ON)
        assert server.over(killed)["status"] == "succeeded"
        assert server.points(killed) == server.points(whole)
        resumed = event(server, killed, "resumed")
        assert resumed["data"]["step"] == 2
        assert resumed["message"] == "The training resumes from the checkpoint of step 2"
        assert len(pids(tmp_path, killed)) == 2


@pytest.mark.slow
def test_without_a_checkpoint_it_starts_anew(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        script = [["once", ["start", 4], ["steps", 1, 1], ["kill"]], *WHOLE]
        name = scripted(server, *script)
        assert server.over(name)["status"] == "succeeded"
        assert event(server, name, "resumed")["data"]["step"] == 0


@pytest.mark.slow
def test_a_failure_that_is_started_again_is_a_note(tmp_path: Path) -> None:
    crash = ["once", ["start", 4], ["tell", "failed", {"message": "oh", "code": "crashed"}]]
    with training(tmp_path) as server:
        name = scripted(server, [*crash, ["exit", 70]], *WHOLE)
        assert server.over(name)["status"] == "succeeded"
        note = event(server, name, "note")
        assert note["message"] == "The trainer exited and was restarted: oh"
        assert note["level"] == "warning"


@pytest.mark.slow
def test_a_job_without_a_supervisor_is_submitted_again(tmp_path: Path, once_again: Path) -> None:
    script = [
        ["once", ["start", 4], ["steps", 1, 2], ["saved", 2], ["wait", "never"]],
        ["start", 4, 2],
        ["steps", 3, 3],
        ["wait", "on"],
        *GOES_ON[1:],
    ]
    with training(tmp_path, "--settings", str(once_again)) as server:
        name, other = (scripted(server, *script) for _ in range(2))

        def killed(job: str, step: int) -> None:
            server.until(lambda: server.job(job)["progress"]["step"] == step)
            known = read_supervisor(run_of(tmp_path, job))
            assert known
            os.kill(known["pid"], signal.SIGKILL)

        killed(name, 2)
        server.until(lambda: server.job(name)["progress"]["step"] == 3)
        (run_of(tmp_path, name) / "on").touch()
        assert server.over(name)["status"] == "succeeded"
        data = [each["data"] for each in server.events(name) if each["type"] == "sft.job.resumed"]
        assert [each["step"] for each in data] == [2, 2]
        assert data[0]["attempt"] == 1
        killed(other, 2)
        killed(other, 3)
        code, message = error(server, other)
        assert (code, "gave up after 1 resubmission (`retries`)" in message) == (
            "interrupted_too_often",
            True,
        )
        until(lambda: not living(tmp_path, other))


@pytest.mark.slow
@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM])
def test_a_new_server_finds_what_the_old_one_left(tmp_path: Path, way: signal.Signals) -> None:
    script = [
        ["start", 9],
        ["steps", 1, 2],
        ["saved", 2],
        ["wait", "one"],
        ["steps", 3, 4],
        ["wait", "two"],
        ["steps", 5, 9],
        ["done", 9],
    ]
    process = training_server.begun(tmp_path)
    server = Server(process, served.first_line(process), served.KEY)
    name = scripted(server, *script)
    run = run_of(tmp_path, name)
    server.until(lambda: server.job(name)["progress"]["step"] == 2)
    process.send_signal(way)
    process.communicate()
    assert process.returncode == (-way if way is signal.SIGKILL else 0)
    (run / "one").touch()
    until(lambda: b'"step": 4' in (run / "journal.jsonl").read_bytes())  # nobody listens
    with training(tmp_path) as server:
        server.until(lambda: server.job(name)["progress"]["step"] == 4)
        (run / "two").touch()
        assert server.over(name)["status"] == "succeeded"
        kinds = types(server, name)
        assert kinds == [
            "created",
            "queued",
            "started",
            "training",
            "checkpoint",
            "note",
            "completed",
        ]
        losses = [point for point in server.points(name) if point[0] == "train.loss"]
        assert losses == [("train.loss", step, 1 / step) for step in range(1, 10)]
        assert len(pids(tmp_path, name)) == 1


@pytest.mark.slow
def test_a_job_that_ended_without_a_server_has_ended(tmp_path: Path) -> None:
    process = training_server.begun(tmp_path)
    server = Server(process, served.first_line(process), served.KEY)
    name = scripted(server, ["start", 4], ["wait", "go"], *WHOLE[1:])
    server.until(lambda: pids(tmp_path, name))
    process.kill()
    process.communicate()
    (run_of(tmp_path, name) / "go").touch()
    until(lambda: not living(tmp_path, name))
    with training(tmp_path) as server:
        assert server.over(name)["status"] == "succeeded"


@pytest.mark.slow
def test_jobs_wait_for_their_turn(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        first = scripted(server, ["start", 4], ["wait", "go"], *WHOLE[1:])
        second, third = (scripted(server, *WHOLE) for _ in range(2))
        server.until(lambda: "waiting" in types(server, third))
        assert event(server, third, "waiting")["message"] == (
            "Queued: this server runs one job at a time, and 2 are before it"
        )
        assert server.job(second)["status"] == "queued"
        assert not run_of(tmp_path, second).exists()
        server.until(lambda: pids(tmp_path, first))
        (run_of(tmp_path, first) / "go").touch()
        assert server.over(third)["status"] == "succeeded"
        ends = [server.over(job) for job in (first, second, third)]
        assert [job["status"] for job in ends] == ["succeeded"] * 3
        for before, next_ in itertools.pairwise(ends):
            assert before["finished_at"] <= next_["started_at"]


def test_as_many_jobs_at_once_as_settled(tmp_path: Path) -> None:
    with training(tmp_path, "--jobs-at-once", "2") as server:
        jobs = [scripted(server, *ENDLESS) for _ in range(3)]
        server.until(lambda: [server.job(job)["status"] for job in jobs[:2]] == ["running"] * 2)
        server.until(lambda: "waiting" in types(server, jobs[2]))
        assert server.job(jobs[2])["status"] == "queued"
        for job in jobs:
            server.ask("POST", f"/learning/jobs/{job}/cancel", {})


@pytest.mark.slow
def test_jobs_share_the_gpus_of_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")  # whether they are there or not
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    data = tmp_path / "data"
    script = [["print-variable", "CUDA_VISIBLE_DEVICES"], ["start", 4], ["wait", "go"], *WHOLE[1:]]
    process = training_server.begun(data, "--jobs-at-once", "3")
    server = Server(process, served.first_line(process), served.KEY)
    jobs = [scripted(server, *script) for _ in range(2)]
    server.until(lambda: all(pids(data, job) for job in jobs))
    waiting = scripted(server, *script)
    server.until(lambda: "waiting" in types(server, waiting))
    message = "Queued: its GPU is not free yet"
    assert event(server, waiting, "waiting")["message"] == message
    assert server.job(waiting)["status"] == "queued"
    process.kill()
    process.communicate()
    with training(data) as server:  # two at once, as many as GPUs, and the two are found again
        (run_of(data, jobs[0]) / "go").touch()
        server.until(lambda: pids(data, waiting))
        for job in (jobs[1], waiting):
            (run_of(data, job) / "go").touch()
        assert server.over(waiting)["status"] == server.over(jobs[1])["status"] == "succeeded"
        seen = [
            next(line for line in _log(server, job) if line.startswith("CUDA"))
            for job in (*jobs, waiting)
        ]
    assert sorted(seen[:2]) == ["CUDA_VISIBLE_DEVICES=4", "CUDA_VISIBLE_DEVICES=6"]
    assert seen[2] == seen[0]


def _log(server: Server, job: str) -> list[str]:
    return str(server.ask("GET", f"/learning/jobs/{job}/log").body["text"]).splitlines()


@pytest.mark.slow_but_first
@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_what_nobody_needs_any_more_is_removed(tmp_path: Path, status: str) -> None:
    last = [["exit", 3]] if status == "failed" else WHOLE[2:]
    with training(tmp_path) as server:
        job = scripted(server, *WHOLE[:2], ["wait", "go"], *last)
        server.until(lambda: server.job(job)["progress"]["step"] == 4)
        folder = JobFolder(run_of(tmp_path, job))
        for left in (folder.checkpoints / "checkpoint-2", folder.unfinished_result):
            left.mkdir(parents=True)
            (left / "weights").touch()
        (folder.root / "train.jsonl.unfinished").touch()
        if status == "cancelled":
            server.ask("POST", f"/learning/jobs/{job}/cancel", {})
        else:
            (folder.root / "go").touch()
        assert server.over(job)["status"] == status
        server.until(lambda: not folder.unfinished_result.exists())
        kept = status == "failed"
        server.until(lambda: folder.checkpoints.exists() is kept)
        server.until(lambda: not (folder.root / "train.jsonl.unfinished").exists())
        names = {path.name for path in folder.root.iterdir()}
        assert {"job.json", "train.jsonl", "journal.jsonl", "log"} <= names
        assert folder.result.exists() is (status == "succeeded")


CANCELLED: dict[str, list[Any]] = {
    "before it tells anything": [["wait", "never"]],
    "while it tokenizes": [["tell", "note", {"message": "m"}], ["wait", "never"]],
    "while it trains": ENDLESS,
    "with a process that escaped": [["escape"], *ENDLESS],
}


@pytest.mark.slow
@pytest.mark.parametrize("state", CANCELLED)
def test_a_cancelled_job_leaves_no_process(tmp_path: Path, state: str) -> None:
    with training(tmp_path) as server:
        name = scripted(server, *CANCELLED[state])
        server.until(lambda: len(pids(tmp_path, name)) == 1 + ("escaped" in state))
        answer = server.ask("POST", f"/learning/jobs/{name}/cancel", {})
        assert (answer.status, answer.body["status"]) == (200, "cancelled")
        server.until(lambda: not living(tmp_path, name))
        assert types(server, name)[-1] == "cancelled"
        after = scripted(server, *WHOLE)  # there is room for it
        assert server.over(after)["status"] == "succeeded"


def test_a_job_that_waits_is_cancelled(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        first = scripted(server, ["start", 4], ["wait", "go"], *WHOLE[1:])
        name = scripted(server, *WHOLE)
        created = server.ask("POST", "/learning/jobs", training_server.body(server)).body["id"]
        for job in (name, created):
            answer = server.ask("POST", f"/learning/jobs/{job}/cancel", {})
            assert answer.body["status"] == "cancelled"
        server.until(lambda: pids(tmp_path, first))
        (run_of(tmp_path, first) / "go").touch()
        after = scripted(server, *WHOLE)  # which comes after the cancelled one
        assert server.over(after)["status"] == "succeeded"
        for job in (name, created):
            assert server.job(job)["status"] == "cancelled"
            assert not run_of(tmp_path, job).exists()


@pytest.mark.slow
def test_a_cancelled_job_ends_though_the_server_was_killed(tmp_path: Path) -> None:
    process = training_server.begun(tmp_path)
    server = Server(process, served.first_line(process), served.KEY)
    name = scripted(server, *ENDLESS)
    server.until(lambda: server.job(name)["progress"]["step"] == 2)
    process.kill()
    process.communicate()
    database = Database(tmp_path / "state.sqlite3")
    assert Jobs(database).move(name, JobStatus.CANCELLED, Event("sft.job.cancelled", "so"))
    database.close()
    assert living(tmp_path, name)
    with training(tmp_path) as server:
        server.until(lambda: not living(tmp_path, name))
        assert server.job(name)["status"] == "cancelled"


@pytest.mark.slow
def test_each_job_keeps_the_runner_that_it_was_created_for(tmp_path: Path) -> None:
    with served.serving(tmp_path, pace="600") as server:
        rehearsed = server.started(training_server.body(server))
        server.until(lambda: server.job(rehearsed)["status"] == "running")
    process = training_server.begun(tmp_path)
    server = Server(process, served.first_line(process), served.KEY)
    assert server.over(rehearsed)["status"] == "succeeded"
    running, waiting = scripted(server, *ENDLESS), scripted(server, *WHOLE)
    server.until(lambda: server.job(running)["status"] == "running")
    process.kill()
    process.communicate()
    with served.serving(tmp_path) as server:
        cancelled = server.ask("POST", f"/learning/jobs/{running}/cancel", {})
        assert (cancelled.status, cancelled.code) == (409, "other_engine")
        assert server.job(waiting)["status"] == "queued"
        assert server.ask("POST", f"/learning/jobs/{waiting}/cancel", {}).status == 200
        server.process.terminate()
        said = server.process.communicate()[1]
    assert "2 of its jobs wait for a server with --runner train --engine local" in said
    with training(tmp_path) as server:
        assert server.job(running)["status"] == "running"
        assert living(tmp_path, running)
        assert server.ask("POST", f"/learning/jobs/{running}/cancel", {}).status == 200
        server.until(lambda: not living(tmp_path, running))


def test_other_keys_see_neither_log_nor_result(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        name = scripted(server, *WHOLE)
        server.over(name)
        made = served.run("key", tmp_path)
        server.key = made.stdout.strip()
        for path in ("log", "artifacts", "artifacts/adapter_config.json"):
            answer = server.ask("GET", f"/learning/jobs/{name}/{path}")
            assert (answer.status, answer.code) == (404, "job_not_found")
        assert server.ask("GET", "/learning/jobs").body["total"] == 0
