"""Jobs on this machine, with real processes."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trainers

from sftc.engines import EngineError, Launch, Phase, State, UnreachableError, local
from sftc.engines.folder import read_supervisor, write_launch, write_supervisor
from sftc.engines.local import Local
from sftc.engines.processes import Identity
from sftc.engines.supervisor import LATER

FINISHED = State(Phase.ENDED, "finished", 0)
CANCELLED = State(Phase.ENDED, "cancelled")

STARTER = """
import signal, sys
from pathlib import Path
from sftc.engines.folder import read_launch
from sftc.engines.local import Local
print(Local().submit(read_launch(Path(sys.argv[1]))), flush=True)
if sys.argv[2] == 'kill':
    signal.pause()
"""


@pytest.fixture
def engine() -> Local:
    return Local()


@pytest.fixture
def name(tmp_path: Path) -> Iterator[str]:
    """Return the name of a job, and leave nothing of it behind, however the test ends."""
    name = f"sftc-test-{uuid.uuid4().hex}"
    yield name
    Local().cancel(json.dumps({"engine": "local", "folder": str(tmp_path), "name": name}))


def supervisor(folder: Path) -> int:
    known = read_supervisor(folder)
    assert known
    return int(known["pid"])


@pytest.mark.slow
def test_a_job_runs_to_its_end(engine: Local, tmp_path: Path) -> None:
    handle = engine.submit(trainers.launch(tmp_path, trainers.SAY))
    assert trainers.ended(engine, handle) == FINISHED
    said = trainers.log(engine, handle).splitlines()
    assert said[:2] == ["hello", "oops"]
    assert said[2].endswith(" attempt 1: finished")


@pytest.mark.slow
def test_a_job_is_found_without_its_handle(engine: Local, tmp_path: Path, name: str) -> None:
    launch = trainers.launch(tmp_path, trainers.WAIT, name=name)
    assert engine.find(tmp_path, name) is None
    handle = engine.submit(launch)
    assert engine.find(tmp_path, name) == handle
    assert engine.find(tmp_path, "another") is None
    engine.cancel(handle)
    assert engine.find(tmp_path, name) == handle


@pytest.mark.slow
def test_a_job_is_cancelled_before_its_supervisor_takes_the_folder(
    engine: Local, tmp_path: Path, name: str
) -> None:
    launch = trainers.launch(tmp_path, trainers.WAIT, name=name)
    write_launch(launch)  # and the server was killed
    handle = engine.find(tmp_path, name)
    assert handle
    engine.cancel(handle)
    supervisor = [sys.executable, "-P", "-m", "sftc.engines.supervisor", str(tmp_path)]
    assert subprocess.run(supervisor, check=False).returncode == 0
    assert engine.state(handle) == CANCELLED
    assert not (tmp_path / "supervisor.json").exists()


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a script that is started in the place of a supervisor."""
    script = tmp_path / "starts"
    script.touch(0o755)
    monkeypatch.setattr(local, "sys", SimpleNamespace(executable=str(script)))
    return script


def test_a_supervisor_starts_in_a_session_of_its_own(
    engine: Local, tmp_path: Path, starts: Path
) -> None:
    starts.write_text('#!/bin/sh\ncut -d" " -f6 /proc/self/stat > session\n')
    engine.submit(trainers.launch(tmp_path, trainers.SAY))
    assert int((tmp_path / "session").read_text()) != os.getsid(0)


def test_a_start_that_is_killed_is_no_refusal(engine: Local, tmp_path: Path, starts: Path) -> None:
    starts.write_text("#!/bin/sh\nkill -INT $$\n")
    with pytest.raises(UnreachableError, match="the job's supervisor was killed by signal 2"):
        engine.submit(trainers.launch(tmp_path, trainers.SAY))


