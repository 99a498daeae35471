"""Jobs on a Slurm cluster, by way of its own commands: sbatch, squeue, scancel."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from . import AtLimitError, EngineError, Launch, Phase, State, UnreachableError
from .environment import inherited
from .folder import BATCH, LOG, Exit, is_launched, read_exit, write_cancelled, write_launch
from .slurm_queue import Queue, Queued, UnknownJobError
from .slurm_reasons import state_of
from .slurm_settings import SlurmSettings

_PATIENCE: Final = 60.0
"""Seconds until a command of Slurm has answered; they try several times by themselves."""

_NO_ANSWER: Final = (
    "unable to contact slurm controller",
    "socket timed out",
    "connection refused",
    "connection timed out",
    "zero bytes were transmitted",
    "communication connection failure",
    "temporarily",
    "backup controller",
    "slurm_persist_conn",
    "protocol authentication error",  # munged is being started again
)
_UNKNOWN_JOB: Final = "invalid job id"
_LIMIT: Final = re.compile(r"(?:Assoc|QOS)(?:Max|Grp)Submit\w*", re.IGNORECASE)
"""Limits on how many jobs an account or a user may have in the queue."""

_SCRIPT: Final = """\
#!/bin/bash
# Written by sftc for the job {name}.
exec >> {log} 2>&1
{prologue}
export SFTC_PYTHON={python}
exec "$SFTC_PYTHON" -P -m {module} {folder}
"""


class Slurm:
    """Runs each job as a batch job of its own, found again by its unique name."""

    name = "slurm"

    def __init__(
        self, settings: SlurmSettings, environment: Mapping[str, str] | None = None
    ) -> None:
        given = os.environ if environment is None else environment
        conf = settings.conf or given.get("SLURM_CONF", "")
        self._settings = settings
        self._environment = inherited(given) | ({"SLURM_CONF": conf} if conf else {})
        self._queue = Queue(self._ask)

    def submit(self, launch: Launch) -> str:
        """Submit a job, if it does not wait or run and has not ended: see ``Engine``."""
        ended = read_exit(launch.folder, launch.name)
        if ended and ended.final:
            return self._handle(launch.folder, launch.name, ended.job)
        newest = self._queue.newest(launch.name)
        state = _judged(newest, ended)
        refused = state.phase is Phase.ENDED and state.hopeless  # Slurm remembers these, too
        if newest and not (state.resumable or refused):
            return self._handle(launch.folder, launch.name, str(newest.number))
        options = self._options(launch)
        try:
            write_launch(launch)
            (launch.folder / BATCH).write_text(self._script(launch), "utf-8", "surrogateescape")
        except OSError as error:
            raise EngineError(f"the job cannot be submitted: {error}") from error
        answer = self._ask("sbatch", "--parsable", *options, str(launch.folder / BATCH))
        return self._handle(launch.folder, launch.name, answer.strip().split(";")[0])

    def find(self, folder: Path, name: str) -> str | None:
        """Return the handle of a job that may have been submitted: see ``Engine``.

        The handle has no number while Slurm shows no job of the name: sbatch may be on its way.
        """
        ended = read_exit(folder, name)
        if ended and ended.final:
            return self._handle(folder, name, ended.job)
        if not is_launched(folder, name):
            return None
        newest = self._queue.newest(name)
        return self._handle(folder, name, str(newest.number) if newest else "")

    def state(self, handle: str) -> State:
        """Return what is known about a job: see ``Engine``."""
        folder, name, number = self._parsed(handle)
        ended = read_exit(folder, name)
        if ended and ended.final and ended.code is not None:
            return _judged(None, ended)  # whether Slurm can be asked or not
        job = self._queue.seen(name, number)
        # It may have ended while Slurm was asked.
        return _judged(job, read_exit(folder, name))

    def cancel(self, handle: str) -> None:
        """Kill a job wherever it is: see ``Engine``."""
        folder, name, number = self._parsed(handle)
        ended = read_exit(folder, name)
        try:
            if not (ended and ended.final):
                write_cancelled(folder, name, number)  # first: now its supervisors are in a hurry
        finally:  # on a full disk as well
            job = self._queue.newest(name, number)
            if job and state_of(job.state, job.reason).phase is not Phase.ENDED:
                self._ask("scancel", str(job.number))

    def job(self, handle: str) -> str:
        """Return the number of a job: see ``Engine``."""
        return self._parsed(handle)[2]

    def log(self, handle: str) -> Path:
        """Return the path of a job's log."""
        return self._parsed(handle)[0] / LOG

    def _options(self, launch: Launch) -> list[str]:
        site = self._settings
        gres = site.gres(launch.gpus, launch.gpu_type) if launch.gpus else ""
        values = {
            "job-name": launch.name,
            "chdir": "/",
            "output": os.devnull,  # the script opens the log; here % and \\ have a meaning
            "dependency": "singleton",  # of two jobs of one name, the second finds the work done
            "nodes": str(launch.nodes),
            "ntasks-per-node": "1",
            "cpus-per-task": str(launch.cpus or ""),
            "gpus-per-node": gres,
            "partition": site.partition,
            "account": site.account,
            "qos": site.qos,
            "reservation": site.reservation,
            "constraint": site.constraint,
            "time": site.time,
            "mem": site.memory,
        }
        options = [f"--{name}={value}" for name, value in values.items() if value]
        return [*options, "--requeue" if site.requeue else "--no-requeue", *site.arguments]

    def _script(self, launch: Launch) -> str:
        return _SCRIPT.format(
            name=launch.name,
            log=shlex.quote(str(launch.folder / LOG)),
            prologue="\n".join(self._settings.prologue),
            python=shlex.quote(self._settings.python or sys.executable),
            module=f"{__package__}.slurm_batch",
            folder=shlex.quote(str(launch.folder)),
        )

    def _ask(self, *command: str) -> str:
        program = command[0]
        try:
            done = subprocess.run(  # noqa: S603 - a command of Slurm, without a shell
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_PATIENCE,
                check=False,
                start_new_session=True,  # Ctrl-C is for the server
            )
        except FileNotFoundError as error:
            raise EngineError(
                f"{program} is not installed here: Slurm cannot be reached"
            ) from error
        except OSError as error:
            raise EngineError(f"{program} cannot be started: {error}") from error
        except subprocess.TimeoutExpired as error:
            raise UnreachableError(f"Slurm is unreachable: {program} does not respond") from error
        if done.returncode < 0:
            raise UnreachableError(f"{program} was killed by signal {-done.returncode}")
        if done.returncode:
            raise _refusal(program, done.stderr)
        return done.stdout

    def _handle(self, folder: Path, name: str, number: str) -> str:
        handle = {"engine": self.name, "folder": str(folder), "name": name, "job": number}
        return json.dumps(handle)

    def _parsed(self, handle: str) -> tuple[Path, str, str]:
        try:
            values = json.loads(handle)
            if values["engine"] != self.name:
                raise ValueError  # noqa: TRY301 - as a handle that is none
            return Path(values["folder"]), str(values["name"]), str(values["job"])
        except (ValueError, KeyError, TypeError) as error:
            raise EngineError(f"{handle!r} is not the handle of a Slurm job") from error


