"""What is known of Slurm without a cluster: settings, reasons, answers that are none."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trainers

from sftc.engines import AtLimitError, EngineError, Phase, State, UnreachableError, slurm_queue
from sftc.engines.folder import read_exit, write_launch
from sftc.engines.slurm import Slurm
from sftc.engines.slurm_reasons import state_of
from sftc.engines.slurm_settings import SlurmSettings


def test_settings() -> None:
    settings = SlurmSettings.read(
        {
            "partition": "gpu",
            "time": "2-00:00:00",
            "requeue": False,
            "gpu_types": {"NVIDIA H100": "h100", "A100": ""},
            "prologue": ["module load cuda"],
            "arguments": ["--exclusive", "--mail-type=END", "--wait-all-nodes=1"],
        }
    )
    assert (settings.partition, settings.time, settings.requeue) == ("gpu", "2-00:00:00", False)
    assert settings.gres(8, "nvidia h100") == "h100:8"
    assert settings.gres(2, "A100") == "2"
    assert settings.gres(2, "L40S") == "l40s:2"
    assert settings.gres(2, "") == "2"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"partitoin": "p"}, "unknown key 'partitoin'; known: conf, partition, account, qos"),
        ({"partition": 7}, "partition must be a string, not 7"),
        ({"time": "1\n#SBATCH"}, "time has a control character: '1\\n#SBATCH'"),
        ({"requeue": "yes"}, "requeue must be true or false, not 'yes'"),
        ({"prologue": "module load"}, "prologue must be a list of strings, not 'module load'"),
        ({"prologue": [1]}, "prologue must hold strings, not 1"),
        ({"gpu_types": ["h100"]}, "gpu_types must be a table, not ['h100']"),
        ({"gpu_types": {"H100": "a:b"}}, "'a:b' (gpu_types, H100) is not a GRES type"),
        ({"arguments": ["job.sh"]}, "'job.sh' is not written as --name or --name=value"),
        ({"arguments": ["-N2"]}, "'-N2' is not written as --name or --name=value"),
        ({"arguments": ["--wrap=id"]}, "'--wrap=id' is set by sftc"),
        ({"arguments": ["--outp=x"]}, "'--outp=x' is set by sftc"),
    ],
)
def test_settings_that_are_none(values: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError) as refused:
        SlurmSettings.read(values)
    assert str(refused.value).startswith("Slurm settings: ")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("word", "reason", "phase", "hopeless", "resumable"),
    [
        ("PENDING", "Resources", "queued", False, False),
        ("PENDING", "ReqNodeNotAvail, UnavailableNodes:n1", "queued", False, False),
        ("PENDING", "AssocGrpCpuLimit", "queued", False, False),
        ("PENDING", "QOSMaxJobsPerUserLimit", "queued", False, False),
        ("PENDING", "PartitionDown", "queued", False, False),
        ("PENDING", "PartitionConfig", "queued", True, False),
        ("PENDING", "PartitionTimeLimit", "queued", True, False),
        ("PENDING", "BadConstraints", "queued", True, False),
        ("PENDING", "QOSMaxGRESPerJob", "queued", True, False),
        ("PENDING", "QOSMaxNodePerJobLimit", "queued", True, False),
        ("PENDING", "QOSMaxWallDurationPerJobLimit", "queued", True, False),
        ("PENDING", "QOSMinGRES", "queued", True, False),
        ("PENDING", "AssocMaxCpuPerJobLimit", "queued", True, False),
        ("REQUEUED", "None", "queued", False, False),
        ("CONFIGURING", "None", "queued", False, False),
        ("COMPLETING", "None", "running", False, False),
        ("SOMETHING_NEW", "None", "running", False, False),
        ("FAILED", "BadConstraints", "ended", True, False),
        ("FAILED", "NonZeroExitCode", "ended", False, False),
        ("COMPLETED", "None", "ended", False, False),
        ("CANCELLED", "None", "ended", False, False),
        ("PREEMPTED", "None", "ended", False, True),
        ("NODE_FAIL", "None", "ended", False, True),
        ("TIMEOUT", "TimeLimit", "ended", False, True),
    ],
)
def test_what_slurm_says(
    word: str, reason: str, phase: str, *, hopeless: bool, resumable: bool
) -> None:
    state = state_of(word, reason)
    assert (state.phase, state.hopeless, state.resumable) == (phase, hopeless, resumable)
    assert state.code is None


def test_slurm_is_not_installed(tmp_path: Path) -> None:
    engine = Slurm(SlurmSettings(), {"PATH": str(tmp_path)})
    with pytest.raises(EngineError, match="squeue is not installed here: Slurm cannot be reached"):
        engine.submit(trainers.launch(tmp_path, trainers.SAY))


@pytest.mark.parametrize(
    ("says", "error", "message"),
    [
        (
            "slurm_load_jobs error: Unable to contact slurm controller (connect failure)",
            UnreachableError,
            "Slurm is unreachable: Unable to contact slurm controller (connect failure)",
        ),
        (
            "slurm_load_jobs error: Socket timed out on send/recv operation",
            UnreachableError,
            "Slurm is unreachable: Socket timed out on send/recv operation",
        ),
        ("squeue: error: Access denied", EngineError, "Slurm rejects the job: Access denied"),
    ],
)
def test_answers_that_are_none(
    tmp_path: Path, says: str, error: type[EngineError], message: str
) -> None:
    program = tmp_path / "squeue"
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit 1\n")
    program.chmod(0o755)
    engine = Slurm(SlurmSettings(), {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    with pytest.raises(EngineError) as raised:
        engine.submit(trainers.launch(tmp_path, trainers.SAY))
    assert type(raised.value) is error
    assert str(raised.value) == message


def commands(folder: Path, **scripts: str) -> Slurm:
    """Return an engine whose commands are scripts of a shell, which find ``$FOLDER``."""
    for name, script in scripts.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\nFOLDER='{folder}'\n{script}\n")
        program.chmod(0o755)
    return Slurm(SlurmSettings(), {"PATH": f"{folder}:{os.environ['PATH']}"})


def test_a_job_is_found_without_its_handle(tmp_path: Path) -> None:
    engine = commands(
        tmp_path,
        squeue='echo "$@" >> "$FOLDER/asked"; cat "$FOLDER/queue"',
        scancel='echo "$@" >> "$FOLDER/cancelled"',
    )
    launch = trainers.launch(tmp_path, trainers.SAY, name="x")
    assert engine.find(tmp_path, "x") is None
    assert not (tmp_path / "asked").exists()  # what was never launched needs no question
    write_launch(launch)
    (tmp_path / "queue").write_text("")
    on_its_way = engine.find(tmp_path, "x")
    assert json.loads(on_its_way or "")["job"] == ""
    (tmp_path / "queue").write_text("7|x|PENDING|Resources\n9|y|RUNNING|None\n")
    assert json.loads(engine.find(tmp_path, "x") or "")["job"] == "7"
    engine.cancel(on_its_way or "")
    assert (tmp_path / "cancelled").read_text() == "7\n"
    ended = read_exit(tmp_path, "x")
    assert ended
    assert ended.reason == "cancelled"  # sbatch may come later: its job ends at once


def test_all_jobs_are_one_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(slurm_queue, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    engine = commands(tmp_path, squeue='echo "$@" >> "$FOLDER/asked"; cat "$FOLDER/queue"')
    queue = "".join(f"{number}|j{number}|RUNNING|None\n" for number in range(20))
    (tmp_path / "queue").write_text(f"7|a\nb|RUNNING|None\n{queue}")
    handles = [
        json.dumps({"engine": "slurm", "folder": str(tmp_path), "name": f"j{n}", "job": str(n)})
        for n in range(21)
    ]

    def asked() -> list[str]:
        return (tmp_path / "asked").read_text().splitlines()

    with ThreadPoolExecutor(20) as threads:
        states = [*threads.map(engine.state, handles[:20])]
    assert [state.phase for state in states] == [Phase.RUNNING] * 20
    assert len(asked()) == 1
    clock[0] = 4.0
    engine.state(handles[0])
    assert len(asked()) == 2
    # What the answer does not have is asked for by itself: it may be newer than the answer.
    (tmp_path / "queue").write_text("20|j20|PENDING|Priority\n")
    assert engine.state(handles[20]).phase is Phase.QUEUED
    assert (len(asked()), "--jobs=20" in asked()[2]) == (3, True)


@pytest.mark.parametrize(
    ("queue", "unwritten"),
    [
        ("7|x|FAILED|NonZeroExitCode\n", True),
        ("", True),
        ("7|x|RUNNING|None\n", False),
        ("7|x|FAILED|BadConstraints\n", False),
    ],
)
def test_an_end_that_is_not_written_yet(tmp_path: Path, queue: str, *, unwritten: bool) -> None:
    engine = commands(tmp_path, squeue='cat "$FOLDER/queue"')
    (tmp_path / "queue").write_text(queue)
    handle = json.dumps({"engine": "slurm", "folder": str(tmp_path), "name": "x", "job": "7"})
    assert engine.state(handle).unwritten is unwritten


def test_silence_is_one_question_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slurm_queue, "time", SimpleNamespace(monotonic=lambda: 0.0))
    says = "slurm_load_jobs error: Socket timed out on send/recv operation"
    engine = commands(tmp_path, squeue=f'echo asked >> "$FOLDER/asked"; echo {says} >&2; exit 1')
    handle = json.dumps({"engine": "slurm", "folder": str(tmp_path), "name": "x", "job": "1"})
    for _ in range(3):
        with pytest.raises(UnreachableError, match="Socket timed out"):
            engine.state(handle)
    assert (tmp_path / "asked").read_text() == "asked\n"


@pytest.mark.parametrize(
    "limit",
    ["AssocMaxSubmitJobLimit", "QOSMaxSubmitJobPerUserLimit", "AssocGrpSubmitJobsLimit"],
)
def test_a_limit_of_submitted_jobs_is_no_refusal(tmp_path: Path, limit: str) -> None:
    refusal = "Batch job submission failed: Job violates accounting/QOS policy (job submit limit)"
    script = f"echo 'sbatch: error: {limit}' >&2; echo 'sbatch: error: {refusal}' >&2; exit 1"
    engine = commands(tmp_path, squeue="", sbatch=script)
    with pytest.raises(AtLimitError) as refused:
        engine.submit(trainers.launch(tmp_path, trainers.SAY))
    words = f"Slurm accepts no more jobs at the moment ({limit})"
    assert str(refused.value) == words


def test_commands_have_sessions_of_their_own(tmp_path: Path) -> None:
    session = 'cut -d" " -f6 /proc/self/stat > "$FOLDER/session"; echo 7'
    engine = commands(tmp_path, squeue="", sbatch=session)
    engine.submit(trainers.launch(tmp_path, trainers.SAY))
    assert int((tmp_path / "session").read_text()) != os.getsid(0)


def test_a_command_that_is_killed_has_given_no_answer(tmp_path: Path) -> None:
    engine = commands(tmp_path, squeue="", sbatch="kill -INT $$")
    with pytest.raises(UnreachableError, match="sbatch was killed by signal 2"):
        engine.submit(trainers.launch(tmp_path, trainers.SAY))


@pytest.mark.parametrize("handle", ["", "7", "[]", "{}", '{"engine": "local", "folder": "/"}'])
def test_what_is_no_handle(handle: str) -> None:
    with pytest.raises(EngineError, match="is not the handle of a Slurm job"):
        Slurm(SlurmSettings()).state(handle)


def test_a_job_that_has_written_how_it_ended_needs_no_slurm(tmp_path: Path) -> None:
    (tmp_path / "exit.json").write_text(
        '{"name": "x", "code": 0, "reason": "finished", "job": "7"}'
    )
    engine = Slurm(SlurmSettings(), {"PATH": "/nowhere"})
    handle = f'{{"engine": "slurm", "folder": "{tmp_path}", "name": "x", "job": "7"}}'
    assert engine.state(handle) == State(Phase.ENDED, "finished", 0)
    assert engine.submit(trainers.launch(tmp_path, trainers.SAY, name="x")) == handle