def test_a_job_is_killed_though_the_disk_is_full(
    engine: Local, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = engine.submit(trainers.launch(tmp_path, trainers.STUBBORN, name=name))
    there = [trainers.pid(tmp_path, 0), supervisor(tmp_path)]

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as small:
        small.setattr(local, "write_cancelled", full)
        with pytest.raises(UnreachableError, match="No space left"):
            engine.cancel(handle)
    assert not any(map(trainers.alive, there))


@pytest.mark.slow
def test_ranks_meet(engine: Local, tmp_path: Path) -> None:
    handle = engine.submit(trainers.launch(tmp_path, trainers.MEET, processes=3))
    assert trainers.ended(engine, handle) == FINISHED, trainers.log(engine, handle)
    assert (tmp_path / "met").read_text() == "1 1\n2 2"


@pytest.mark.slow_but_first
@pytest.mark.parametrize("death", ["exit", "kill"])
def test_a_job_outlives_its_starter_and_is_found_again(
    engine: Local, tmp_path: Path, name: str, death: str
) -> None:
    launch = trainers.launch(tmp_path, trainers.WAIT, name=name)
    write_launch(launch)
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            STARTER,
            tmp_path,
            death,
        ],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert starter.stdout
    handle = starter.stdout.readline().strip()
    if death == "kill":
        os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate()
    trainers.pid(tmp_path, 0)
    assert engine.state(handle) == State(Phase.RUNNING, "running")
    assert engine.submit(launch) == handle
    (tmp_path / "go").touch()
    assert trainers.ended(engine, handle) == FINISHED
    assert engine.submit(launch) == handle
    assert (tmp_path / "journal").read_text() == "rank 0 done\n"


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("program", "ranks"),
    [(trainers.ESCAPE, [0, 1, "escaped-0", "escaped-1"]), (trainers.STUBBORN, [0, 1])],
    ids=["escape", "stubborn"],
)
def test_cancelling_leaves_no_process(
    engine: Local, tmp_path: Path, name: str, program: str, ranks: list[int | str]
) -> None:
    launch = trainers.launch(tmp_path, program, name=name, processes=2)
    handle = engine.submit(launch)
    there = [trainers.pid(tmp_path, rank) for rank in ranks] + [supervisor(tmp_path)]
    engine.cancel(handle)
    assert not any(map(trainers.alive, there))
    assert engine.state(handle) == CANCELLED
    engine.cancel(handle)
    assert engine.submit(launch) == handle  # and it is not started again
    assert engine.state(handle) == CANCELLED


@pytest.mark.slow_but_first
@pytest.mark.parametrize("file", ["supervisor.json", "exit.json"])
@pytest.mark.parametrize("shape", ["nothing", "a pipe", "a folder", "no JSON"])
def test_whatever_the_folder_holds_a_job_is_cancelled(
    engine: Local, tmp_path: Path, name: str, file: str, shape: str
) -> None:
    launch = trainers.launch(tmp_path, trainers.WAIT, name=name)
    handle = engine.submit(launch)
    there = [trainers.pid(tmp_path, 0), supervisor(tmp_path)]
    (tmp_path / file).unlink(missing_ok=True)
    SHAPES[shape](tmp_path / file)
    assert engine.state(handle) == State(Phase.RUNNING, "running")
    engine.cancel(handle)
    assert not any(map(trainers.alive, there))
    if (file, shape) != ("exit.json", "a folder"):
        assert engine.state(handle) == CANCELLED
    else:
        assert engine.state(handle).resumable
        with pytest.raises(EngineError, match=r"it cannot take over: .*Is a directory") as refused:
            engine.submit(launch)
        assert not isinstance(refused.value, UnreachableError)


SHAPES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "no JSON": lambda path: path.write_text("{"),
}


@pytest.mark.slow
def test_what_ranks_leave_behind_is_killed_at_the_end(
    engine: Local, tmp_path: Path, name: str
) -> None:
    handle = engine.submit(trainers.launch(tmp_path, trainers.ESCAPE, name=name))
    escaped = trainers.pid(tmp_path, "escaped-0")
    assert trainers.alive(escaped)
    (tmp_path / "go").touch()
    assert trainers.ended(engine, handle) == FINISHED
    assert not trainers.alive(escaped)


def test_a_killed_rank_is_started_again_with_the_others(engine: Local, tmp_path: Path) -> None:
    handle = engine.submit(trainers.launch(tmp_path, trainers.CRASH_ONCE, processes=2, retries=1))
    assert trainers.ended(engine, handle) == FINISHED
    assert "SIGKILL, perhaps because it ran out of memory; restarting (1 of 1)" in trainers.log(
        engine, handle
    )
    starts = (tmp_path / "starts").read_text().split()
    assert starts.count("0") == 2
    assert 1 <= starts.count("1") <= 2  # the first may have been killed before it was heard of


@pytest.mark.slow
def test_a_job_that_always_crashes_ends(engine: Local, tmp_path: Path) -> None:
    handle = engine.submit(trainers.launch(tmp_path, "raise SystemExit(9)", retries=2))
    reason = "the trainer failed with exit code 9, after 3 attempts"
    assert trainers.ended(engine, handle) == State(Phase.ENDED, reason, 9)


@pytest.mark.slow
def test_a_job_that_gave_up_is_not_started_again(engine: Local, tmp_path: Path) -> None:
    launch = trainers.launch(tmp_path, "raise SystemExit(4)", processes=2, final_codes=(3, 4))
    handle = engine.submit(launch)
    reason = "the trainer failed with exit code 4"
    assert trainers.ended(engine, handle) == State(Phase.ENDED, reason, 4)
    assert "attempt 2" not in trainers.log(engine, handle)


