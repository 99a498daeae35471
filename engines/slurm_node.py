"""The program that runs the processes of a job on one node of Slurm; srun starts it on each."""

import os
import sys
from pathlib import Path

from .folder import read_exit, read_launch
from .processes import kill_marked, mark
from .ranks import Place, run
from .slurm_meeting import Meeting


def main(folder: Path) -> None:
    """Run the processes of this node for an attempt.

    How they failed is in the meeting, so that srun sees a failure only if this program is killed.
    """
    meeting = Meeting(folder)
    launch = read_launch(meeting.job)
    node = int(os.environ["SLURM_NODEID"])
    place = Place(
        node,
        mark(launch.name, os.environ["SLURMD_NODENAME"]),
        os.environ.get("MASTER_ADDR") or os.environ["SLURM_LAUNCH_NODE_IPADDR"],
        int(os.environ["MASTER_PORT"]),
    )
    kill_marked(place.mark)  # left behind by an earlier attempt on this node
    meeting.arrive(node)

    def pointless() -> bool:
        cancelled = read_exit(launch.folder, launch.name)
        return cancelled is not None or meeting.failure() is not None

    outcome = run(launch, place, pointless)
    if outcome.code:
        meeting.fail(outcome.code)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
