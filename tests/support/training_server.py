"""A backend that trains by scripts: ``sftc backend serve``, but for the program that it starts.

``python training_server.py SFTC-ARGUMENTS…`` runs it; ``training`` does so for a test, and leaves
no trainer running.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import served
from served import KEY, ROWS, Server

from sftc.engines.local import Local

_PROGRAM: Final = Path(__file__).with_name("scripted_trainer.py")
COMMAND: Final = (sys.executable, __file__)


@contextmanager
def training(folder: Path, *options: str, **more: Any) -> Iterator[Server]:
    """Run a backend that trains on this machine, and end it and its trainers."""
    process = begun(folder, *options, **more)
    try:
        yield Server(process, served.first_line(process), KEY)
    finally:
        process.terminate()
        process.communicate()
        end_trainers(folder)


def begun(folder: Path, *options: str, **more: Any) -> Any:
    """Start a backend that trains on this machine."""
    return served.begun(folder, "--runner", "train", *options, command=COMMAND, **more)


def end_trainers(folder: Path) -> None:
    """Kill what a backend has left running."""
    for run in (folder / "runs").iterdir():
        handle = {"engine": "local", "folder": str(run.absolute()), "name": run.name}
        Local().cancel(json.dumps(handle))


def scripted(server: Server, *script: Any, **hyperparameters: Any) -> str:
    """Start a job that plays a script, and return its id."""
    return server.started(body(server, *script, **hyperparameters))


def body(server: Server, *script: Any, **hyperparameters: Any) -> dict[str, Any]:
    """Return a payload that plays a script."""
    made = served.payload(server.ready(ROWS), **hyperparameters)
    made["metadata"]["script"] = script
    return made


def run_of(folder: Path, job: str) -> Path:
    """Return the folder of a job."""
    return folder / "runs" / job


def pids(folder: Path, job: str) -> list[int]:
    """Return the ids of all processes that a job's trainer has told of."""
    run = run_of(folder, job)
    told = [path.read_text() for path in (run / "pids", run / "pid-escaped") if path.exists()]
    return [int(line) for text in told for line in text.split()]


def living(folder: Path, job: str) -> list[int]:
    """Return those of them that have not ended."""
    return [pid for pid in pids(folder, job) if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def until(true: Any) -> None:
    """Wait until something is true."""
    patience = time.monotonic() + 240
    while not true():
        assert time.monotonic() < patience, "waited too long"
        time.sleep(0.02)


def types(server: Server, job: str) -> list[str]:
    """Return the types of a job's events, without what they have in common."""
    return [event["type"].removeprefix("sft.job.") for event in server.events(job)]


def event(server: Server, job: str, kind: str) -> Any:
    """Return the one event of a type."""
    (found,) = [each for each in server.events(job) if each["type"] == f"sft.job.{kind}"]
    return found


def warm(name: str) -> tuple[str, ...]:
    """Return the command of a backend whose trainers are real, and forked under that name.

    As many ranks as a job has GPUs train on the CPU.
    """
    return (*COMMAND, f"forks={name}")


if __name__ == "__main__":
    from sftc.backend.work import reach
    from sftc.cli import main
    from sftc.commands import runners
    from sftc.training import extra

    reach._SILENT = 3.0  # type: ignore[misc]  # noqa: SLF001 - else a test takes half a minute more
    word, _, name = sys.argv[1].partition("=")
    if word == "forks":
        del sys.argv[1]
        script = Path(__file__).with_name("forked_trainer.py")
        runners.PROGRAM = ("-P", str(script), name)  # type: ignore[misc]
        world = runners._world  # noqa: SLF001
        runners._world = lambda *given: replace(  # noqa: SLF001
            world(*given), processes_per_node=2 if given[1].engine == "local" else 1
        )
    else:
        runners.PROGRAM = (str(_PROGRAM),)  # type: ignore[misc]
        vars(runners)["find_spec"] = lambda _: True  # a script needs no library
        extra.lack = lambda: None
        runners.model_problems = lambda *_: ()  # and no model
    main()
