"""A Python for nodes of a job whose ranks are forked: importing torch anew takes each ten seconds.

The node's program runs as it is, and starts what it takes for a Python.
"""

import os
import signal
import sys
from pathlib import Path

from training_jobs import forks

from sftc.jobfolder import JobFolder

_RANK = """#!/bin/sh
test "$1 $2 $3" = "-P -m sftc.training" || exit 64
shift 3
exec {python} {script} {name} "$@"
"""
_NODE = """#!/bin/sh
test "$1 $2 $3" = "-P -m sftc.training.nodes" || exit 64
shift 3
exec {python} -P -c "
import runpy, sys
sys.executable = {rank!r}
runpy.run_module('sftc.training.nodes', run_name='__main__', alter_sys=True)" "$@"
"""


def python_of_nodes(folder: Path) -> Path:
    """Write a Python for nodes into a folder, and return its path."""
    script = Path(__file__).with_name("forked_trainer.py")
    rank, node = folder / "python-of-ranks", folder / "python"
    rank.write_text(_RANK.format(python=sys.executable, script=script, name=forks()))
    node.write_text(_NODE.format(python=sys.executable, rank=str(rank)))
    for path in (rank, node):
        path.chmod(0o755)
    return node


def hang(folder: JobFolder) -> None:
    """Let the only trainer of a folder hang, as a machine does before it is lost."""
    (found,) = filter(lambda process: _is_trainer(process, folder), Path("/proc").iterdir())
    os.kill(int(found.name), signal.SIGSTOP)


def _is_trainer(process: Path, folder: JobFolder) -> bool:
    try:
        is_forked = b"trainer_forks.py" in (process / "cmdline").read_bytes()
        return is_forked and (process / "cwd").readlink() == folder.root
    except OSError:  # no process, or one that has ended
        return False