def _judged(job: Queued | None, ended: Exit | None) -> State:
    """Join what Slurm says of a job with what it has written itself about its end."""
    state = state_of(job.state, job.reason) if job else None
    if state and state.phase is not Phase.ENDED:
        if ended and ended.final:
            return State(Phase.RUNNING, f"{ended.reason}; its processes are ending")
        return state
    if ended:
        return State(Phase.ENDED, ended.reason, ended.code, resumable=not ended.final)
    if state is None:
        state = State(
            Phase.ENDED,
            "Slurm has no record of the job, and the job left no exit status",
            resumable=True,
        )
    return replace(state, unwritten=not state.hopeless)


def _refusal(program: str, said: str) -> EngineError:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    words = lines[-1] if lines else "it printed no error"
    for prefix in (f"{program}: error: ", "slurm_load_jobs error: "):
        words = words.removeprefix(prefix)
    heard = said.casefold()
    if any(each in heard for each in _NO_ANSWER):
        return UnreachableError(f"Slurm is unreachable: {words}")
    if limit := _LIMIT.search(said):
        return AtLimitError(f"Slurm accepts no more jobs at the moment ({limit[0]})")
    if _UNKNOWN_JOB in heard:
        return UnknownJobError(f"Slurm rejects the job: {words}")
    return EngineError(f"Slurm rejects the job: {words}")
