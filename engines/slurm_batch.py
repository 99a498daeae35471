"""The program that supervises a job on Slurm: it runs on the first of its nodes, in its script.

It takes the folder, starts ``slurm_node`` on each node by srun, again after a crash, and writes
how the job ended. If a node could not even start its processes, the job goes back to the queue.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from . import INTERRUPTED, Launch
from .attempts import train
from .folder import BusyError, forget_exit, locked, read_exit, read_launch
from .log import say
from .ranks import Outcome, wait
from .slurm_meeting import Meeting

_PATIENCE: Final = 300.0
"""Seconds for the lock of a node that died to be released by a network file system."""

_MOST_RETURNS: Final = 3
"""How often: each time takes two minutes, and the cause may be none that passes."""

_BUSY: Final = 3
_PORTS: Final = range(20_000, 32_000)
"""Ports that no system gives away by itself."""


def main(folder: Path) -> int:
    """Supervise the job of a folder in this allocation; return the batch job's exit code."""
    number = os.environ["SLURM_JOB_ID"]
    returned = int(os.environ.get("SLURM_RESTART_COUNT", "0"))
    launch = read_launch(folder)
    say(f"Slurm job {number} on {os.environ['SLURM_JOB_NODELIST']}, start {returned + 1}")
    try:
        with locked(folder, _PATIENCE):
            ended = read_exit(folder, launch.name)
            if ended and ended.final:
                return ended.code or 0
            if ended:  # otherwise it may be cancelled by now
                forget_exit(folder)
            return train(launch, number, lambda attempt: _once(launch, returned, attempt))
    except BusyError:
        say("another supervisor uses this job's folder")
        return _BUSY


def _once(launch: Launch, returned: int, attempt: int) -> Outcome:
    number = int(os.environ["SLURM_JOB_ID"])
    meeting = Meeting.prepare(launch.folder, f"{number}.{returned}.{attempt}")
    port = _PORTS[(number * 7 + returned * 31 + attempt) % len(_PORTS)]
    # Since 22.05 srun does not take the CPUs of a task from sbatch.
    cpus = [f"--cpus-per-task={launch.cpus}"] if launch.cpus else []
    srun = [
        "srun",
        "--kill-on-bad-exit=1",
        f"--ntasks={launch.nodes}",
        "--ntasks-per-node=1",
        *cpus,
    ]
    program = [os.environ["SFTC_PYTHON"], "-P", "-m", f"{__package__}.slurm_node"]
    outcome = wait(
        [([*srun, *program, str(meeting.folder)], {"MASTER_PORT": str(port)})],
        launch,
        lambda: False,  # the nodes know, and srun ends with them
    )
    failure = meeting.failure()
    if outcome.interrupted or failure is not None:
        return Outcome(outcome.code if failure is None else failure, outcome.interrupted)
    if outcome.code and meeting.present() < launch.nodes and returned < _MOST_RETURNS:
        _go_back()
    return outcome


def _go_back() -> None:
    """Give the nodes back to Slurm, which may know of better ones, and end with this job."""
    say("not all nodes could start their processes; the job is requeued")
    command = ["scontrol", "requeue", os.environ["SLURM_JOB_ID"]]
    done = subprocess.run(command, check=False)  # noqa: S603 - a command of Slurm
    if done.returncode == 0:
        sys.exit(INTERRUPTED)  # unless Slurm is quicker


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