def test_a_program_that_is_not_there(engine: Local, tmp_path: Path) -> None:
    launch = Launch(folder=tmp_path, argv=("/no/such/program",), name=uuid.uuid4().hex)
    handle = engine.submit(launch)
    reason = "the trainer could not be started (exit code 127)"
    assert trainers.ended(engine, handle) == State(Phase.ENDED, reason, 127)
    assert "'/no/such/program' cannot be started" in trainers.log(engine, handle)


def test_an_interrupted_job_goes_on_when_it_is_submitted_again(
    engine: Local, tmp_path: Path, name: str
) -> None:
    launch = trainers.launch(tmp_path, trainers.POLITE, name=name, processes=2)
    first = engine.submit(launch)
    trainers.pid(tmp_path, 0)
    trainers.pid(tmp_path, 1)
    os.kill(supervisor(tmp_path), signal.SIGTERM)
    interrupted = State(Phase.ENDED, "interrupted; it can resume", 75, resumable=True)
    assert trainers.ended(engine, first) == interrupted
    (tmp_path / "go").touch()
    second = engine.submit(launch)
    assert second != first
    assert trainers.ended(engine, second) == FINISHED
    assert sorted((tmp_path / "journal").read_text().splitlines()) == ["rank 0 done", "rank 1 done"]


@pytest.mark.slow
def test_one_rank_that_is_told_to_stop_stops_all(engine: Local, tmp_path: Path, name: str) -> None:
    handle = engine.submit(trainers.launch(tmp_path, trainers.POLITE, name=name, processes=2))
    ranks = [trainers.pid(tmp_path, 0), trainers.pid(tmp_path, 1)]
    os.kill(ranks[1], signal.SIGTERM)
    state = trainers.ended(engine, handle)
    assert (state.code, state.resumable) == (75, True)
    assert not any(map(trainers.alive, ranks))


@pytest.mark.slow
def test_after_the_death_of_its_supervisor_a_job_goes_on(
    engine: Local, tmp_path: Path, name: str
) -> None:
    launch = trainers.launch(tmp_path, trainers.ESCAPE, name=name)
    first = engine.submit(launch)
    escaped = trainers.pid(tmp_path, "escaped-0")
    os.kill(supervisor(tmp_path), signal.SIGKILL)
    reason = "its supervisor was killed, or the machine was restarted"
    assert trainers.ended(engine, first) == State(Phase.ENDED, reason, resumable=True)
    second = engine.submit(launch)
    assert not trainers.alive(escaped)  # before anything else trains in this folder
    (tmp_path / "go").touch()
    assert trainers.ended(engine, second) == FINISHED


@pytest.mark.slow
def test_ranks_die_with_their_supervisor(engine: Local, tmp_path: Path, name: str) -> None:
    engine.submit(trainers.launch(tmp_path, trainers.STUBBORN, name=name, processes=2))
    ranks = [trainers.pid(tmp_path, 0), trainers.pid(tmp_path, 1)]
    os.kill(supervisor(tmp_path), signal.SIGKILL)
    trainers.until(lambda: not any(map(trainers.alive, ranks)), "the end of the ranks")


@pytest.mark.slow
def test_two_starts_run_once(tmp_path: Path, name: str) -> None:
    launch = trainers.launch(tmp_path, trainers.WAIT, name=name)
    handles: list[str] = []

    def start() -> None:
        engine = Local()

        def submitted() -> str | None:
            try:
                return engine.submit(launch)
            except EngineError:  # the other is about to take the folder
                return None

        handles.append(trainers.until(submitted))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(handles)) == 1
    (tmp_path / "go").touch()
    assert trainers.ended(Local(), handles[0]) == FINISHED
    assert (tmp_path / "journal").read_text() == "rank 0 done\n"


@pytest.mark.slow
def test_another_job_cannot_take_the_folder(engine: Local, tmp_path: Path, name: str) -> None:
    launch = trainers.launch(tmp_path, trainers.WAIT, name=name)
    engine.submit(launch)
    with pytest.raises(EngineError, match=f"the job {name} already runs in"):
        engine.submit(replace(launch, name="another"))


@pytest.mark.slow
def test_a_process_that_was_given_the_same_id_is_left_alone(
    engine: Local, tmp_path: Path, name: str
) -> None:
    launch = trainers.launch(tmp_path, trainers.WAIT, name=name)
    handle = json.dumps({"engine": "local", "folder": str(tmp_path), "name": name})
    stranger = subprocess.Popen(["sleep", "1000"])
    try:
        identity = Identity.of(stranger.pid)
        assert identity
        for other in (replace(identity, start=identity.start - 1), replace(identity, boot="x")):
            write_supervisor(tmp_path, {"name": name} | asdict(other))
            assert engine.state(handle).phase is Phase.ENDED
            engine.cancel(handle)
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    (tmp_path / "exit.json").unlink()
    assert engine.submit(launch)


