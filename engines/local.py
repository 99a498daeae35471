"""Runs jobs as processes on this machine, which outlive the server and are found again."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from . import AtLimitError, EngineError, Launch, Phase, State, UnreachableError, failed
from .environment import inherited
from .folder import LOG, is_launched, read_exit, read_supervisor, write_cancelled, write_launch
from .gpus import AGAIN, Line
from .log import read
from .processes import MARK, Identity, is_marked, kill_marked, mark, supervisor_mark
from .supervisor import BUSY, FULL, LATER

_PATIENCE: Final = 120.0
"""Seconds until a supervisor has taken over: an import of Python, on a machine that is busy."""


class Local:
    """Runs each job under a supervisor of its own, in a session of its own."""

    name = "local"

    def __init__(
        self, environment: Mapping[str, str] | None = None, gpus: Sequence[str] = ()
    ) -> None:
        """Run jobs on this machine.

        Args:
            environment: that of which trainers inherit a part; by default, the server's.
            gpus: those that jobs get, by their names for ``CUDA_VISIBLE_DEVICES``.

        Raises:
            EngineError: this system has no /proc as Linux has it.

        """
        if not Path("/proc/self/environ").exists() or not hasattr(os, "pidfd_open"):
            raise EngineError("training on this machine needs Linux with /proc")
        self._environment = inherited(os.environ if environment is None else environment)
        self._gpus, self._line = gpus, Line()

    def submit(self, launch: Launch) -> str:
        """Start a job under a supervisor, if it does not run and has not ended: see ``Engine``."""
        if launch.nodes > 1:
            raise EngineError(f"this machine is one node, but the job needs {launch.nodes}")
        if launch.gpus > len(self._gpus):
            raise EngineError(f"this machine has {len(self._gpus)} GPUs, not {launch.gpus}")
        ended = read_exit(launch.folder, launch.name)
        if ended is None or not ended.final:
            self._start_in_turn(launch)
        return self._handle(launch.folder, launch.name)

    def _start_in_turn(self, launch: Launch) -> None:
        running = read_supervisor(launch.folder)
        if running and _identity(running).alive():
            _claim(running, launch)
            return
        if launch.gpus and (before := self._line.before(launch.name)):
            jobs = "1 job" if before == 1 else f"{before} jobs"
            raise AtLimitError(f"{jobs} before it wait{'s' * (before == 1)} for GPUs", AGAIN)
        try:
            self._start(launch)
        except AtLimitError:
            raise  # and keeps its place
        except EngineError:
            self._line.leave(launch.name)
            raise
        self._line.leave(launch.name)

    def _start(self, launch: Launch) -> None:
        try:
            write_launch(launch)
            program = [sys.executable, "-P", "-m", f"{__package__}.supervisor"]
            with (launch.folder / LOG).open("ab") as log:
                where = log.tell()
                code = subprocess.run(  # noqa: S603 - our own program
                    [*program, launch.folder, ",".join(self._gpus)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env={**self._environment, MARK: supervisor_mark(launch.name)},
                    cwd=launch.folder,
                    timeout=_PATIENCE,
                    check=False,
                    start_new_session=True,  # Ctrl-C is for the server
                ).returncode
        except OSError as error:
            raise failed("the job cannot be started", error) from error
        except subprocess.TimeoutExpired as error:
            raise UnreachableError("the job's supervisor has not responded yet") from error
        if code < 0:
            raise UnreachableError(f"the job's supervisor was killed by signal {-code}")
        if code == FULL:
            some = "its GPU is" if launch.gpus == 1 else f"its {launch.gpus} GPUs are"
            raise AtLimitError(f"{some} not free yet", AGAIN)
        if code == BUSY:
            self._join(launch)
        elif code:
            said = read(launch.folder / LOG, where).text.strip().splitlines()
            kind = UnreachableError if code == LATER else EngineError
            raise kind(f"the job's supervisor ended: {said[-1] if said else code}")

    def _join(self, launch: Launch) -> None:
        """Accept the supervisor that was quicker, if it is of the same job."""
        running = read_supervisor(launch.folder)
        if running is None or not _identity(running).alive():
            raise UnreachableError("another supervisor is about to take this job's folder")
        _claim(running, launch)

    def find(self, folder: Path, name: str) -> str | None:
        """Return the handle of a job that may have been submitted: see ``Engine``."""
        return self._handle(folder, name) if is_launched(folder, name) else None

    def state(self, handle: str) -> State:
        """Return what is known about a job: see ``Engine``."""
        known, folder = _parsed(handle)
        if _is_supervised(folder, known["name"]):
            return State(Phase.RUNNING, "running")
        ended = read_exit(folder, known["name"])
        if ended is None:
            reason = "its supervisor was killed, or the machine was restarted"
            return State(Phase.ENDED, reason, resumable=True)
        return State(Phase.ENDED, ended.reason, ended.code, resumable=not ended.final)

    def cancel(self, handle: str) -> None:
        """Kill a job's supervisor and all its processes: see ``Engine``."""
        known, folder = _parsed(handle)
        name = known["name"]
        self._line.leave(name)
        try:
            _store_cancelled(folder, name)  # first: now nobody starts it again
        except OSError as error:  # on a full disk, try again; else killing has to do
            problem = failed("the cancellation cannot be stored", error)
            if isinstance(problem, UnreachableError):
                raise problem from error
        finally:
            kill_marked(supervisor_mark(name))
            kill_marked(mark(name, ""))

    def job(self, handle: str) -> str:
        """Return the process group of a job: see ``Engine``."""
        pid = json.loads(handle).get("pid")
        return str(pid) if isinstance(pid, int) else ""

    def log(self, handle: str) -> Path:
        """Return the path of a job's log."""
        return _parsed(handle)[1] / LOG

    def _handle(self, folder: Path, name: str) -> str:
        known = read_supervisor(folder) or {"name": name}
        return json.dumps({"engine": self.name, "folder": str(folder)} | known | {"name": name})


def _claim(running: Mapping[str, Any], launch: Launch) -> None:
    if running["name"] != launch.name:
        raise EngineError(f"the job {running['name']} already runs in {launch.folder}")


def _is_supervised(folder: Path, name: str) -> bool:
    """Whether a job's supervisor is at work, by its file, or without one by its mark."""
    running = read_supervisor(folder)
    if running is None:
        return is_marked(supervisor_mark(name))
    return running["name"] == name and _identity(running).alive()


def _store_cancelled(folder: Path, name: str) -> None:
    try:
        running, ended = read_supervisor(folder), read_exit(folder, name)
        launched = is_launched(folder, name)
    except UnreachableError:  # whatever is there, it is overwritten
        running, ended, launched = None, None, True
    if running and running["name"] != name:
        return
    alive = running is not None and _identity(running).alive()
    # A supervisor that is only about to take the folder ends when it reads this.
    if alive or ((running or launched) and not (ended and ended.final)):
        write_cancelled(folder, name)


def _identity(values: Mapping[str, Any]) -> Identity:
    return Identity(values["pid"], values["start"], values["boot"])


def _parsed(handle: str) -> tuple[dict[str, Any], Path]:
    try:
        values = json.loads(handle)
        if values["engine"] != Local.name:
            raise ValueError  # noqa: TRY301 - as a handle that is none
        return {"name": str(values["name"])}, Path(values["folder"])
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{handle!r} is not the handle of a job on this machine") from error