@pytest.mark.slow
def test_the_environment_has_no_secrets(tmp_path: Path) -> None:
    given = os.environ | {
        "SFTC_API_KEY": "secret",
        "HF_TOKEN": "secret",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "NCCL_AUTH": "secret",
        "NCCL_DEBUG": "INFO",
        "HF_HOME": "/models",
    }
    program = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1] + '/seen', 'w'))"
    engine = Local(given)
    trainers.ended(
        engine, engine.submit(trainers.launch(tmp_path, program, environment={"A": "b"}))
    )
    seen = json.loads((tmp_path / "seen").read_text())
    assert "secret" not in seen.values()
    assert (seen["NCCL_DEBUG"], seen["HF_HOME"], seen["A"]) == ("INFO", "/models", "b")


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("given", "asked", "threads"),
    [
        ({}, {"processes": 1, "cpus": 1}, "1"),
        ({}, {"processes": 1}, str(len(os.sched_getaffinity(0)))),
        ({}, {"processes": 2}, str(max(len(os.sched_getaffinity(0)) // 2, 1))),
        ({"OMP_NUM_THREADS": "7"}, {"processes": 2}, "7"),
        ({"OMP_NUM_THREADS": ""}, {"processes": 1, "cpus": 1}, "1"),
        ({"OMP_NUM_THREADS": "7"}, {"environment": {"OMP_NUM_THREADS": "5"}}, "5"),
    ],
)
def test_processes_share_the_cores(
    tmp_path: Path, given: dict[str, str], asked: dict[str, Any], threads: str
) -> None:
    engine = Local({key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ} | given)
    program = "import os; print('threads', os.environ['OMP_NUM_THREADS'])"
    handle = engine.submit(trainers.launch(tmp_path, program, **asked))
    assert trainers.ended(engine, handle) == FINISHED
    said = trainers.log(engine, handle).splitlines()[:-1]
    assert said == [f"threads {threads}"] * asked.get("processes", 1)


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "name", ["a b", "$(touch x)", "'; touch x; '", "--version", 'é % %j \\ "q"', "a\nb"]
)
def test_folders_and_arguments_may_have_any_name(engine: Local, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    program = "import pathlib, sys; (pathlib.Path(sys.argv[1]) / 'seen').write_text(sys.argv[2])"
    launch = trainers.launch(folder, program)
    handle = engine.submit(replace(launch, argv=(*launch.argv, name), environment={"A": name}))
    assert trainers.ended(engine, handle) == FINISHED
    assert (folder / "seen").read_text() == name
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_modules_in_the_folder_are_not_imported(engine: Local, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the folder of a job')")
    assert (
        trainers.ended(
            engine, engine.submit(Launch(folder=tmp_path, argv=("true",), name=uuid.uuid4().hex))
        )
        == FINISHED
    )


def test_what_cannot_be_run_here(engine: Local, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="this machine is one node, but the job needs 2"):
        engine.submit(trainers.launch(tmp_path, trainers.SAY, nodes=2))
    with pytest.raises(EngineError, match=r"cannot be started: .*No such file"):
        engine.submit(trainers.launch(tmp_path / "gone", trainers.SAY))


PASSING = ["EAGAIN", "EDQUOT", "EIO", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "ESTALE"]


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("what", ["write_launch", "subprocess.run"])
def test_a_machine_that_is_full_may_have_room_later(
    engine: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, what: str
) -> None:
    monkeypatch.setattr(f"{local.__name__}.{what}", raising(getattr(errno, name)))
    with pytest.raises(UnreachableError, match="the job cannot be started: "):
        engine.submit(trainers.launch(tmp_path, trainers.SAY))


def test_what_does_not_pass_is_a_refusal(
    engine: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "write_launch", raising(errno.EACCES))
    with pytest.raises(EngineError) as refused:
        engine.submit(trainers.launch(tmp_path, trainers.SAY))
    assert not isinstance(refused.value, UnreachableError)


def raising(number: int) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.slow
def test_a_supervisor_that_finds_no_room_says_so(tmp_path: Path) -> None:
    write_launch(trainers.launch(tmp_path, trainers.SAY))
    program = (
        "import os, sys; from pathlib import Path; from sftc.engines import supervisor\n"
        "def full(*_): raise OSError(28, os.strerror(28))\n"
        "supervisor.write_supervisor = full; os._exit(supervisor.main(Path(sys.argv[1])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=False
    )
    said = "it cannot take over: [Errno 28] No space left on device\n"
    assert (done.returncode, done.stdout, done.stderr) == (LATER, said, "")


@pytest.mark.parametrize("handle", ["", "7", "[]", "{}", '{"engine": "slurm", "folder": "/"}'])
def test_what_is_no_handle(engine: Local, handle: str) -> None:
    with pytest.raises(EngineError, match="is not the handle of a job on this machine"):
        engine.state(handle)
